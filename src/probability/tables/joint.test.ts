import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chiSquareScore, SCORE_1_IN_1000 } from "../../../tests/support/statistics.ts";
import { key } from "../../random/index.ts";
import { independence } from "./independence.ts";
import { conditionalMutualInformation, entropy, mutualInformation } from "./information.ts";
import {
  bayesRule,
  chainRule,
  conditional,
  conditionalOf,
  type JointTable,
  jointOf,
  jointTable,
  marginal,
  normalised,
  probability,
} from "./joint.ts";
import { conditionalParameters, independentParameters, jointParameters, networkParameters } from "./parameters.ts";
import { ancestralSample, countTable, discreteRows, inverseCdf, sampleConditionals, uniforms64 } from "./sample.ts";
import type { Variable } from "./variable.ts";

const a: Variable = { name: "a", states: ["0", "1"] };
const b: Variable = { name: "b", states: ["x", "y", "z"] };
const c: Variable = { name: "c", states: ["low", "high"] };

/** p(c), p(a | c), p(b | c): a and b are independent given c and not without. */
const common = jointOf([
  { variable: c, parents: [], table: Float64Array.of(0.3, 0.7) },
  { variable: a, parents: ["c"], table: Float64Array.of(0.2, 0.8, 0.9, 0.1) },
  { variable: b, parents: ["c"], table: Float64Array.of(0.5, 0.25, 0.25, 0.1, 0.3, 0.6) },
]);

const anyJoint: fc.Arbitrary<JointTable> = fc
  .array(fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 1, noNaN: true })), { minLength: 12, maxLength: 12 })
  .filter((values) => values.some((value) => value > 0))
  .map((values) => normalised({ variables: [a, b, c], values: Float64Array.from(values) }));

