import { SampoError } from "../base/errors.ts";
import { expNegative, sigmoid } from "./exp.ts";

/** Bits of the total of integer frequencies: they add up to 2^24. */
export const TOTAL_BITS = 24;

/** What integer frequencies add up to. */
export const TOTAL = 2 ** TOTAL_BITS;

function refuse(): never {
  throw new SampoError("The model gives no probability here (NaN or ∞): its parameters or its input are damaged.");
}

/** The frequency of 0, from 1 to TOTAL − 1, of a binary variable with log-odds of 1 against 0. */
export function frequencyOfZero(logOdds: number): number {
  if (Number.isNaN(logOdds)) refuse();
  return 1 + Math.floor(sigmoid(-logOdds) * (TOTAL - 2));
}

/**
 * Cumulative frequencies of `levels` values from unnormalised log-probabilities: value v owns [out[v], out[v + 1]) of
 * [0, TOTAL), at least 1 wide: out[v] = ⌊Σ_{u<v} p(u)·(TOTAL − levels)⌋ + v. Deterministic: sums in order, own exponential.
 */
export function cumulate(logits: ArrayLike<number>, offset: number, levels: number, out: Float64Array): void {
  let most = Number.NEGATIVE_INFINITY;
  for (let v = 0; v < levels; v++) {
    const logit = logits[offset + v]!;
    if (Number.isNaN(logit)) refuse();
    if (logit > most) most = logit;
  }
  if (!Number.isFinite(most)) refuse();
  spread(levels, out, (v) => expNegative(logits[offset + v]! - most));
}

/** The same from weights in proportion to the probabilities, which need not sum to one. */
export function cumulateWeights(weights: ArrayLike<number>, offset: number, levels: number, out: Float64Array): void {
  spread(levels, out, (v) => {
    const weight = weights[offset + v]!;
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) refuse();
    return weight;
  });
}

function spread(levels: number, out: Float64Array, weight: (v: number) => number): void {
  let sum = 0;
  for (let v = 0; v < levels; v++) {
    out[v] = sum;
    sum += weight(v);
  }
  if (!(sum > 0)) refuse();
  const scale = (TOTAL - levels) / sum;
  for (let v = 0; v < levels; v++) out[v] = Math.floor(out[v]! * scale) + v;
  out[levels] = TOTAL;
}

/** The value that owns `target`: the last v with cumulative[v] ≤ target. */
export function valueAt(cumulative: Float64Array, levels: number, target: number): number {
  let low = 0;
  let high = levels;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! <= target) low = middle;
    else high = middle;
  }
  return low;
}
