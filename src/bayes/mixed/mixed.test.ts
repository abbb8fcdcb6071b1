import { describe, expect, it } from "vitest";
import type { Table } from "../../data/table/types.ts";
import { key } from "../../random/index.ts";
import { dagFrom } from "../graph/index.ts";
import { askMixed, sampleMixed } from "./inference.ts";
import { learnMixed } from "./learn.ts";
import { checkMixed, jointNormal, type MixedNetwork } from "./mixed.ts";

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
  discrete: {
    name: "mixed",
    nodes: [
      { variable: { name: "a", states: ["0", "1"] }, parents: [], table: Float64Array.of(0.3, 0.7) },
      {
        variable: { name: "b", states: ["u", "v", "w"] },
        parents: ["a"],
        table: Float64Array.of(0.2, 0.3, 0.5, 0.6, 0.4, 0),
      },
    ],
  },
  gaussian: [
    {
      name: "x",
      parents: [],
      given: ["a"],
      regimes: [
        { intercept: -1, coefficients: [], variance: 1 },
        { intercept: 2, coefficients: [], variance: 0.5 },
      ],
    },
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
    const { states, values } = sampleMixed(mixed, key(2), count);
    const table: Table = {
      columns: [
        ...mixed.discrete.nodes.map(({ variable }) => ({
          name: variable.name,
          kind: "categorical" as const,
          levels: variable.states,
        })),
        ...mixed.gaussian.map(({ name }) => ({ name, kind: "real" as const })),
      ],
      count,
      values: [...states.map((column) => Float64Array.from(column)), ...values],
      missing: [undefined, undefined, undefined, undefined],
    };
    const dag = dagFrom([
      ["a", []],
      ["b", ["a"]],
      ["x", ["a"]],
      ["y", ["b", "x"]],
    ]);
    const learnt = learnMixed(dag, table);
    learnt.gaussian.forEach(({ regimes }, i) => {
      regimes.forEach(({ intercept, coefficients, variance }, k) => {
        const truth = mixed.gaussian[i]!.regimes[k]!;
        expect(Math.abs(intercept - truth.intercept)).toBeLessThan(0.15);
        expect(Math.abs(variance / truth.variance - 1)).toBeLessThan(0.1);
        coefficients.forEach((b, j) => {
          expect(Math.abs(b - truth.coefficients[j]!)).toBeLessThan(0.06);
        });
      });
    });
    const constant = { ...table, values: [...table.values.slice(0, 3), new Float64Array(count).fill(7)] };
    expect(() => learnMixed(dag, constant)).toThrow('"y" is constant or follows exactly from its parents');
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
