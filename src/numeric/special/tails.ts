import { log1mexp } from "./elementary.ts";

/** P(X ≤ x) and P(X > x) with their logarithms. */
export interface Tails {
  readonly lower: number;
  readonly upper: number;
  readonly logLower: number;
  readonly logUpper: number;
}

/** Both tails from one of them, the one that is computed directly, and its logarithm. */
export function fromTail(isUpper: boolean, tail: number, log: number): Tails {
  const other = 1 - tail;
  const logOther = tail < 0.5 ? Math.log1p(-tail) : log1mexp(Math.min(log, 0));
  return isUpper
    ? { lower: other, upper: tail, logLower: logOther, logUpper: log }
    : { lower: tail, upper: other, logLower: log, logUpper: logOther };
}

/** The tails of the mirrored variable. */
export function mirrored({ lower, upper, logLower, logUpper }: Tails): Tails {
  return { lower: upper, upper: lower, logLower: logUpper, logUpper: logLower };
}

/** A tail probability: which side, and its logarithm. */
export interface Tail {
  readonly isUpper: boolean;
  readonly log: number;
}

/** The smaller tail of a lower (or, mirrored, upper) probability. */
export function smallerTail(probability: number, isUpper: boolean): Tail {
  return probability <= 0.5
    ? { isUpper, log: Math.log(probability) }
    : { isUpper: !isUpper, log: Math.log1p(-probability) };
}

/** What `solveTail` needs of a law: a place, its tails there, the density of t there, and the place at t + by. */
export interface Climb<Place> {
  readonly start: Place;
  tails(at: Place): Tails;
  logDensity(at: Place): number;
  move(at: Place, by: number): Place;
}

/**
 * The place at which a tail has a given logarithm, by Newton's method on that logarithm in a variable t (log x, logit x)
 * whose density is log-concave: then both logarithms are concave, so that after one step the way is monotone.
 */
export function solveTail<Place>({ isUpper, log }: Tail, { start, tails, logDensity, move }: Climb<Place>): Place {
  let at = start;
  for (let i = 0; i < 200; i++) {
    const found = tails(at);
    const value = isUpper ? found.logUpper : found.logLower;
    const slope = Math.exp(logDensity(at) - value) * (isUpper ? -1 : 1);
    const step = (log - value) / slope;
    if (Number.isNaN(step)) return at;
    at = move(at, Math.max(-50, Math.min(50, step)));
    if (Math.abs(value - log) < 1e-8) break; // the next error is its square
  }
  return at;
}