describe("joint tables", () => {
  it("Bayes' rule: the test for a rare disease", () => {
    const disease = { name: "disease", states: ["yes", "no"] };
    const test = { name: "test", states: ["positive", "negative"] };
    const prior = jointTable([disease], [0.01, 0.99]);
    const likelihood = { variable: test, parents: ["disease"], table: Float64Array.of(0.95, 0.05, 0.1, 0.9) };
    const after = bayesRule(prior, likelihood, "positive");
    expect(after.values[0]).toBeCloseTo((0.01 * 0.95) / (0.01 * 0.95 + 0.99 * 0.1), 15);
    expect(() => bayesRule(prior, likelihood, "postive")).toThrow(/state of test "postive"; did you mean "positive"/);
    const never = { ...likelihood, table: Float64Array.of(0, 1, 0, 1) };
    expect(() => bayesRule(prior, never, "positive")).toThrow(/evidence test=positive has probability zero/);
  });

  it("marginal, conditional and probability agree with sums written out", () => {
    const p = (k: number, i: number, j: number) => common.values[(k * 2 + i) * 3 + j]!;
    expect(marginal(common, ["b", "a"]).values[2 * 2 + 1]).toBeCloseTo(p(0, 1, 2) + p(1, 1, 2), 15);
    const given = conditional(common, ["c"], { a: "1", b: "z" });
    expect(given.values[0]).toBeCloseTo(p(0, 1, 2) / (p(0, 1, 2) + p(1, 1, 2)), 15);
    expect(probability(common, { a: "1", b: "z" })).toBeCloseTo(p(0, 1, 2) + p(1, 1, 2), 15);
    const table = conditionalOf(common, "a", ["c"]).table;
    [0.2, 0.8, 0.9, 0.1].forEach((value, i) => {
      expect(table[i]).toBeCloseTo(value, 14);
    });
  });

  it("the chain rule in any order multiplies to the joint table again", () => {
    fc.assert(
      fc.property(anyJoint, fc.shuffledSubarray(["a", "b", "c"], { minLength: 3 }), (joint, order) => {
        const back = marginal(jointOf(chainRule(joint, order)), ["a", "b", "c"]);
        return back.values.every((value, i) => Math.abs(value - joint.values[i]!) < 1e-15);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it("refuses tables that are none and evidence that cannot be", () => {
    expect(() => jointTable([a], [0.5, 0.6])).toThrow(/sum to one; these sum to 1\.1/);
    expect(() => normalised({ variables: [a], values: Float64Array.of(0, 0) })).toThrow(/All values .* zero/);
    const certain = jointTable([a, c], [0.5, 0.5, 0, 0]);
    expect(() => conditional(certain, ["c"], { a: "1" })).toThrow(/evidence a=1 has probability zero/);
    expect(() => conditional(common, ["a"], { a: "1" })).toThrow(/"a" is observed/);
    expect(() => marginal(common, ["a", "a"])).toThrow(/named twice/);
    expect(() => marginal(common, ["aa"])).toThrow(/Unknown variable "aa"; did you mean "a"/);
  });
});

describe("information and independence", () => {
  it("a common cause explains its effects' dependence", () => {
    expect(independence(common, ["a"], ["b"], ["c"])).toMatchObject({ independent: true });
    expect(independence(common, ["a"], ["b"])).toMatchObject({ independent: false });
    expect(conditionalMutualInformation(common, ["a"], ["b"], ["c"])).toBeLessThan(1e-15);
  });

  it("is the difference of entropies, in nats", () => {
    fc.assert(
      fc.property(anyJoint, (joint) => {
        const [ab, both] = [mutualInformation(joint, ["a"], ["b"]), entropy(joint, ["a", "b"])];
        if (Math.abs(ab - (entropy(joint, ["a"]) + entropy(joint, ["b"]) - both)) > 1e-12) return false;
        const given = conditionalMutualInformation(joint, ["a"], ["b"], ["c"]);
        const parts = entropy(joint, ["a", "c"]) + entropy(joint, ["b", "c"]) - entropy(joint) - entropy(joint, ["c"]);
        return Math.abs(given - parts) < 1e-12;
      }),
      { numRuns: 200, seed: 2 },
    );
    expect(entropy(jointTable([a], [0.5, 0.5]))).toBe(Math.LN2);
    const copy = jointTable([a, c], [0.5, 0, 0, 0.5]);
    expect(mutualInformation(copy, ["a"], ["c"])).toBeCloseTo(Math.LN2, 15);
    expect(mutualInformation({ ...copy, values: copy.values.map((v) => 40 * v) }, ["a"], ["c"])).toBeCloseTo(
      Math.LN2,
      15,
    );
  });
});

describe("parameter counts", () => {
  it("2ⁿ − 1 for everything, n for nothing in common, in between for a network", () => {
    const binary = Array.from({ length: 64 }, (_, i) => ({ name: `x${i}`, states: ["0", "1"] }));
    expect(jointParameters(binary)).toBe(2n ** 64n - 1n);
    expect(independentParameters(binary)).toBe(64);
    expect([jointParameters([a, b, c]), independentParameters([a, b, c])]).toEqual([11n, 4]);
    const chain = chainRule(common, ["c", "a", "b"]);
    expect(chain.map(conditionalParameters)).toEqual([1, 2, 8]);
    expect(networkParameters(chain)).toBe(11);
  });
});

describe("ancestral sampling", () => {
  const chain = [
    { variable: c, parents: [], table: Float64Array.of(0.3, 0.7) },
    { variable: b, parents: ["c"], table: Float64Array.of(0.5, 0, 0.5, 0.1, 0.3, 0.6) },
  ];

  it("is the inverse CDF of each uniform", () => {
    expect([0, 0.2499, 0.25, 0.5, 0.999].map((u) => inverseCdf([0.25, 0, 0.75], u))).toEqual([0, 0, 2, 2, 2]);
    expect(inverseCdf([0.5, 0.4999999, 0], 0.99999999)).toBe(1);
    const rows = ancestralSample(chain, [0.29, 0.5, 0.3, 0.05, 0.9, 0.41]);
    expect(rows.columns.map((column) => [...column])).toEqual([
      [0, 1, 1],
      [2, 0, 2],
    ]);
    expect(() => ancestralSample([...chain].reverse(), [0, 0])).toThrow(/c is a parent of b and must stand before it/);
  });

  it("draws the joint distribution (chi-square, false alarm 1 in 1000) and the same rows in any batches", () => {
    const rows = sampleConditionals(chain, key(7), 20000);
    const counts = countTable(rows);
    const expected = jointOf(chain).values;
    const possible = [...expected.keys()].filter((i) => expected[i]! > 0);
    expect(counts.values[1]).toBe(0);
    const shares = possible.map((i) => expected[i]! * rows.count);
    const observed = possible.map((i) => counts.values[i]!);
    expect(chiSquareScore(observed, shares)).toBeLessThan(SCORE_1_IN_1000);
    const later = sampleConditionals(chain, key(7), 5, 1000);
    expect(later.columns.map((column) => [...column])).toEqual(
      rows.columns.map((column) => [...column.slice(1000, 1005)]),
    );
    const u = uniforms64(key(1), 1000);
    expect(Math.min(...u)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...u)).toBeLessThan(1);
    expect(new Set(u.map((v) => v * 2 ** 32 - Math.floor(v * 2 ** 32))).size).toBeGreaterThan(990);
  });

  it("counts rows given by names, weighted or not", () => {
    const rows = discreteRows(
      [a, c],
      [
        { a: "1", c: "low" },
        { a: "1", c: "high" },
        { a: "0", c: "low" },
      ],
    );
    expect([...countTable(rows, ["a"]).values]).toEqual([1, 2]);
    expect([...countTable(rows, ["c", "a"], [1, 2, 4]).values]).toEqual([4, 1, 0, 2]);
    expect(() => discreteRows([a, c], [{ a: "1" }])).toThrow(/Row 0 lacks c/);
    expect(() => discreteRows([c], [{ c: "hihg" }])).toThrow(/state of c "hihg"; did you mean "high"/);
  });
});
