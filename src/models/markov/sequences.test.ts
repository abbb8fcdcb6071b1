import { describe, expect, it } from "vitest";
import { HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import { chiSquare } from "../../probability/univariate/index.ts";
import { key } from "../../random/index.ts";
import { referenceRuntime } from "../../runtime/index.ts";
import { bind } from "../bound.ts";
import type { AnyModel, Capabilities, ClosedForm, ModelEntry, Params } from "../contract.ts";
import { hmmEntry } from "./hmm.ts";
import { markovChainEntry } from "./markov-chain.ts";

type Model = AnyModel & Pick<Capabilities, "sample" | "logProb" | "complete" | "chain" | "surprise">;

const NAN = Number.NaN;
const runtime = referenceRuntime();
const T = 4;
const letters: DataSpec = {
  shape: [T, 1],
  values: "sequences",
  columns: [{ name: "letter", kind: "categorical", levels: ["a", "b", "c"] }],
};
const mixed: DataSpec = {
  shape: [T, 3],
  values: "sequences",
  columns: [
    { name: "x", kind: "real" },
    { name: "kind", kind: "ordinal", levels: ["low", "high"] },
    { name: "n", kind: "count" },
  ],
};

/** Sequences padded with NaN. */
const padded = (data: DataSpec, list: readonly (readonly number[])[], length = T) => {
  const size = length * data.shape[1]!;
  const x = new HostArray(
    "float64",
    [list.length, length, data.shape[1]!],
    new Float64Array(list.length * size).fill(NAN),
  );
  list.forEach((own, n) => {
    x.data.set(own, n * size);
  });
  return x;
};

const some = [[0, 1, 1], [0, 0, 1, 2], [2, 2], [0], [1, NAN, 2, 0], [0, 1, 2, 2], [2, 0, 0, 1], [1, 1, 2]];
const rows = Array.from({ length: 30 }, (_, n) =>
  Array.from({ length: 1 + (n % T) }, (__, t) => {
    const state = ((n * n + t) >> 1) % 2;
    return [Math.sin(9 * n + 5 * t) + 4 * state, n % 7 === 0 ? NAN : state, ((n * 3 + t) % 3) + 3 * state];
  }).flat(),
);

async function fitted(model: AnyModel, x: HostArray<"float64">, rounds: number) {
  const learning = model.learning as ClosedForm;
  let params: Params = learning.start ? await learning.start(runtime, x, key(1)) : model.init(key(1));
  const shapes = (of: Params) => Object.entries(of as Record<string, HostArray>).map(([n, a]) => [n, a.dtype, a.shape]);
  expect(shapes(model.init(key(2))).sort()).toEqual(shapes(params).sort());
  const nats: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const sums = learning.zeros();
    await learning.add(sums, bind(runtime, params), x);
    if (sums.nats) nats.push(sums.nats[0]!);
    params = learning.solve(sums, x.shape[0]!);
  }
  return { on: bind(runtime, params), nats };
}

/** All sequences of letters of a length. */
const every = (length: number) =>
  Array.from({ length: 3 ** length }, (_, c) => Array.from({ length }, (__, t) => Math.floor(c / 3 ** t) % 3));

const chains: [string, ModelEntry, Record<string, unknown>][] = [
  ...[0, 1, 2].map((order): [string, ModelEntry, Record<string, unknown>] => [
    `chain of order ${order}`,
    markovChainEntry,
    { order, smoothing: 2 },
  ]),
  ["hmm", hmmEntry, { states: 2 }],
];

