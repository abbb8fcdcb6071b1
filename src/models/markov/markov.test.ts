import { describe, expect, it } from "vitest";
import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import { chiSquare } from "../../probability/univariate/index.ts";
import { key } from "../../random/index.ts";
import { referenceRuntime } from "../../runtime/index.ts";
import { type Bound, bind } from "../bound.ts";
import type { AnyModel, Capabilities, ClosedForm, ModelEntry, Params } from "../contract.ts";
import { hmmEntry } from "./hmm.ts";
import { markovChainEntry } from "./markov-chain.ts";

type Model = AnyModel & Pick<Capabilities, "sample" | "logProb" | "complete" | "surprise">;

const runtime = referenceRuntime();
const image: DataSpec = { shape: [1, 2, 3], values: "binary" };
const lines: DataSpec = { shape: [5], values: "tokens", vocabulary: 3, boundary: 0 };
const windows: DataSpec = { shape: [5], values: "tokens", vocabulary: 3 };

const rowsOf = (list: readonly (readonly number[])[], shape: readonly number[]) =>
  new HostArray("float32", [list.length, ...shape], Float32Array.from(list.flat()));

/** Every binary image, every line with its fill, every window that begins with the token 1. */
function every({ values, boundary }: DataSpec): number[][] {
  if (values === "binary") return Array.from({ length: 64 }, (_, c) => [0, 1, 2, 3, 4, 5].map((j) => (c >> j) & 1));
  const all = Array.from({ length: 81 }, (_, c) => [boundary ?? 1, ...[27, 9, 3, 1].map((n) => Math.floor(c / n) % 3)]);
  if (boundary === undefined) return all;
  const filled = (row: number[]) => {
    const end = row.indexOf(boundary, 1);
    return end === -1 || row.slice(end).every((token) => token === boundary);
  };
  return all.filter(filled);
}

/** Some examples with structure: mostly small numbers of `every`. */
const training = (data: DataSpec) => {
  const all = every(data);
  return rowsOf(
    Array.from({ length: 40 }, (_, i) => all[(i * i + 3 * i) % all.length]!),
    data.shape,
  );
};

async function fitted(model: AnyModel, x: HostArray<"float32">, rounds: number) {
  const learning = model.learning as ClosedForm;
  let params: Params = learning.start ? await learning.start(runtime, x, key(1)) : model.init(key(1));
  const nats: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const sums = learning.zeros();
    await learning.add(sums, bind(runtime, params), x);
    if (sums.nats) nats.push(sums.nats[0]!);
    params = learning.solve(sums, x.shape[0]!);
  }
  return { on: bind(runtime, params), nats };
}

const cases: [string, ModelEntry, Record<string, unknown>, DataSpec][] = [
  ["chain of order 2, images", markovChainEntry, { order: 2 }, image],
  ["chain of order 0, images", markovChainEntry, { order: 0 }, image],
  ["chain of order 2, lines", markovChainEntry, { order: 2 }, lines],
  ["chain of order 2, windows", markovChainEntry, { order: 2 }, windows],
  ["hmm, images", hmmEntry, { states: 3 }, image],
  ["hmm, rows of images", hmmEntry, { states: 3, step: 3 }, image],
  ["hmm, lines", hmmEntry, { states: 3 }, lines],
  ["hmm, windows", hmmEntry, { states: 3 }, windows],
];

