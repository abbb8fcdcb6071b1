/** A function to be minimised: gives its value at x and writes its gradient. x and the gradient are only lent to it. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

/** A step and the change of the gradient that it made. */
export interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
}

/** Why a search ended; only "gradient" is a minimum to the precision asked for. */
export type EndReason =
  /** The largest slope is below the tolerance. */
  | "gradient"
  /** No step along the last direction makes the value smaller: rounding is all that is left, or the gradient is wrong. */
  | "line-search"
  /** All iterations are used up. */
  | "limit";

/** Where a search stands after an iteration; arrays are its own and do not change later. */
export interface Iterate {
  readonly iteration: number;
  readonly x: Float64Array;
  readonly value: number;
  /** The gradient; where there is an L1 term, the subgradient of smallest norm. */
  readonly gradient: Float64Array;
  /** The largest absolute value in `gradient`. */
  readonly slope: number;
  /** Values and gradients computed so far. */
  readonly evaluations: number;
  /** What the next direction is made from, oldest first: with x it is all that is needed to go on. */
  readonly pairs: readonly Pair[];
}

/** The end of a search. */
export interface Minimum extends Iterate {
  readonly reason: EndReason;
}

/** How long to search, and from where to go on. */
export interface SearchOptions {
  /** Ends when no component of the gradient is larger (1e-8). */
  readonly tolerance?: number;
  /** Most iterations (1000). */
  readonly iterations?: number;
  /** Pairs that are kept (10). */
  readonly memory?: number;
  /** Where an earlier search stood. */
  readonly resume?: Pick<Iterate, "iteration" | "pairs">;
}

/** Σ aᵢ bᵢ. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** max |aᵢ|; NaN where one is. */
export function largest(a: Float64Array): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const size = Math.abs(a[i]!);
    if (!(size <= most)) most = size;
  }
  return most;
}

/** Runs a search to its end. */
export function finished(search: Generator<Iterate, Minimum>): Minimum {
  for (;;) {
    const { done, value } = search.next();
    if (done) return value;
  }
}
