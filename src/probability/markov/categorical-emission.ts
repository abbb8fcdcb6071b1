import { DataError, ShapeError, UsageError } from "../../base/errors.ts";
import { inverseCdf } from "../tables/sample.ts";
import { checkCount, type Emission, NEVER } from "./emission.ts";
import { checkedLaw } from "./transition.ts";

/** What makes categorical emissions. */
export interface CategoricalEmissionParameters {
  /** p(value | state, coordinate), [K, dimension, levels]. */
  readonly probabilities: ArrayLike<number>;
  readonly states: number;
  /** Numbers of one step, each by itself given the state; 1 when left out. */
  readonly dimension?: number;
  /** Imagined observations of every value beside those of the data when fitted; 0 when left out. */
  readonly pseudocount?: number;
}

/** Categorical emissions with their probabilities. */
export interface CategoricalEmission extends Emission {
  readonly levels: number;
  readonly probabilities: Float64Array;
}

/** Emissions of values 0, 1, …: p(step | state) = ∏ over coordinates of p(value | state, coordinate). */
export function categoricalEmission(given: CategoricalEmissionParameters): CategoricalEmission {
  const { states, dimension = 1, pseudocount = 0 } = given;
  checkCount("The number of states", states);
  const levels = given.probabilities.length / (states * dimension);
  if (!Number.isInteger(levels) || levels < 1)
    throw new ShapeError(
      `Categorical emissions of ${states} states and ${dimension} coordinates cannot have ${given.probabilities.length} probabilities.`,
    );
  if (!(pseudocount >= 0)) throw new UsageError(`A pseudocount is a number from 0 on; got ${pseudocount}.`);
  const probabilities = Float64Array.from(given.probabilities);
  for (let at = 0; at < probabilities.length; at += levels) {
    const own = probabilities.subarray(at, at + levels);
    own.set(checkedLaw(own, `The values that state ${Math.floor(at / (levels * dimension))} shows`));
  }
  const parts: Parts = { states, dimension, levels, pseudocount, probabilities };
  let logs: Float64Array | undefined;
  return {
    family: "categorical",
    ...parts,
    freedom: states * dimension * (levels - 1),
    logProb: (steps, out) => {
      logs ??= logsOf(parts);
      rate(parts, logs, steps, out);
    },
    words: dimension,
    fill: (state, step, u) => {
      for (let j = 0; j < dimension; j++)
        if (Number.isNaN(step[j])) step[j] = inverseCdf(probabilities, u[j]!, (state * dimension + j) * levels, levels);
    },
    outlook: (weights) => {
      const mixed = new Float64Array(dimension * levels);
      for (let i = 0; i < states; i++)
        for (let k = 0; k < mixed.length; k++) mixed[k]! += weights[i]! * probabilities[i * mixed.length + k]!;
      return { probabilities: mixed };
    },
    sumSize: probabilities.length,
    sums: (values = new Float64Array(probabilities.length)) => ({
      add: (steps, posterior) => count(parts, values, steps, posterior),
      solve: () => categoricalEmission({ ...parts, probabilities: solved(parts, values) }),
    }),
    logPrior: () => {
      let sum = 0;
      if (pseudocount > 0) for (const p of probabilities) sum += pseudocount * Math.log(p);
      return sum;
    },
  };
}

interface Parts {
  readonly states: number;
  readonly dimension: number;
  readonly levels: number;
  readonly pseudocount: number;
  readonly probabilities: Float64Array;
}

function checkedValue(value: number, levels: number, at: number): number {
  if (Number.isInteger(value) && value >= 0 && value < levels) return value;
  throw new DataError(
    `Values are whole numbers from 0 to ${levels - 1}, or NaN where missing; number ${at} is ${value}.`,
  );
}

/** log p(value | state, coordinate), [dimension, levels, K]. */
function logsOf({ states, dimension, levels, probabilities }: Parts): Float64Array {
  const logs = new Float64Array(probabilities.length);
  for (let i = 0; i < states; i++)
    for (let k = 0; k < dimension * levels; k++)
      logs[k * states + i] = Math.log(probabilities[i * dimension * levels + k]!);
  return logs;
}

function rate({ states, dimension, levels }: Parts, logs: Float64Array, steps: Float64Array, out: Float64Array): void {
  out.fill(0);
  for (let at = 0; at < steps.length; at++) {
    const value = steps[at]!;
    if (Number.isNaN(value)) continue;
    const from = ((at % dimension) * levels + checkedValue(value, levels, at)) * states;
    const to = Math.floor(at / dimension) * states;
    for (let i = 0; i < states; i++) out[to + i]! += logs[from + i]!;
  }
}

function count(
  { states, dimension, levels }: Parts,
  values: Float64Array,
  steps: Float64Array,
  posterior: Float64Array,
): void {
  for (let at = 0; at < steps.length; at++) {
    const value = steps[at]!;
    if (Number.isNaN(value)) continue;
    const from = Math.floor(at / dimension) * states;
    for (let i = 0; i < states; i++)
      values[(i * dimension + (at % dimension)) * levels + value]! += posterior[from + i]!;
  }
}

function solved({ levels, pseudocount, probabilities }: Parts, values: Float64Array): Float64Array {
  const result = values.slice();
  for (let at = 0; at < values.length; at += levels) {
    const own = result.subarray(at, at + levels);
    const total = own.reduce((a, b) => a + b, 0);
    if (total + pseudocount < NEVER) own.set(probabilities.subarray(at, at + levels));
    else for (let v = 0; v < levels; v++) own[v] = (own[v]! + pseudocount) / (total + levels * pseudocount);
  }
  return result;
}
