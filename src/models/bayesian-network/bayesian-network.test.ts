import { describe, expect, it } from "vitest";
import { chiSquareScore, SCORE_1_IN_1000 } from "../../../tests/support/statistics.ts";
import { fittedTo, rowsOf, tableData } from "../../../tests/support/tables.ts";
import { bits } from "../../../tests/support/tiny.ts";
import { HostArray } from "../../base/host.ts";
import type { Column } from "../../data/table/types.ts";
import { poisson } from "../../probability/univariate/index.ts";
import { key, normal, uniform } from "../../random/index.ts";
import { referenceRuntime } from "../../runtime/index.ts";
import { bind } from "../bound.ts";
import type { Capabilities, DirectGiven, DirectLearning, DirectStep, GenerativeModel } from "../contract.ts";
import { bayesianNetworkEntry as entry } from "./bayesian-network.ts";
import { learntOfParams, paramsOf } from "./conditionals.ts";

const columns: Column[] = [
  { name: "smoker", kind: "categorical", levels: ["no", "yes"] },
  { name: "pressure", kind: "real" },
  { name: "ill", kind: "categorical", levels: ["no", "yes"] },
];

/** Smoking raises the pressure by 8; above 128 one is ill. */
function rows(count: number) {
  const [u, z] = [uniform(key(1), [count, 2]).data, normal(key(2), [count]).data];
  return rowsOf(
    Array.from({ length: count }, (_, i) => {
      const smoker = Number(u[2 * i]! < 0.4);
      const pressure = 120 + 8 * smoker + 6 * z[i]!;
      return [smoker, pressure, Number(u[2 * i + 1]! < 1 / (1 + Math.exp((128 - pressure) / 2)))];
    }),
  );
}

type Network = GenerativeModel<"sample" | "logProb" | "complete"> & Pick<Capabilities, "classify">;
const x = rows(600);
const use = { key: key(5) };

