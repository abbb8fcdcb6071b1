import { DataError, UsageError } from "../../base/errors.ts";
import type { Matrix } from "../../numeric/linear/index.ts";

/** What the next step looks like, whatever the state. */
export interface Outlook {
  /** Probabilities of the values of each coordinate, [dimension, levels], of categorical steps. */
  readonly probabilities?: Float64Array;
  /** Expected value of each coordinate. */
  readonly mean?: Float64Array;
  readonly covariance?: Matrix;
  /** The same of each block of coordinates, of steps of mixed kinds. */
  readonly blocks?: readonly Outlook[];
}

/** What a state shows: the law of one step of `dimension` numbers given each state. A missing number is NaN. */
export interface Emission {
  readonly family: string;
  readonly states: number;
  /** Numbers of one step. */
  readonly dimension: number;
  /** Number of free parameters. */
  readonly freedom: number;
  /** Writes log p(what is known of step t | state i) to out[t K + i]; a step of which nothing is known says 0. */
  logProb(steps: Float64Array, out: Float64Array): void;
  /** Uniforms that drawing a step takes. */
  readonly words: number;
  /** Draws what is missing of a step in place, given the state and what is known of it, from uniforms of the open interval. */
  fill(state: number, step: Float64Array, uniforms: Float64Array): void;
  /** The law of a step where the states have these probabilities. */
  outlook(weights: Float64Array): Outlook;
  /** What expectation adds up; on numbers of the caller's, `sumSize` of them, where there is such a size. */
  sums(values?: Float64Array): EmissionSums;
  readonly sumSize?: number;
  /** Log of the prior's density up to a constant: what maximisation weighs beside the likelihood. */
  logPrior(): number;
}

/** Steps shared out among the states. */
export interface EmissionSums {
  /** Adds steps with the posterior probabilities of their states, [T, K]. */
  add(steps: Float64Array, posterior: Float64Array): void;
  /** The emission that fits them best; a state that no step was given to keeps its law. */
  solve(): Emission;
}

/** Below this sum of posterior probabilities a state was never visited: it keeps its law. */
export const NEVER = 1e-12;

/** Numbers of a sequence, step by step; refuses those that do not make whole steps. */
export function stepsOf(sequence: ArrayLike<number>, dimension: number): Float64Array {
  if (sequence.length === 0) throw new DataError("A sequence needs at least one step; got an empty one.");
  if (sequence.length % dimension !== 0)
    throw new DataError(
      `A sequence of steps of ${dimension} numbers each has a multiple of ${dimension} numbers; got ${sequence.length}.`,
    );
  return sequence instanceof Float64Array ? sequence : Float64Array.from(sequence);
}

/** Refuses what must be a whole number from 1 on. */
export function checkCount(what: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`${what} is a whole number from 1 on; got ${value}.`);
}
