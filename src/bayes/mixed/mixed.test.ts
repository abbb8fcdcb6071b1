import { describe, expect, it } from "vitest";
import { twoNames, xGivenA } from "../../../tests/support/mixed.ts";
import type { Table } from "../../data/table/types.ts";
import { uniforms64 } from "../../probability/tables/index.ts";
import { key, uniform } from "../../random/index.ts";
import { dagFrom } from "../graph/index.ts";
import { learnMixedByEm } from "./em.ts";
import { askMixed, mixedInference } from "./inference.ts";
import { learnMixed } from "./learn.ts";
import { checkMixed, jointNormal, type MixedNetwork } from "./mixed.ts";
import { drawPart, sampleMixed } from "./sampling.ts";
import { hillClimbMixed, mixedScore } from "./structure.ts";

const empty = { name: "none", nodes: [] };

/** x → y → z and x → z, all real. */
const chain: MixedNetwork = {
  name: "chain",
  discrete: empty,
  gaussian: [
    { name: "z", parents: ["y", "x"], given: [], regimes: [{ intercept: 0, coefficients: [0.5, -1], variance: 0.25 }] },
    { name: "x", parents: [], given: [], regimes: [{ intercept: 1, coefficients: [], variance: 4 }] },
    { name: "y", parents: ["x"], given: [], regimes: [{ intercept: -2, coefficients: [3], variance: 1 }] },
  ],
};

/** a → b, a → x, b → y ← x. */
const mixed: MixedNetwork = {
  name: "mixed",
  discrete: twoNames("mixed", [0.3, 0.7], [0.2, 0.3, 0.5, 0.6, 0.4, 0]),
  gaussian: [
    xGivenA,
    {
      name: "y",
      parents: ["x"],
      given: ["b"],
      regimes: [0.5, 1, -2].map((b, i) => ({ intercept: i, coefficients: [b], variance: 0.3 + i })),
    },
  ],
};