describe("a network of mixed columns", () => {
  it("has real columns below discrete ones, and rates a gap as the integral over it", async () => {
    const { model, on } = await fittedTo(entry, tableData(columns, x));
    const { parents } = learntOfParams(on.params, columns);
    expect([parents[0], parents[2]].flat()).not.toContain("pressure");
    expect(parents[1]).toContain("smoker");
    const step = 0.25;
    const all = Array.from({ length: 320 }, (_, i) => [1, 90 + step * i, 1]);
    const { nats } = await (model as Network).logProb(on, rowsOf([...all, [1, null, 1]]), use);
    const integral = nats.subarray(0, all.length).reduce((sum, log) => sum + Math.exp(log) * step, 0);
    expect(nats.at(-1)).toBeCloseTo(Math.log(integral), 6);
  });

  it("says what it has learnt in tables and draws it; its parameters are those that may be chosen freely", async () => {
    const options = { structure: "given", arrows: "smoker>pressure,smoker>ill" };
    const { model, on } = await fittedTo(entry, tableData(columns, x), options);
    const [network, regressions, ...rest] = model.learnt!(on.params);
    expect(network!.rows.map(([name, kind, parents]) => [name, kind, parents])).toEqual([
      ["smoker", "categorical", ""],
      ["pressure", "real", "smoker"],
      ["ill", "categorical", "smoker"],
    ]);
    expect(network!.rows.map((row) => row[3])).toEqual([
      expect.stringMatching(/^no 0\.\d+, yes 0\.\d+$/),
      "a normal in each of 2 states of smoker",
      "probabilities in each of 2 states of smoker",
    ]);
    expect(rest).toEqual([]);
    const [no, yes] = regressions!.rows as unknown as [(string | number)[], (string | number)[]];
    expect([no[0], yes[0]]).toEqual(["pressure, smoker = no", "pressure, smoker = yes"]);
    expect([no, yes].map((row) => Math.round(Number(row[1]) / 4) * 4)).toEqual([120, 128]);
    for (const row of [no, yes]) expect(Math.abs(Number(row[2]) - 6)).toBeLessThan(0.8);
    expect(model.freeParameters!(on.params)).toBe(1 + 2 * 2 + 2 * 1);
    expect(model.drawing!(on.params)).toMatch(/<title>smoker → pressure<\/title>/);
  });

  it("says a regression in words, and counts its coefficients", async () => {
    const pair: Column[] = [
      { name: "a", kind: "real" },
      { name: "b", kind: "real" },
    ];
    const z = normal(key(3), [400, 2]).data;
    const both = rowsOf(Array.from({ length: 400 }, (_, i) => [z[2 * i]!, 3 - 2 * z[2 * i]! + 0.1 * z[2 * i + 1]!]));
    const data = tableData(pair, both);
    const { model, on } = await fittedTo(entry, data, { structure: "given", arrows: "a>b" });
    const words = String(model.learnt!(on.params)[0]!.rows[1]![3]);
    const [, intercept, slope, deviation] = /^mean ([\d.]+) − ([\d.]+) × a, deviation ([\d.]+)$/
      .exec(words)!
      .map(Number);
    expect(Math.abs(intercept! - 3)).toBeLessThan(0.03);
    expect(Math.abs(slope! - 2)).toBeLessThan(0.03);
    expect(Math.abs(deviation! - 0.1)).toBeLessThan(0.02);
    expect(model.freeParameters!(on.params)).toBe(2 + 3);
  });

  it("refuses in a sentence what does not go with real columns", () => {
    const make = (options: object) => () =>
      entry.make(entry.options.parse(options), tableData(columns, x).dataset.spec);
    expect(make({ structure: "pc" })).toThrow('structure=pc is for columns with levels alone, and "pressure" is real');
    expect(make({ score: "bdeu" })).toThrow("The score bdeu is for columns with levels alone");
    expect(make({ structure: "given", arrows: "pressure>ill" })).toThrow("takes --set conditionals=neural");
    expect(make({ structure: "given", arrows: "presure>ill" })).toThrow('did you mean "pressure"?');
    expect(make({ structure: "ges", score: "k2" })).toThrow("Equivalent structures differ in K2");
  });
});

describe("a network with neural conditionals", () => {
  it("lets a real column lead to one with levels; whole rows are exact, gaps by weighting, and parameters come back", async () => {
    const options = {
      conditionals: "neural",
      structure: "given",
      arrows: "smoker>pressure,pressure>ill",
      hidden: 6,
      neuralSteps: 150,
    };
    const { model, on } = await fittedTo(entry, tableData(columns, x), { ...options, samples: 500 });
    const network = model as Network;
    const whole = await network.logProb(on, x, use);
    expect([whole.kind, whole.nats.every(Number.isFinite)]).toEqual(["exact", true]);
    const again = bind(on.runtime, paramsOf(learntOfParams(on.params, columns)));
    expect((await network.logProb(again, x, use)).nats).toEqual(whole.nats);
    const { data: logs } = await network.classify(
      on,
      rowsOf([
        [0, 110, null],
        [0, 140, null],
      ] as (number | null)[][]),
      use,
    );
    expect(Math.exp(logs[0]!)).toBeGreaterThan(0.9);
    expect(Math.exp(logs[3]!)).toBeGreaterThan(0.9);
    const gap = rowsOf([[null, 135, 1]]);
    const near = await network.logProb(on, gap, use);
    const parts = (
      await network.logProb(
        on,
        rowsOf([
          [0, 135, 1],
          [1, 135, 1],
        ]),
        use,
      )
    ).nats;
    expect(near.kind).toBe("estimate");
    expect(Math.abs(near.nats[0]! - Math.log(Math.exp(parts[0]!) + Math.exp(parts[1]!)))).toBeLessThan(0.15);
    const shown = new HostArray("float32", [1, 3], Float32Array.of(0, 1, 1));
    const filled = await network.complete(on, gap, shown, use);
    expect(filled.data.slice(1)).toEqual(Float64Array.of(135, 1));
    const drawn = await network.sample(on, { count: 400, key: key(6) });
    const ill = (high: boolean) => {
      const own = Array.from({ length: 400 }, (_, i) => i).filter((i) => drawn.data[3 * i + 1]! > 128 === high);
      return own.reduce((sum, i) => sum + drawn.data[3 * i + 2]!, 0) / own.length;
    };
    expect(ill(true) - ill(false)).toBeGreaterThan(0.4);
  });

  it("of discrete columns become tables, so that gaps are exact", async () => {
    const discrete = [columns[0]!, columns[2]!];
    const two = rowsOf(Array.from({ length: 300 }, (_, i) => [x.data[3 * i]!, x.data[3 * i + 2]!]));
    const options = { conditionals: "neural", structure: "given", arrows: "smoker>ill", hidden: 4, neuralSteps: 60 };
    const { model, on } = await fittedTo(entry, tableData(discrete, two), options);
    const { kind, nats } = await (model as Network).logProb(
      on,
      rowsOf([
        [null, 1],
        [0, 1],
        [1, 1],
      ]),
      use,
    );
    expect(kind).toBe("exact");
    expect(Math.exp(nats[0]!)).toBeCloseTo(Math.exp(nats[1]!) + Math.exp(nats[2]!), 9);
  });
});

