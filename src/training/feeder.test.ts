import { describe, expect, it } from "vitest";
import { tinyDataset, tinyTraining } from "../../tests/support/tiny.ts";
import { type HostArray, toNumbers } from "../base/host.ts";
import { mapTree } from "../base/tree.ts";
import { directSource } from "../data/source.ts";
import type { AnyModel, Phase, TrainingConfig } from "../models/contract.ts";
import { vae } from "../models/vae/vae.ts";
import { fold, key } from "../random/index.ts";
import { examples, type TrainingData } from "./feed.ts";
import { Feeder, type FeederOptions } from "./feeder.ts";
import { initialState, machinery } from "./machinery.ts";

const data: TrainingData = {
  dataset: tinyDataset({ values: "bytes", classes: ["a", "b", "c"] }),
  encoding: { binarize: "dynamic" },
};

/** A VAE with two phases of the same loss, so that a feed has two parts. */
function twoPhases(): AnyModel {
  const model = vae(
    { latent: 2, hidden: [3], conditional: true, warmup: 4 },
    { ...data.dataset.spec, values: "binary" },
  );
  if (model.learning.kind !== "gradient") throw new Error("a VAE learns by gradient");
  const [phase] = model.learning.phases as [Phase];
  const noise: Phase["noise"] = (batch) => ({ ...phase.noise(batch), other: { law: "uniform", shape: [batch] } });
  return {
    ...model,
    learning: {
      kind: "gradient",
      phases: [
        { ...phase, noise },
        { ...phase, name: "again", noise },
      ],
    },
  };
}

const config: TrainingConfig = {
  ...tinyTraining,
  ema: 0.9,
  schedule: { name: "step", boundaries: [2], factor: 0.5 },
};
const model = twoPhases();
const options: FeederOptions = {
  model,
  data,
  config,
  parts: machinery(model, config),
  key: key(6),
  cursor: { epoch: 0, position: 0 },
};

interface Part {
  readonly x: number[];
  readonly labels: number[];
  readonly noise: { latent: number[]; other: number[] };
  readonly scalars: { beta: number[] };
  readonly learningRate: number[];
  readonly optimizer: Record<string, number[]>;
}
type Fed = { phases: { elbo: Part; again: Part }; ema: { weight: number[] } };

/** Copies of what the steps at consecutive places are fed, and the cursor after each. */
function feeds(count: number, given: Partial<FeederOptions> = {}) {
  const feeder = new Feeder({ ...options, ...given });
  let cursor = options.cursor;
  return Array.from({ length: count }, (_, step) => {
    const next = feeder.next({ step, cursor });
    cursor = next.cursor;
    return { feed: mapTree<HostArray, number[]>(next.feed, toNumbers) as unknown as Fed, cursor };
  });
}

describe("what a step is fed", () => {
  const fed = feeds(12);

  it("are the next examples in the order of the epoch, with their labels", () => {
    const all = fed.slice(0, 5).flatMap(({ feed }) => feed.phases.elbo.labels);
    expect(all.filter((value) => value === 1)).toHaveLength(40);
    expect(fed[0]!.feed.phases.elbo.x).toHaveLength(8 * 4);
    expect(fed.map(({ cursor }) => cursor.epoch)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2]);
    for (const { feed } of fed) expect(feed.phases.again.x).toEqual(feed.phases.elbo.x);
  });

  it("are the very numbers that encoding the same examples by themselves gives", () => {
    const seen: { indices: Uint32Array; epoch: number }[] = [];
    const source: FeederOptions["source"] = (plan) => {
      const direct = directSource(plan);
      const fill: typeof direct.fill = (out, cursor) => {
        const batch = direct.fill(out, cursor);
        seen.push(batch);
        return batch;
      };
      return { ...direct, fill };
    };
    const again = feeds(7, { source });
    for (const [i, { indices, epoch }] of seen.entries()) {
      const { phases } = again[i]!.feed;
      const { labels } = data.dataset.splits.train;
      expect(phases.elbo.labels).toEqual([...indices].flatMap((j) => [0, 1, 2].map((c) => Number(labels![j] === c))));
      indices.forEach((index, row) => {
        const alone = examples(model, data, "train", [index], { key: fold(options.key, "examples"), epoch });
        expect(phases.elbo.x.slice(4 * row, 4 * row + 4)).toEqual([...alone.x.data]);
      });
    }
  });

  it("has noise of its own for every step, phase and name", () => {
    const draws = fed.flatMap(({ feed }) => [feed.phases.elbo.noise, feed.phases.again.noise]);
    expect(new Set(draws.map(({ latent }) => latent.join())).size).toBe(24);
    expect(new Set(draws.map(({ other }) => other.join())).size).toBe(24);
    expect(draws[0]!.latent).toHaveLength(16);
    expect(draws.every(({ other }) => other.every((u) => u >= 0 && u < 1))).toBe(true);
  });

  it("has the learning rate, the annealed weight and the optimiser's numbers of that step", () => {
    const parts = fed.map(({ feed }) => feed.phases.elbo);
    expect(parts.slice(0, 4).map(({ learningRate }) => learningRate[0])).toEqual(
      [0.01, 0.01, 0.005, 0.005].map(Math.fround),
    );
    expect(parts.slice(0, 5).map(({ scalars }) => scalars.beta[0])).toEqual([0.25, 0.5, 0.75, 1, 1]);
    expect(parts[0]!.optimizer).not.toEqual(parts[1]!.optimizer);
    expect(fed[0]!.feed.ema.weight).toEqual([1]);
    const scaled = new Feeder(options).next({
      step: 0,
      cursor: options.cursor,
      plateau: { scale: 0.1, best: 1, bad: 0, rest: 0 },
    });
    expect((scaled.feed.phases.elbo!.learningRate as HostArray).data[0]).toBeCloseTo(0.001, 8);
  });

  it("is a function of the place alone, in the same buffers", () => {
    const feeder = new Feeder(options);
    const at = (i: number) => feeder.next({ step: i, cursor: i === 0 ? options.cursor : fed[i - 1]!.cursor });
    for (const i of [7, 0, 3]) expect(mapTree<HostArray, number[]>(at(i).feed, toNumbers)).toEqual(fed[i]!.feed);
    expect(at(1).feed.phases.elbo!.x).toBe(at(2).feed.phases.elbo!.x);
    expect(feeds(1, { key: key(7) })[0]!.feed).not.toEqual(fed[0]!.feed);
  });
});

describe("the initial state", () => {
  it("follows from model, configuration and seed", () => {
    expect(initialState(model, config, 1)).toEqual(initialState(model, config, 1));
    expect(initialState(model, config, 1).params).not.toEqual(initialState(model, config, 2).params);
    expect(Object.keys(initialState(model, config, 1).optimizer)).toEqual(["elbo", "again"]);
    expect(initialState(model, tinyTraining, 1)).not.toHaveProperty("ema");
  });
});