const normal = (x: number, mean: number, variance: number) =>
  Math.exp(-((x - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);

/** Sums over states and integrates x on a grid: p(y), p(a, y), E[x, y]. */
function integrated(y: number) {
  const sums = { total: 0, a: [0, 0], b: [0, 0, 0], x: 0, xx: 0 };
  const step = 0.005;
  const [a, b] = mixed.discrete.nodes.map(({ table }) => table);
  for (let i = 0; i < 2; i++)
    for (let j = 0; j < 3; j++)
      for (let x = -12; x < 12; x += step) {
        const [own, other] = [mixed.gaussian[0]!.regimes[i]!, mixed.gaussian[1]!.regimes[j]!];
        const p =
          a![i]! *
          b![3 * i + j]! *
          normal(x, own.intercept, own.variance) *
          normal(y, other.intercept + other.coefficients[0]! * x, other.variance) *
          step;
        sums.total += p;
        sums.a[i]! += p;
        sums.b[j]! += p;
        sums.x += p * x;
        sums.xx += p * x * x;
      }
  return sums;
}

/** Rows of the mixed network as a table: a, b, x, y. */
function tableOf(count: number, seed: number, gaps = 0): Table {
  const { states, values } = sampleMixed(mixed, key(seed), count);
  const holes = uniform(key(seed + 1), [count * 4]).data;
  const columns = [...states.map((column) => Float64Array.from(column)), ...values].map((column, c) =>
    column.map((value, i) => (holes[4 * i + c]! < gaps ? Number.NaN : value)),
  );
  const names = mixed.discrete.nodes.map(({ variable }) => variable);
  return {
    columns: [
      ...names.map(({ name, states: levels }) => ({ name, kind: "categorical" as const, levels })),
      ...mixed.gaussian.map(({ name }) => ({ name, kind: "real" as const })),
    ],
    count,
    values: columns,
    missing: columns.map(() => undefined),
  };
}

/** How far learnt parameters are from those of the mixed network, at most. */
function worst({ discrete, gaussian }: MixedNetwork): number {
  const tables = discrete.nodes.flatMap(({ table }, i) =>
    [...table].map((p, k) => p - mixed.discrete.nodes[i]!.table[k]!),
  );
  const lines = gaussian.flatMap(({ regimes }, i) =>
    regimes.flatMap(({ coefficients, variance }, k) => {
      const truth = mixed.gaussian[i]!.regimes[k]!;
      return [variance / truth.variance - 1, ...coefficients.map((b, j) => b - truth.coefficients[j]!)];
    }),
  );
  return Math.max(...[...tables, ...lines].map(Math.abs));
}

const truth = dagFrom([
  ["a", []],
  ["b", ["a"]],
  ["x", ["a"]],
  ["y", ["b", "x"]],
]);

describe("structures of mixed columns", () => {
  it("score: the log-likelihood of the fitted network less ½ log N for each parameter", () => {
    const table = tableOf(500, 5);
    const network = learnMixed(truth, table, { kind: "none" });
    const inference = mixedInference(network);
    let total = 0;
    for (let i = 0; i < table.count; i++) {
      const [a, b, x, y] = table.values.map((column) => column[i]!);
      const states = { a: `${a}`, b: "uvw"[b!]! };
      total += inference.parts({ states, values: { x: x!, y: y! } })[0]!.log;
    }
    const local = mixedScore("bic", table);
    const parameters = 1 + 2 * 2 + 2 * 2 + 3 * 3;
    const score = local(0, []) + local(1, [0]) + local(2, [0]) + local(3, [2, 1]);
    expect(score).toBeCloseTo(total - (parameters * Math.log(500)) / 2, 8);
    expect(local(0, [2])).toBe(Number.NEGATIVE_INFINITY);
    expect(() => mixedScore("bdeu", table)).toThrow("bdeu is for discrete columns alone");
  });

  it("are found from 4000 rows, real columns below discrete ones", () => {
    const { dag } = hillClimbMixed(tableOf(4000, 6), { restarts: 3, key: key(1) });
    expect(dag.names.map((name, i) => [name, dag.parents[i]!.map((p) => dag.names[p])])).toSatisfy(
      (found: [string, string[]][]) =>
        JSON.stringify(found.slice(2)) === '[["x",["a"]],["y",["b","x"]]]' &&
        found[0]![1].length + found[1]![1].length === 1,
    );
  });

  it("leave out an arrow by which a column follows exactly, and a state that hardly occurs takes the common line", () => {
    const table = tableOf(400, 7);
    const copy = table.values[2]!.map((value) => 2 * value + 1);
    const twice: Table = {
      columns: [...table.columns, { name: "twice x", kind: "real" }],
      count: table.count,
      values: [...table.values, copy],
      missing: [...table.missing, undefined],
    };
    const { dag, score } = hillClimbMixed(twice, { restarts: 4, key: key(2) });
    expect(Number.isFinite(score)).toBe(true);
    expect(dag.parents[4]).not.toContain(2);
    expect(dag.parents[2]).not.toContain(4);
    const rare: Table = { ...table, values: [table.values[0]!.map((_, i) => Number(i < 2)), ...table.values.slice(1)] };
    const { regimes } = learnMixed(truth, rare).gaussian[0]!;
    expect(regimes[1]!.variance).toBeGreaterThan(0.1);
  });
});

describe("mixed networks from gaps", () => {
  it("come back by expectation-maximisation, which never loses likelihood and beats the available cases", () => {
    const { network, logLikelihoods, converged } = learnMixedByEm(truth, tableOf(3000, 8, 0.3), {
      prior: { kind: "none" },
    });
    expect(converged).toBe(true);
    for (const [i, now] of logLikelihoods.entries())
      if (i > 0) expect(now).toBeGreaterThan(logLikelihoods[i - 1]! - 1e-6);
    expect(logLikelihoods.at(-1)).toBeGreaterThan(logLikelihoods[0]!);
    expect(worst(network)).toBeLessThan(0.2);
    const whole = tableOf(3000, 8);
    expect(learnMixedByEm(truth, whole).network.gaussian[0]!.regimes[0]!.intercept).toBeCloseTo(
      learnMixed(truth, whole).gaussian[0]!.regimes[0]!.intercept,
      9,
    );
  });

  it("are filled by draws from the posterior, exactly", () => {
    const inference = mixedInference(mixed);
    const evidence = { states: { b: "v" }, values: { y: 1.2 } };
    const parts = inference.parts(evidence);
    const { discrete, real } = askMixed(mixed, evidence);
    const count = 4000;
    const uniforms = uniforms64(key(3), count * 5);
    let [a, x, xx] = [0, 0, 0];
    for (let i = 0; i < count; i++) {
      const { states, values } = drawPart(inference, parts, uniforms.subarray(5 * i, 5 * i + 5));
      expect([states[1], values[1]]).toEqual([1, 1.2]);
      a += states[0]! / count;
      x += values[0]! / count;
      xx += values[0]! ** 2 / count;
    }
    const { mean, deviation } = real.get("x")!;
    expect(Math.abs(a - discrete.get("a")![1]!)).toBeLessThan(4 * Math.sqrt(0.25 / count));
    expect(Math.abs(x - mean)).toBeLessThan((4 * deviation) / Math.sqrt(count));
    expect(Math.abs(Math.sqrt(xx - x * x) / deviation - 1)).toBeLessThan(0.06);
  });
});

describe("linear-Gaussian networks", () => {
  it("have the joint normal of their equations", () => {
    const { mean, covariance } = jointNormal(checkMixed(chain));
    // x ~ N(1, 4); y = 3x − 2 + e; z = y/2 − x + f = x/2 − 1 + e/2 + f.
    expect([...mean]).toEqual([-0.5, 1, 1]);
    expect([...covariance.data]).toEqual([1 + 0.25 + 0.25, 2, 6.5, 2, 4, 12, 6.5, 12, 37]);
  });

  it("condition exactly", () => {
    const { real, logProbability, how } = askMixed(chain, { values: { y: 4 } });
    expect(how).toBe("exact");
    expect(real.get("x")!.mean).toBeCloseTo(1 + (12 / 37) * 3, 12);
    expect(real.get("x")!.deviation).toBeCloseTo(Math.sqrt(4 - 144 / 37), 12);
    expect(real.get("y")).toEqual({ mean: 4, deviation: 0 });
    expect(logProbability).toBeCloseTo(Math.log(normal(4, 1, 37)), 12);
  });
});

describe("conditional linear-Gaussian networks", () => {
  it("agree with numerical integration", () => {
    for (const y of [-3, 0.7, 2.5]) {
      const { total, a, b, x, xx } = integrated(y);
      const answer = askMixed(mixed, { values: { y } });
      expect(answer.logProbability).toBeCloseTo(Math.log(total), 8);
      a.forEach((p, i) => {
        expect(answer.discrete.get("a")![i]).toBeCloseTo(p / total, 8);
      });
      b.forEach((p, i) => {
        expect(answer.discrete.get("b")![i]).toBeCloseTo(p / total, 8);
      });
      expect(answer.real.get("x")!.mean).toBeCloseTo(x / total, 8);
      expect(answer.real.get("x")!.deviation).toBeCloseTo(Math.sqrt(xx / total - (x / total) ** 2), 7);
    }
  });

  it("are near by weighting where exact is not allowed, which is said", () => {
    const exact = askMixed(mixed, { values: { y: 0.7 } });
    const near = askMixed(
      mixed,
      { values: { y: 0.7 } },
      { maxCombinations: 1, sampling: { samples: 20_000, key: key(1) } },
    );
    expect(near.how).toContain("likelihood weighting");
    expect(Math.abs(near.discrete.get("a")![0]! - exact.discrete.get("a")![0]!)).toBeLessThan(0.02);
    expect(Math.abs(near.real.get("x")!.mean - exact.real.get("x")!.mean)).toBeLessThan(0.06);
    expect(() => askMixed(mixed, {}, { maxCombinations: 1 })).toThrow("hang on 6 combinations");
  });

  it("come back from their rows", () => {
    const count = 20_000;
    const table = tableOf(count, 2);
    const dag = truth;
    const learnt = learnMixed(dag, table);
    learnt.gaussian.forEach(({ regimes }, i) => {
      regimes.forEach(({ intercept, coefficients, variance }, k) => {
        const own = mixed.gaussian[i]!.regimes[k]!;
        expect(Math.abs(intercept - own.intercept)).toBeLessThan(0.15);
        expect(Math.abs(variance / own.variance - 1)).toBeLessThan(0.1);
        coefficients.forEach((b, j) => {
          expect(Math.abs(b - own.coefficients[j]!)).toBeLessThan(0.06);
        });
      });
    });
    const constant = { ...table, values: [...table.values.slice(0, 3), new Float64Array(count).fill(7)] };
    expect(() => learnMixed(dag, constant)).toThrow('The column "y" is constant');
    const turned = dagFrom([
      ["a", ["x"]],
      ["b", []],
      ["x", []],
      ["y", []],
    ]);
    expect(() => learnMixed(turned, table)).toThrow("a discrete variable has no real parent");
  });

  it("say in one sentence what is wrong", () => {
    expect(() => askMixed(mixed, { values: { q: 1 } })).toThrow('Unknown real variable "q"');
    expect(() => askMixed(mixed, { values: { y: Number.NaN } })).toThrow("give a number");
    expect(() => askMixed(mixed, { states: { a: "1", b: "w" } })).toThrow("probability zero");
    const flat = {
      ...chain,
      gaussian: [{ ...chain.gaussian[1]!, regimes: [{ intercept: 0, coefficients: [], variance: 0 }] }],
    };
    expect(() => askMixed(flat)).toThrow("must be above zero");
  });
});