const part = (start: number, end: number) =>
  new HostArray("float64", [end - start, 3], x.data.slice(3 * start, 3 * end));

describe("a fit that is stopped on the way", () => {
  it("can be used where it was stopped, and resumed gives the network of one that never was", async () => {
    const data = tableData(columns, x);
    const options = { conditionals: "neural", structure: "given", arrows: "smoker>ill", hidden: 4, neuralSteps: 20 };
    const { model } = await fittedTo(entry, data, options);
    const runtime = referenceRuntime();
    const examples = {
      count: x.shape[0]!,
      stored: false,
      read: async (start: number, end: number) => part(start, end),
    };
    const given = { train: examples, valid: examples, key: key(4), runtime };
    const steps = async (more: Partial<DirectGiven> = {}) => {
      const told: DirectStep[] = [];
      for await (const step of (model.learning as DirectLearning).fit({ ...given, ...more })) told.push(step);
      return told;
    };
    const [first, last] = await steps();
    expect([first!.partial, last!.partial]).toEqual([true, undefined]);
    const { nats } = await (model as Network).logProb(bind(runtime, first!.params), x, use);
    expect(nats.every(Number.isFinite)).toBe(true);
    const again = await steps({ resume: { step: 0, params: first!.params } });
    expect(bits(again.at(-1)!.params)).toEqual(bits(last!.params));
    expect(await steps({ resume: { step: 1, params: last!.params } })).toEqual([]);
  });
});

const counted: Column[] = [
  { name: "ill", kind: "categorical", levels: ["no", "yes"] },
  { name: "ward", kind: "categorical", levels: ["a", "b", "c"] },
  { name: "visits", kind: "count" },
  { name: "calls", kind: "count" },
];

/** Visits hang on illness and ward, calls on illness alone. */
function countedRows(count: number, seed: number) {
  const u = uniform(key(seed), [count, 4]).data;
  return rowsOf(
    Array.from({ length: count }, (_, i) => {
      const [ill, ward] = [Number(u[4 * i]! < 0.4), Math.floor(3 * u[4 * i + 1]!)];
      const draw = (mean: number, at: number) => poisson({ rate: mean }).inverseCdf(u[4 * i + at]!);
      return [ill, ward, draw([1, 2, 4, 3, 8, 6][3 * ill + ward]!, 2), draw(ill ? 2 : 5, 3)];
    }),
  );
}

