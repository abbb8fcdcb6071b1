import { describe, expect, it } from "vitest";
import { float32, full, HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import { key } from "../../random/index.ts";
import { referenceRuntime } from "../../runtime/index.ts";
import { bind } from "../bound.ts";
import type { AnyModel, ClosedForm, LearntTable, Params } from "../contract.ts";
import { stationaryOf } from "./chain-learnt.ts";
import { hmmEntry } from "./hmm.ts";
import { markovChainEntry } from "./markov-chain.ts";

const runtime = referenceRuntime();

async function fitted(model: AnyModel, x: HostArray<"float32" | "float64">): Promise<Params> {
  const learning = model.learning as ClosedForm;
  const sums = learning.zeros();
  await learning.add(sums, bind(runtime, model.init(key(1))), x);
  return learning.solve(sums, x.shape[0]!);
}

const complete = (tables: readonly LearntTable[]) => {
  for (const { head, rows } of tables) for (const row of rows) expect(row.length).toBe(head.length);
};
const numbers = (row: LearntTable["rows"][number]) => row.slice(1) as number[];
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe("a hidden Markov model", () => {
  const columns = [
    { name: "a", kind: "real" as const },
    { name: "b", kind: "real" as const },
  ];
  const real: DataSpec = { shape: [9, 2], values: "sequences", columns };
  const mixed: DataSpec = {
    shape: [9, 4],
    values: "sequences",
    columns: [...columns, { name: "n", kind: "count" }, { name: "c", kind: "ordinal", levels: ["x", "y", "z"] }],
  };

  it.each([
    [real, { states: 3 }, 2 + 6 + 3 * (2 + 3)],
    [real, { states: 3, covariance: "tied" }, 2 + 6 + 3 * 2 + 3],
    [real, { states: 3, covariance: "diagonal" }, 2 + 6 + 3 * 4],
    [real, { states: 3, covariance: "spherical" }, 2 + 6 + 3 * 3],
    [real, { states: 3, topology: "left-right" }, 2 + 3 * (2 + 3)],
    [mixed, { states: 2 }, 1 + 2 + 2 * (2 + 3) + 2 + 2 * 2],
    [{ shape: [1, 4, 4], values: "binary" }, { states: 5, step: 4 }, 4 + 20 + 5 * 4],
  ] as const)("has independent numbers of the chain and of what states show: %j %j", (data, options, expected) => {
    const model = hmmEntry.make(options, data as DataSpec);
    expect(model.freeParameters!(model.init(key(1)))).toBe(expected);
  });

  it("tells its chain, and what states show of columns", () => {
    const model = hmmEntry.make({ states: 2 }, real);
    const array = (shape: number[], ...values: number[]) => new HostArray("float64", shape, Float64Array.from(values));
    const tables = model.learnt!({
      initial: array([2], 0.25, 0.75),
      transition: array([2, 2], 0.9, 0.1, 0.2, 0.8),
      lengths: full("float64", [9], 1),
      "means-0": array([2, 2], 1, 2, 3, 4),
      "covariances-0": array([8], 4, 1, 1, 9, 16, 1, 1, 25),
      "prior-0": array([1], 0),
    });
    complete(tables);
    expect(tables.map(({ rows }) => rows)).toEqual([
      [
        ["first", 0.25, 0.75],
        ["after state 0", 0.9, 0.1],
        ["after state 1", 0.2, 0.8],
      ],
      [
        ["mean of a", 1, 3],
        ["deviation of a", 2, 4],
        ["mean of b", 2, 4],
        ["deviation of b", 3, 5],
      ],
    ]);
  });

  it("tells probabilities of values that are no columns, and nothing where there are too many", () => {
    const binary = hmmEntry.make({ states: 3, step: 2 }, { shape: [1, 4, 2], values: "binary" });
    const tables = binary.learnt!(binary.init(key(1)));
    complete(tables);
    expect(tables[1]!.rows.map(([name]) => name)).toEqual([
      ...["p(value 0 = 0)", "p(value 0 = 1)", "p(value 1 = 0)", "p(value 1 = 1)"],
    ]);
    for (const state of [1, 2, 3]) {
      const [a, b] = tables[1]!.rows.map((row) => row[state] as number);
      expect(a! + b!).toBeCloseTo(1, 12);
    }
    const text = hmmEntry.make({ states: 3 }, { shape: [8], values: "tokens", vocabulary: 300 });
    expect(text.learnt!(text.init(key(1))).map(({ title }) => title)).toEqual(["States"]);
  });
});

describe("a Markov chain", () => {
  const lines = [
    [0, 1, 0, 0, 1, 1, 0, 1],
    [0, 0, 1, 0, 1, 0, 0, 1],
  ];
  const letters: DataSpec = {
    shape: [8, 1],
    values: "sequences",
    columns: [{ name: "c", kind: "categorical", levels: ["a", "b"] }],
  };
  const sequences = new HostArray("float64", [2, 8, 1], Float64Array.from(lines.flat()));
  const windows: DataSpec = { shape: [8], values: "tokens", vocabulary: 2 };

  it("of order 1 tells transitions and the law that they leave as it is", async () => {
    for (const [data, x, free] of [
      [letters, sequences, 3],
      [windows, float32(lines.flat(), [2, 8]), 6],
    ] as const) {
      const model = markovChainEntry.make({ order: 1, smoothing: 2 }, data);
      const params = await fitted(model, x);
      const tables = model.learnt!(params);
      complete(tables);
      expect(tables.map(({ title }) => title)).toEqual(["Transitions", "Stationary law"]);
      const [after0, after1] = tables[0]!.rows.map(numbers) as [number[], number[]];
      for (const row of [after0, after1]) expect(sum(row)).toBeCloseTo(1, 6);
      const [law] = tables[1]!.rows.map(numbers) as [number[]];
      expect(sum(law)).toBeCloseTo(1, 12);
      expect(law[0]! * after0[1]!).toBeCloseTo(law[1]! * after1[0]!, 7);
      expect(model.freeParameters!(params)).toBe(free);
    }
  });

  it("of a higher order tells how many contexts there are, and the most frequent with their shares", async () => {
    const model = markovChainEntry.make({ order: 2, smoothing: 2 }, letters);
    const params = await fitted(model, sequences);
    const [contexts, ...none] = model.learnt!(params);
    complete([contexts!]);
    expect(none).toEqual([]);
    expect(contexts!.rows.map(([name]) => name).sort()).toEqual(["a a", "a b", "b a", "b b"]);
    expect(sum(contexts!.rows.map(([, share]) => share as number))).toBeCloseTo(1, 9);
    expect(contexts!.note).toMatch(/^All 4 contexts/);
    expect(model.freeParameters!(params)).toBe(1 + 2 + 4);
  });

  it("over tokens gives contexts the shares with which they were seen", async () => {
    const model = markovChainEntry.make({ order: 2, smoothing: 4 }, windows);
    const long = Array.from({ length: 4000 }, (_, i) => Number((i * i) % 7 < 3 || i % 11 === 0));
    const rows = Array.from({ length: 500 }, (_, n) => long.slice(n * 7, n * 7 + 8)); // windows share a token
    const params = await fitted(model, float32(rows.flat(), [500, 8]));
    const [contexts] = model.learnt!(params);
    const seen = new Map<string, number>();
    for (let i = 2; i < 3501; i++) {
      const name = `${long[i - 2]} ${long[i - 1]}`;
      seen.set(name, (seen.get(name) ?? 0) + 1);
    }
    expect(contexts!.rows.length).toBe(seen.size);
    for (const [name, share, next, p] of contexts!.rows) {
      expect(share as number).toBeCloseTo(seen.get(name)! / 3499, 2);
      expect(["0", "1"]).toContain(next);
      expect(p as number).toBeGreaterThanOrEqual(0.5);
    }
  });
});

it("the stationary law of contexts is what one more step leaves as it is", () => {
  const u = Float64Array.from({ length: 27 }, (_, i) => 1 + ((i * 7) % 5));
  const next = u.map((v, i) => v / sum([...u.slice(3 * Math.floor(i / 3), 3 * Math.floor(i / 3) + 3)]));
  const law = stationaryOf(next, 3, 2)!;
  const after = new Float64Array(9);
  law.forEach((p, c) => {
    for (let v = 0; v < 3; v++) after[(c * 3 + v) % 9]! += p * next[3 * c + v]!;
  });
  after.forEach((p, c) => {
    expect(p).toBeCloseTo(law[c]!, 10);
  });
});
