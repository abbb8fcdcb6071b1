import { describe, expect, it } from "vitest";
import { tinyDataset } from "../../tests/support/tiny.ts";
import type { HostArray } from "../base/host.ts";
import { bind } from "../models/bound.ts";
import type { AnyModel, Capabilities, LogProbOptions } from "../models/contract.ts";
import { vae } from "../models/vae/vae.ts";
import { key } from "../random/index.ts";
import { referenceRuntime } from "../runtime/index.ts";
import type { TrainingData } from "../training/index.ts";
import { evaluateLikelihood, labelsOf, meanAndError } from "./likelihood.ts";

type Rated = AnyModel & Pick<Capabilities, "logProb">;
interface Call {
  readonly rows: number;
  readonly options: LogProbOptions;
  readonly nats: Float64Array;
}

/** A model whose log p(x) is −Σ x − 1, and a record of how it was asked. */
function additive(data: TrainingData, conditional = false): { model: Rated; calls: Call[] } {
  const calls: Call[] = [];
  const logProb = async (_: unknown, x: HostArray<"float32">, options: LogProbOptions) => {
    const size = x.size / x.shape[0]!;
    const nats = Float64Array.from({ length: x.shape[0]! }, (_, i) =>
      x.data.subarray(i * size, (i + 1) * size).reduce((sum, value) => sum - value, -1),
    );
    calls.push({ rows: x.shape[0]!, options, nats });
    options.progress?.(1);
    return { kind: "estimate" as const, via: "by hand", nats };
  };
  const base = vae({ latent: 1, hidden: [2] }, data.dataset.spec);
  return { model: { ...base, conditional, logProb }, calls };
}

const on = bind(referenceRuntime(), {});
const dataOf = (options: Parameters<typeof tinyDataset>[0]): TrainingData => ({
  dataset: tinyDataset(options),
  encoding: {},
});

describe("a likelihood figure", () => {
  const data = dataOf({ counts: [8, 8, 2500], classes: ["a", "b", "c"] });

  it("is the mean and the standard error over examples, with everything that must travel with it", async () => {
    const { model, calls } = additive(data, true);
    const told: number[] = [];
    const figure = await evaluateLikelihood(model, on, data, {
      split: "test",
      key: key(0),
      progress: (f) => told.push(f),
      importance: 9,
    });
    const x = Array.from(data.dataset.splits.test.x);
    const nll = Array.from({ length: 2500 }, (_, i) => 1 + x.slice(4 * i, 4 * i + 4).reduce((a, b) => a + b, 0));
    const mean = nll.reduce((a, b) => a + b) / 2500;
    const variance = nll.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2499;
    expect(figure.nats).toBeCloseTo(mean, 10);
    expect(figure.stderr).toBeCloseTo(Math.sqrt(variance / 2500), 10);
    expect(figure.bitsPerDim).toBeCloseTo(mean / (4 * Math.LN2), 10);
    expect(figure).toMatchObject({
      kind: "estimate",
      via: "by hand",
      split: "test",
      count: 2500,
      dimensions: 4,
      protocol: "made up for a test",
    });
    expect(calls.map(({ rows }) => rows)).toEqual([2000, 500]);
    expect(calls[1]!.options.labels).toEqual(data.dataset.splits.test.labels!.subarray(2000));
    expect(calls.map(({ options }) => options.importance)).toEqual([9, 9]);
    expect(calls[0]!.options.key).not.toEqual(calls[1]!.options.key);
    expect(told).toEqual([0.8, 1]);
  });

  it("has bits per dimension where it is a code length, and only there", async () => {
    for (const [values, has] of [
      ["binary", true],
      ["bytes", true],
      ["real", false],
    ] as const) {
      const given = dataOf({ values });
      const figure = await evaluateLikelihood(additive(given).model, on, given, { split: "valid", key: key(0) });
      expect("bitsPerDim" in figure).toBe(has);
      expect(figure.count).toBe(13);
    }
  });

  it("is made of the first examples alone where a limit is set", async () => {
    const { model, calls } = additive(data);
    const figure = await evaluateLikelihood(model, on, data, { split: "test", key: key(0), limit: 2100 });
    expect([figure.count, ...calls.map(({ rows }) => rows)]).toEqual([2100, 2000, 100]);
    expect(calls[0]!.options).not.toHaveProperty("labels");
    const all = await evaluateLikelihood(model, on, data, { split: "valid", key: key(0), limit: 1e9 });
    expect(all.count).toBe(8);
  });

  it("of an example does not change with the number of examples beside it", async () => {
    const real = vae({ latent: 2, hidden: [3] }, data.dataset.spec);
    const params = real.init(key(1));
    const rated = async (limit: number, importance: number) => {
      const found: number[] = [];
      const model: Rated = {
        ...real,
        logProb: async (...args) => {
          const result = await real.logProb(...args);
          found.push(...result.nats);
          return result;
        },
      };
      await evaluateLikelihood(model, bind(referenceRuntime(), params), data, {
        split: "test",
        key: key(2),
        limit,
        importance,
      });
      return found;
    };
    for (const importance of [1, 3]) {
      const all = await rated(2500, importance);
      expect(await rated(7, importance)).toEqual(all.slice(0, 7));
      expect(await rated(2003, importance)).toEqual(all.slice(0, 2003));
      expect(new Set(all).size).toBeGreaterThan(2400);
    }
  });

  it("follows the key in what is random about the data", async () => {
    const dynamic: TrainingData = { dataset: tinyDataset({ values: "bytes" }), encoding: { binarize: "dynamic" } };
    const { model } = additive(dataOf({}));
    const at = async (seed: number) =>
      (await evaluateLikelihood(model, on, dynamic, { split: "test", key: key(seed) })).nats;
    expect(await at(1)).toBe(await at(1));
    expect(new Set([await at(1), await at(2), await at(3), await at(4)]).size).toBeGreaterThan(1);
  });

  it("takes labels only for a model that uses them", () => {
    expect(labelsOf(additive(data).model, data, "test", 0, 5)).toBeUndefined();
    expect(labelsOf(additive(data, true).model, data, "test", 3, 6)).toEqual(Uint8Array.of(0, 1, 2));
  });
});

describe("mean and standard error", () => {
  it("keep their digits far from zero", () => {
    const { mean, stderr } = meanAndError([1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 6]);
    expect(mean - 1e9).toBeCloseTo(3, 6);
    expect(stderr).toBeCloseTo(Math.sqrt(14 / 3 / 4), 6);
  });

  it("have no error to show for a single number", () => {
    expect(meanAndError([5])).toEqual({ mean: 5, stderr: Number.NaN });
  });
});