describe("a network with columns of counts", () => {
  const y = countedRows(800, 11);

  it("finds what they hang on; a gap is the sum over all counts, and rows of nothing else have their exact classes", async () => {
    const { model, on } = await fittedTo(entry, tableData(counted, y, 0));
    const { parents, conditionals } = learntOfParams(on.params, counted);
    expect([parents[2], parents[3]]).toEqual([["ill", "ward"], ["ill"]]);
    expect(conditionals.map(({ kind }) => kind)).toEqual(["table", "table", "counts", "counts"]);
    const network = model as Network;
    for (const known of [
      [1, 2, null, 3],
      [null, 0, null, 6],
      [null, null, null, 2],
    ]) {
      const all = Array.from({ length: 120 }, (_, k) => known.map((value, at) => (at === 2 ? k : value)));
      const { nats, kind } = await network.logProb(on, rowsOf([...all, known]), use);
      expect(kind).toBe("exact");
      const sum = nats.subarray(0, 120).reduce((total, log) => total + Math.exp(log), 0);
      expect(nats.at(-1)).toBeCloseTo(Math.log(sum), 9);
    }
    const each = [0, 1].map((ill) => [ill, null, 5, 2]);
    const { nats } = await network.logProb(on, rowsOf(each), use);
    const { data } = await network.classify(on, rowsOf([[null, null, 5, 2]]), use);
    const total = Math.log(Math.exp(nats[0]!) + Math.exp(nats[1]!));
    expect([...data]).toEqual([expect.closeTo(nats[0]! - total, 10), expect.closeTo(nats[1]! - total, 10)]);
    const again = bind(on.runtime, paramsOf(learntOfParams(on.params, counted)));
    expect((await network.logProb(again, y, use)).nats).toEqual((await network.logProb(on, y, use)).nats);
  });

  it("gives imagined rows to laws as to tables: sampleSize spread over the combinations, of the column's mean", async () => {
    const options = { structure: "given", arrows: "ill>visits", sampleSize: 8, counts: "poisson" };
    const { on } = await fittedTo(entry, tableData(counted, y, 0), options);
    const learnt = learntOfParams(on.params, counted).conditionals[2]!;
    if (learnt.kind !== "counts") throw new Error("visits are no counts");
    const all = Array.from({ length: 800 }, (_, i) => [...y.data.subarray(4 * i, 4 * i + 4)] as [...number[]]);
    const mean = all.reduce((sum, row) => sum + row[2]!, 0) / 800;
    for (const ill of [0, 1]) {
      const own = all.filter((row) => row[0] === ill).map((row) => row[2]!);
      const expected = (own.reduce((a, b) => a + b, 0) + 4 * mean) / (own.length + 4);
      expect(learnt.node.laws[ill]!.mean).toBeCloseTo(expected, 10);
    }
  });

  it("draws and fills counts by their laws", async () => {
    const { model, on } = await fittedTo(entry, tableData(counted, y, 0), { counts: "poisson" });
    const network = model as Network;
    const [count, last] = [3000, 9];
    const known = [1, 1, null, 3];
    const shares = async (row: readonly (number | null)[]) => {
      const all = Array.from({ length: last }, (_, k) => row.map((value, at) => (at === 2 ? k : value)));
      const { nats } = await network.logProb(on, rowsOf([...all, [...row]]), use);
      const p = [...nats.subarray(0, last)].map((log) => Math.exp(log - nats.at(-1)!));
      return [...p, 1 - p.reduce((a, b) => a + b, 0)].map((share) => share * count);
    };
    const tally = (values: ArrayLike<number>) => {
      const seen = new Array<number>(last + 1).fill(0);
      for (let i = 2; i < values.length; i += 4) seen[Math.min(last, values[i]!)]!++;
      return seen;
    };
    const gaps = rowsOf(Array.from({ length: count }, () => [...known]));
    const shown = new HostArray(
      "float32",
      [count, 4],
      Float32Array.from({ length: 4 * count }, (_, i) => Number(i % 4 !== 2)),
    );
    const filled = await network.complete(on, gaps, shown, use);
    expect(chiSquareScore(tally(filled.data), await shares(known))).toBeLessThan(SCORE_1_IN_1000);
    expect([...filled.data.slice(0, 2), filled.data[3]]).toEqual([1, 1, 3]);
    const drawn = await network.sample(on, { count, key: key(12) });
    expect(chiSquareScore(tally(drawn.data), await shares([null, null, null, null]))).toBeLessThan(SCORE_1_IN_1000);
  });

  it("refuses in a sentence what does not go with counts", () => {
    const make = (options: object) => () =>
      entry.make(entry.options.parse(options), tableData(counted, y, 0).dataset.spec);
    expect(make({ structure: "ges" })).toThrow(
      'structure=ges is for columns with levels alone, and "visits" is a count',
    );
    expect(make({ score: "k2" })).toThrow('The score k2 is for columns with levels alone, and "visits" is a count');
    const arrows = (text: string) => make({ structure: "given", arrows: text });
    expect(arrows("visits>ill")).toThrow(
      "The arrow visits>ill leads from a column of counts to one with levels, which takes --set conditionals=neural; or turn it round.",
    );
    expect(arrows("visits>calls")).toThrow("from a column of counts to a column of counts");
    expect(arrows("visits>calls")).toThrow("or leave it out");
  });

  it("lets a network give the rate from counts and real columns too", async () => {
    const columns: Column[] = [
      { name: "dose", kind: "real" },
      { name: "cells", kind: "count" },
      { name: "dead", kind: "count" },
    ];
    const [z, u] = [normal(key(13), [1200]).data, uniform(key(14), [1200, 2]).data];
    const x = rowsOf(
      Array.from({ length: 1200 }, (_, i) => {
        const cells = poisson({ rate: Math.exp(1 + 0.5 * z[i]!) }).inverseCdf(u[2 * i]!);
        return [z[i]!, cells, poisson({ rate: 0.5 + cells }).inverseCdf(u[2 * i + 1]!)];
      }),
    );
    const options = {
      conditionals: "neural",
      structure: "given",
      arrows: "dose>cells,cells>dead",
      hidden: 8,
      neuralSteps: 250,
    };
    const { model, on } = await fittedTo(entry, tableData(columns, x), { ...options, samples: 200 });
    const network = model as Network;
    const [, cells, dead] = learntOfParams(on.params, columns).conditionals.map((each) =>
      each.kind === "neural" ? each.node : undefined,
    );
    for (const dose of [-1, 0, 1])
      expect(Math.abs(cells!.rate([dose]) / Math.exp(1 + 0.5 * dose) - 1)).toBeLessThan(0.2);
    for (const many of [1, 3, 6]) expect(Math.abs(dead!.rate([many]) / (0.5 + many) - 1)).toBeLessThan(0.2);
    const known = rowsOf([[0.3, 4, 2]]);
    const [two, three] = [await network.logProb(on, known, use), await network.logProb(on, rowsOf([[0.3, 4, 3]]), use)];
    expect([two.kind, (await network.logProb(on, rowsOf([[0.3, null, 3]]), use)).kind]).toEqual(["exact", "estimate"]);
    expect(three.nats[0]! - two.nats[0]!).toBeCloseTo(Math.log(dead!.rate([4]) / 3), 10);
    const logs = Array.from({ length: 1200 }, (_, i) => dead!.logProb(x.data[3 * i + 2]!, [x.data[3 * i + 1]!]));
    expect(Math.abs(dead!.loss + logs.reduce((a, b) => a + b, 0) / 1200)).toBeLessThan(0.05);
    const drawn = await network.sample(on, { count: 300, key: key(15) });
    expect(drawn.data.every((value, i) => i % 3 === 0 || (Number.isInteger(value) && value >= 0))).toBe(true);
  });
});