describe.each(cases)("%s", async (_, entry, config, data) => {
  const model = entry.make(config, data) as Model;
  const { on } = await fitted(model, training(data), 3);
  const all = every(data);
  const nats = (await model.logProb(on, rowsOf(all, data.shape), { key: key(0) })).nats;

  it("gives probabilities that sum to one", () => {
    expect(nats.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 6);
  });

  it("completes as the exact conditional says (false alarm 1e-6)", async () => {
    const [draws, row] = [3000, all[all.length - 2]!];
    const shown = row.map((_, i) => Number(i === 0 || i === 3));
    const agrees = (one: readonly number[]) => one.every((value, i) => !shown[i] || value === row[i]);
    const repeat = (one: readonly number[]) => rowsOf(new Array<number[]>(draws).fill([...one]), data.shape);
    let stated = "";
    const done = await model.complete(on, repeat(row), repeat(shown), {
      key: key(4),
      stated: (how) => {
        stated = how;
      },
    });
    expect(stated).toMatch(/^the exact conditional/);
    const seen = new Map<string, number>();
    for (let n = 0; n < draws; n++) {
      const name = done.data.subarray(n * row.length, (n + 1) * row.length).join();
      seen.set(name, (seen.get(name) ?? 0) + 1);
    }
    const weights = all.map((one, i) => (agrees(one) ? Math.exp(nats[i]!) : 0));
    const total = weights.reduce((a, b) => a + b, 0);
    const counted = all.reduce((sum, one, i) => sum + (weights[i]! > 0 ? (seen.get(one.join()) ?? 0) : 0), 0);
    expect(counted).toBe(draws);
    const large = all.flatMap((one, i) => {
      const expected = (weights[i]! / total) * draws;
      return expected >= 5 ? [((seen.get(one.join()) ?? 0) - expected) ** 2 / expected] : [];
    });
    expect(large.length).toBeGreaterThan(1);
    const statistic = large.reduce((a, b) => a + b, 0);
    expect(chiSquare({ freedom: large.length }).survival(statistic)).toBeGreaterThan(1e-6);
  });

  it("draws from the same distribution (false alarm 1e-6), the same however many", async () => {
    const draws = 3000;
    const { data: values } = await model.sample(on, { count: draws, key: key(6) });
    const few = await model.sample(on, { count: 5, key: key(6) });
    expect(values.slice(0, few.size)).toEqual(few.data);
    if (data.values === "tokens" && data.boundary === undefined) return; // its first token is drawn, not given
    const seen = new Map<string, number>();
    const width = all[0]!.length;
    for (let n = 0; n < draws; n++) {
      const name = values.subarray(n * width, (n + 1) * width).join();
      seen.set(name, (seen.get(name) ?? 0) + 1);
    }
    const cells = all.flatMap((one, i) => {
      const expected = Math.exp(nats[i]!) * draws;
      return expected >= 5 ? [((seen.get(one.join()) ?? 0) - expected) ** 2 / expected] : [];
    });
    const statistic = cells.reduce((a, b) => a + b, 0);
    expect(chiSquare({ freedom: cells.length }).survival(statistic)).toBeGreaterThan(1e-6);
  });

  it("is surprised by values that sum to the likelihood", async () => {
    const { nats: each } = await model.surprise(on, rowsOf(all, data.shape), {});
    const size = all[0]!.length;
    nats.forEach((log, n) => {
      expect(each.data.subarray(n * size, (n + 1) * size).reduce((a, b) => a + b, 0)).toBeCloseTo(-log, 4);
    });
  });

  it("reads a text as its surprise says", async () => {
    if (!model.read) return;
    const row = all[all.length - 2]!;
    const { nats: each } = await model.surprise(on, rowsOf([row], data.shape), {});
    const text = model.read(on, 2);
    for (let t = 1; t < row.length; t++) {
      const { data: logits } = await text.read([[row[t - 1]!], [row[t - 1]!]]);
      expect(Math.exp(logits[0]!) + Math.exp(logits[1]!) + Math.exp(logits[2]!)).toBeCloseTo(1, 5);
      expect(logits[3 + row[t]!]).toBeCloseTo(-each.data[t]!, 5);
      if (row[t] === data.boundary) return;
    }
  });
});

it("a chain's conditionals are Dirichlet means around the shorter context", async () => {
  const model = markovChainEntry.make({ order: 1, smoothing: 3 }, windows) as Model;
  const text = [0, 1, 1, 2, 1, 1, 0, 1, 2];
  const { on } = await fitted(model, rowsOf([text.slice(0, 5), text.slice(4)], [5]), 1);
  const single = (w: number) => (text.slice(1).filter((t) => t === w).length + 3 / 3) / (8 + 3);
  const after = (h: number, w: number) => {
    const pairs = text.slice(1).filter((t, i) => text[i] === h && t === w).length;
    const all = text.slice(0, -1).filter((t) => t === h).length;
    return (pairs + 3 * single(w)) / (all + 3);
  };
  const { data } = await model.read!(on, 1).read([[1]]);
  for (let w = 0; w < 3; w++) expect(Math.exp(data[w]!)).toBeCloseTo(after(1, w), 5);
});

it("rounds of the hmm never lower the likelihood without smoothing; codes are posteriors of every step", async () => {
  const model = hmmEntry.make({ states: 3, smoothing: 0 }, image);
  const { on, nats } = await fitted(model, training(image), 12);
  for (let i = 1; i < nats.length; i++) expect(nats[i]! - nats[i - 1]!).toBeGreaterThan(-1e-4);
  const codes = await model.encode!(on, training(image), { key: key(0) });
  expect(codes.shape).toEqual([40, 18]);
  expect(codes.data[0]! + codes.data[1]! + codes.data[2]!).toBeCloseTo(1, 5);
});

it("real vectors are sequences of normals, with any covariance and any gaps", async () => {
  const data: DataSpec = { shape: [6], values: "real" };
  const x = rowsOf(
    Array.from({ length: 30 }, (_, i) => [0, 1, 2, 3, 4, 5].map((j) => Math.sin(7 * i + j * j) + (i % 2) * 4)),
    [6],
  );
  for (const covariance of ["full", "tied", "diagonal", "spherical"]) {
    const model = hmmEntry.make({ states: 2, step: 2, covariance, smoothing: 0 }, data) as Model;
    const { on, nats } = await fitted(model, x, 6);
    expect(nats.at(-1)! - nats[0]!).toBeGreaterThan(-1e-2); // rounds maximise it with the prior on covariances
    const { nats: each } = await model.logProb(on as Bound, x, { key: key(0) });
    expect(each.every(Number.isFinite)).toBe(true);
  }
});

it("says what does not fit", () => {
  expect(() => hmmEntry.make({ step: 4 }, image)).toThrow(/examples of 6 values are no whole number of steps of 4/);
  expect(() => hmmEntry.make({ step: 2 }, windows)).toThrow(/leave the step at 1/);
  expect(() => hmmEntry.make({}, { shape: [2], values: "table", columns: [] })).toThrow(UsageError);
  expect(() => markovChainEntry.make({}, { shape: [2], values: "real" })).toThrow(
    /models binary data, bytes and tokens/,
  );
});
