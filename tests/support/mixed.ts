import type { MixedNetwork } from "../../src/bayes/mixed/index.ts";

/** a → b by name: a of two states, b of three, by their tables. */
export const twoNames = (name: string, a: readonly number[], b: readonly number[]): MixedNetwork["discrete"] => ({
  name,
  nodes: [
    { variable: { name: "a", states: ["0", "1"] }, parents: [], table: Float64Array.from(a) },
    { variable: { name: "b", states: ["u", "v", "w"] }, parents: ["a"], table: Float64Array.from(b) },
  ],
});

/** A number x whose mean and variance go with a. */
export const xGivenA: MixedNetwork["gaussian"][number] = {
  name: "x",
  parents: [],
  given: ["a"],
  regimes: [
    { intercept: -1, coefficients: [], variance: 1 },
    { intercept: 2, coefficients: [], variance: 0.5 },
  ],
};
