import { DataError, ShapeError, UsageError } from "../../base/errors.ts";
import { poisson, type Univariate } from "../univariate/index.ts";
import { checkCount, type Emission, NEVER } from "./emission.ts";

/** What makes Poisson emissions. */
export interface PoissonEmissionParameters {
  readonly states: number;
  /** Expected counts, [K, dimension], above 0. */
  readonly rates: ArrayLike<number>;
  /** Imagined steps in every state when fitted (0), and the counts they show, [dimension]. */
  readonly pseudocount?: number;
  readonly usual?: ArrayLike<number>;
}

/** Poisson emissions with their rates. */
export interface PoissonEmission extends Emission {
  readonly rates: Float64Array;
  readonly pseudocount: number;
  readonly usual: Float64Array;
}

/** What every part knows. */
type Parts = Pick<PoissonEmission, "states" | "dimension" | "rates" | "pseudocount" | "usual">;

/**
 * Emissions of counts: p(step | state) = ∏ over coordinates of Poisson(count | rate of state and coordinate). Maximisation
 * adds c imagined steps of the usual count m, λ = (Σ γ x + c m)/(Σ γ + c): the mode under λ^{c m} e^{−c λ}.
 */
export function poissonEmission(given: PoissonEmissionParameters): PoissonEmission {
  const parts = checkedParts(given);
  const { dimension, rates } = parts;
  const laws: Univariate[] = Array.from(rates, (rate) => poisson({ rate }));
  const width = rates.length;
  return {
    family: "poisson",
    ...parts,
    freedom: width,
    logProb: (steps, out) => rate(parts, laws, steps, out),
    words: dimension,
    fill: (state, step, u) => {
      for (let j = 0; j < dimension; j++)
        if (Number.isNaN(step[j])) step[j] = laws[state * dimension + j]!.inverseCdf(u[j]!);
    },
    outlook: (weights) => ({ mean: mixedMean(parts, weights) }),
    sumSize: 2 * width,
    sums: (values = new Float64Array(2 * width)) => ({
      add: (steps, posterior) => add(parts, values, steps, posterior),
      solve: () => poissonEmission({ ...parts, rates: solved(parts, values) }),
    }),
    logPrior: () => logPrior(parts),
  };
}

function checkedParts({ states, pseudocount = 0, ...given }: PoissonEmissionParameters): Parts {
  checkCount("The number of states", states);
  const rates = Float64Array.from(given.rates);
  const dimension = rates.length / states;
  if (!Number.isInteger(dimension) || dimension < 1)
    throw new ShapeError(`Rates of ${states} states are ${states} x d numbers; got ${rates.length}.`);
  const wrong = rates.find((rate) => !(rate > 0 && rate < Number.POSITIVE_INFINITY));
  if (wrong !== undefined) throw new UsageError(`Rates of Poisson emissions are above 0; got ${wrong}.`);
  const usual = given.usual ? Float64Array.from(given.usual) : new Float64Array(dimension).fill(1);
  return { states, dimension, rates, pseudocount, usual };
}

function rate({ states, dimension }: Parts, laws: readonly Univariate[], steps: Float64Array, out: Float64Array): void {
  out.fill(0);
  for (let at = 0; at < steps.length; at++) {
    const value = steps[at]!;
    if (Number.isNaN(value)) continue;
    if (!(Number.isInteger(value) && value >= 0))
      throw new DataError(`Counts are whole numbers from 0 on, or NaN where missing; number ${at} is ${value}.`);
    const [to, j] = [Math.floor(at / dimension) * states, at % dimension];
    for (let i = 0; i < states; i++) out[to + i]! += laws[i * dimension + j]!.logProb(value);
  }
}

function mixedMean({ dimension, rates }: Parts, weights: Float64Array): Float64Array {
  const mean = new Float64Array(dimension);
  rates.forEach((each, at) => {
    mean[at % dimension]! += weights[Math.floor(at / dimension)]! * each;
  });
  return mean;
}

/** Adds Σ γ to the first half of `values` and Σ γ x to the second, each [K, dimension]. */
function add({ states, dimension }: Parts, values: Float64Array, steps: Float64Array, posterior: Float64Array): void {
  const width = states * dimension;
  for (let at = 0; at < steps.length; at++) {
    if (Number.isNaN(steps[at])) continue;
    const [from, j] = [Math.floor(at / dimension) * states, at % dimension];
    for (let i = 0; i < states; i++) {
      values[i * dimension + j]! += posterior[from + i]!;
      values[width + i * dimension + j]! += posterior[from + i]! * steps[at]!;
    }
  }
}

function solved({ dimension, rates, pseudocount, usual }: Parts, values: Float64Array): Float64Array {
  return rates.map((before, at) => {
    const weight = values[at]! + pseudocount;
    if (weight < NEVER) return before;
    const count = values[rates.length + at]! + pseudocount * usual[at % dimension]!;
    return Math.max(Number.MIN_VALUE, count / weight);
  });
}

/** Σ c (m log λ − λ). */
function logPrior({ dimension, rates, pseudocount, usual }: Parts): number {
  return rates.reduce((sum, each, at) => sum + pseudocount * (usual[at % dimension]! * Math.log(each) - each), 0);
}
