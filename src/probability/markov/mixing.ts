import { UsageError } from "../../base/errors.ts";
import type { Matrix } from "../../numeric/linear/index.ts";
import { stationaryLaw } from "./stationary.ts";
import { structureOf } from "./structure.ts";
import { power, product, type Transition } from "./transition.ts";

/** How fast a chain forgets where it began. */
export interface Mixing {
  /** The largest modulus of an eigenvalue beside the 1 of the stationary law; 1 where the chain is periodic. */
  readonly secondModulus: number;
  /** 1 − secondModulus. */
  readonly spectralGap: number;
  /** 1 / spectralGap. */
  readonly relaxationTime: number;
}

const SQUARINGS = 60;
/** What rounding leaves of a matrix that is zero. */
const ROUNDING = 1e-12;

/** max |aᵢⱼ|. */
const largest = ({ data }: Matrix) => data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** The spectral radius as the limit of ‖Aⁿ‖^(1/n) (Gelfand 1941) for n = 2⁶⁰, by squaring with the scale kept apart. */
export function spectralRadius(a: Matrix): number {
  let scale = largest(a);
  if (scale < ROUNDING) return 0;
  let current: Matrix = { ...a, data: a.data.map((value) => value / scale) };
  let log = Math.log(scale);
  for (let i = 1; i <= SQUARINGS; i++) {
    current = product(current, current);
    scale = largest(current);
    if (scale < ROUNDING) return 0;
    log += Math.log(scale) * 2 ** -i;
    current = { ...current, data: current.data.map((value) => value / scale) };
  }
  return Math.exp(log);
}

/** The second eigenvalue's modulus, the spectral radius of P − 1πᵀ, and what follows from it. */
export function mixing(transition: Transition): Mixing {
  const law = stationaryLaw(transition);
  const { rows: n, data } = transition.matrix;
  const periodic = !structureOf(transition).aperiodic;
  const rest = { rows: n, columns: n, data: data.map((p, at) => p - law[at % n]!) };
  const secondModulus = periodic ? 1 : Math.min(1, spectralRadius(rest));
  const spectralGap = 1 - secondModulus;
  return { secondModulus, spectralGap, relaxationTime: 1 / spectralGap };
}

/** d = max over starts i of ½ Σⱼ |Pᵢⱼ − πⱼ|. */
function distance({ rows: n, data }: Matrix, law: Float64Array): number {
  let most = 0;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += Math.abs(data[i * n + j]! - law[j]!);
    most = Math.max(most, sum / 2);
  }
  return most;
}

/** The total-variation distance from the stationary law after so many steps, from the worst start. */
export function totalVariation(transition: Transition, steps: number): number {
  return distance(power(transition, steps), stationaryLaw(transition));
}

const MOST_STEPS = 2 ** 50;

/**
 * The fewest steps after which the law of the state is within ε (¼) of the stationary one in total variation, whatever the
 * start (Levin, Peres & Wilmer 2009, section 4.5); infinite for a periodic chain.
 */
export function mixingTime(transition: Transition, epsilon = 0.25): number {
  if (!(epsilon > 0 && epsilon < 1))
    throw new UsageError(`A mixing time needs a distance between 0 and 1; got ${epsilon}.`);
  const law = stationaryLaw(transition);
  if (!structureOf(transition).aperiodic) return Number.POSITIVE_INFINITY;
  const n = law.length;
  if (distance(power(transition, 0), law) <= epsilon) return 0;
  const squares = [transition.matrix];
  while (distance(squares.at(-1)!, law) > epsilon) {
    if (2 ** squares.length > MOST_STEPS) return Number.POSITIVE_INFINITY;
    squares.push(product(squares.at(-1)!, squares.at(-1)!));
  }
  let steps = 0;
  let reached = power(transition, 0);
  for (let bit = squares.length - 2; bit >= 0; bit--) {
    const further = product(reached, squares[bit]!);
    if (distance(further, law) > epsilon) [reached, steps] = [further, steps + 2 ** bit];
  }
  return n === 1 ? 0 : steps + 1;
}