describe.each(chains)("%s over sequences of unequal lengths", async (_, entry, options) => {
  const model = entry.make(options, letters) as Model;
  const { on } = await fitted(model, padded(letters, some), 3);
  const nats = async (list: readonly (readonly number[])[]) =>
    (await model.logProb(on, padded(letters, list, Math.max(T, ...list.map(({ length }) => length))), { key: key(0) }))
      .nats;
  const total = (logs: Float64Array) => logs.reduce((sum, log) => sum + Math.exp(log), 0);

  it("gives probabilities that sum to one for every length, and sums gaps out", async () => {
    for (const length of [1, 2, 4]) expect(total(await nats(every(length)))).toBeCloseTo(1, 12);
    const [gap] = await nats([[0, NAN, NAN, 1]]);
    const filled = every(2).map(([a, b]) => [0, a!, b!, 1]);
    expect(Math.exp(gap!)).toBeCloseTo(total(await nats(filled)), 12);
    const [one] = await nats([[0, 1]]);
    expect((await nats([[0, 1, NAN, NAN]]))[0]).toBeCloseTo(one!, 12);
  });

  it("is surprised step by step as its conditionals say; gaps say nothing, ends neither", async () => {
    const x = padded(letters, [[0, NAN, 2, 0, 1], [1], [2, 1, NAN, NAN, 1]], 5);
    const { nats: each } = await model.surprise(on, x as HostArray as HostArray<"float32">, {});
    expect(each.shape).toEqual(x.shape);
    expect(Array.from(each.data, Number.isNaN)).toEqual(Array.from(x.data, Number.isNaN));
    const whole = await nats([[0, NAN, 2, 0, 1], [1], [2, 1, NAN, NAN, 1]]);
    const prefix = await nats([[0, NAN, 2, 0], [2], [2, 1, NAN]]);
    whole.forEach((log, n) => {
      const own = each.data.subarray(n * 5, (n + 1) * 5).filter((value) => !Number.isNaN(value));
      expect(own.reduce((a, b) => a + b, 0)).toBeCloseTo(-log, 5);
    });
    expect(each.data[4]).toBeCloseTo(prefix[0]! - whole[0]!, 5);
    expect(each.data[14]).toBeCloseTo(prefix[2]! - whole[2]!, 5);
  });

  it("takes sequences longer than those it learnt from", async () => {
    const { nats: long } = await model.logProb(on, padded(letters, [[0, 1, 2, 0, 1, 2, 0]], 7), { key: key(0) });
    expect(long[0]).toBeLessThan((await nats([[0, 1, 2, 0]]))[0]!);
    expect(Number.isFinite(long[0])).toBe(true);
  });

  it("completes by the exact conditional, and leaves what lies beyond an end (false alarm 1e-6)", async () => {
    const draws = 3000;
    const x = padded(letters, new Array<number[]>(draws).fill([0, NAN, 1]));
    const observed = new HostArray(
      "float32",
      x.shape,
      Float32Array.from(x.data, (_, i) => Number(i % T !== 1)),
    );
    const done = (await model.complete(on, x, observed, { key: key(3) })).data;
    const counts = [0, 0, 0];
    for (let n = 0; n < draws; n++) {
      counts[done[n * T + 1]!]!++;
      expect([done[n * T], done[n * T + 2], done[n * T + 3]]).toEqual([0, 1, NAN]);
    }
    const logs = await nats([0, 1, 2].map((v) => [0, v, 1]));
    const expected = Array.from(logs, (log) => (Math.exp(log) / total(logs)) * draws);
    const statistic = expected.reduce((sum, e, v) => sum + (counts[v]! - e) ** 2 / e, 0);
    expect(chiSquare({ freedom: 2 }).survival(statistic)).toBeGreaterThan(1e-6);
  });

  it("draws lengths as those of the data and letters from the model (false alarm 1e-6), the same however many", async () => {
    const draws = 4000;
    const { data: all } = await model.sample(on, { count: draws, key: key(5) });
    const { data: few } = await model.sample(on, { count: 3, key: key(5) });
    expect(all.slice(0, few.length)).toEqual(few);
    const lengths = [0, 0, 0, 0];
    const two = new Map<string, number>();
    for (let n = 0; n < draws; n++) {
      const own = Array.from(all.subarray(n * T, (n + 1) * T)).filter((v) => !Number.isNaN(v));
      lengths[own.length - 1]!++;
      if (own.length === 2) two.set(own.join(), (two.get(own.join()) ?? 0) + 1);
    }
    const shares = [1, 1, 2, 4].map((n) => (n / 8) * draws);
    const first = shares.reduce((sum, e, i) => sum + (lengths[i]! - e) ** 2 / e, 0);
    expect(chiSquare({ freedom: 3 }).survival(first)).toBeGreaterThan(1e-6);
    const pairs = every(2);
    const logs = await nats(pairs);
    const second = pairs.reduce((sum, pair, i) => {
      const e = Math.exp(logs[i]!) * lengths[1]!;
      return sum + ((two.get(pair.join()) ?? 0) - e) ** 2 / e;
    }, 0);
    expect(chiSquare({ freedom: 8 }).survival(second)).toBeGreaterThan(1e-6);
  });
});

it("a chain's laws are posterior means: of first steps by themselves, of others around the shorter context", async () => {
  const model = markovChainEntry.make({ order: 1, smoothing: 2 }, letters) as Model;
  const { on } = await fitted(
    model,
    padded(letters, [
      [0, 1, 1],
      [0, NAN, 2],
      [2, 2],
    ]),
    1,
  );
  const { initial, transition, states } = model.chain(on);
  const single = [1, 1, 1].map((_, v) => ([2, 2, 3][v]! + 2 / 3) / (7 + 2)); // 0 1 1, 0 2, 2 2
  const firsts = single.map((p, v) => ([2, 0, 1][v]! + 2 * p) / (3 + 2));
  const after1 = single.map((p, v) => ([0, 1, 0][v]! + 2 * p) / (1 + 2));
  expect(states).toEqual(["a", "b", "c"]);
  firsts.forEach((p, v) => {
    expect(initial[v]).toBeCloseTo(p, 12);
    expect(transition[3 + v]).toBeCloseTo(after1[v]!, 12);
  });
});

it("an hmm of mixed columns gains in every round, tells states, and says what they show", async () => {
  const model = hmmEntry.make({ states: 2, smoothing: 0 }, mixed) as Model & Pick<Capabilities, "states" | "encode">;
  const x = padded(mixed, rows);
  const { on, nats } = await fitted(model, x, 8);
  for (let i = 1; i < nats.length; i++) expect(nats[i]! - nats[i - 1]!).toBeGreaterThan(-1e-2); // its prior on covariances
  const { path, posterior, nats: best, count } = await model.states(on, x);
  const { nats: each } = await model.surprise(on, x as HostArray as HostArray<"float32">, {});
  const { nats: all } = await model.logProb(on, x, { key: key(0) });
  expect([count, path.shape, posterior.shape]).toEqual([2, [30, T], [30, T, 2]]);
  for (let n = 0; n < 30; n++) expect(best[n]!).toBeLessThanOrEqual(all[n]! + 1e-9);
  all.forEach((log, n) => {
    const own = each.data.subarray(n * 3 * T, (n + 1) * 3 * T).filter((value) => !Number.isNaN(value));
    expect(own.reduce((a, b) => a + b, 0)).toBeCloseTo(-log, 4);
  });
  expect(Array.from(each.data, Number.isNaN)).toEqual(Array.from(x.data, Number.isNaN));
  expect(path.data[1]).toBeNaN(); // the first sequence has one step
  expect(posterior.data[0]! + posterior.data[1]!).toBeCloseTo(1, 12);
  const shown = model.chain(on).shown!;
  expect(Object.keys(shown[0]!)).toEqual([
    ...["mean of x", "deviation of x", "mean of n", "p(kind = low)", "p(kind = high)"],
  ]);
  const high = shown.findIndex((state) => state["mean of x"]! > 2);
  expect(shown[high]!["p(kind = high)"]).toBeGreaterThan(0.9);
  expect(shown[high]!["mean of n"]!).toBeGreaterThan(shown[1 - high]!["mean of n"]!);
});

it("says which sequences it cannot model", () => {
  expect(() => markovChainEntry.make({}, mixed)).toThrow(/one column, and these have x, kind, n/);
  expect(() => hmmEntry.make({ step: 2 }, mixed)).toThrow(/leave the step at 1/);
});
