import { UsageError } from "../../base/errors.ts";

/** An integral or a sum, and that of the absolute values, against which its error is measured. */
export interface Measured {
  readonly value: number;
  readonly size: number;
}

/** Pieces that may still be looked at before a function is given up as too rough. */
export interface Effort {
  left: number;
}

/** Takes so many pieces, or refuses. */
export function spend(effort: Effort, pieces: number): void {
  effort.left -= pieces;
  if (effort.left < 0)
    throw new UsageError("An expectation of a function this rough or quickly waving cannot be computed numerically.");
}

/** The double exponential rule with a step and with twice that step. */
function ruled(f: (x: number) => number, low: number, high: number, step: number) {
  const half = (high - low) / 2;
  let [sum, coarse, size] = [0, 0, 0];
  for (let k = Math.round(-3.5 / step); k <= 3.5 / step; k++) {
    const t = k * step;
    const bend = (Math.PI / 2) * Math.sinh(t);
    const weight = ((Math.PI / 2) * Math.cosh(t)) / Math.cosh(bend) ** 2;
    const edge = Math.exp(-Math.abs(bend)) / Math.cosh(bend); // 1 − |tanh|, with all its digits
    const x = t < 0 ? low + half * edge : high - half * edge;
    if (!(weight > 0 && x > low && x < high)) continue;
    const term = weight * f(x);
    sum += term;
    size += Math.abs(term);
    if (k % 2 === 0) coarse += term;
  }
  const unit = half * step;
  return { value: sum * unit, coarse: 2 * coarse * unit, size: size * unit };
}

/** ∫ f over (low, high) by the double exponential rule; integrable singularities at the ends are no harm. Takahasi, Mori 1974. */
export function integrate(f: (x: number) => number, low: number, high: number, step = 1 / 16): number {
  return ruled(f, low, high, step).value;
}

/** ∫ f from the smallest to the largest of some places, piece by piece. */
export function integrateBetween(f: (x: number) => number, places: readonly number[]): number {
  const cuts = places.filter(Number.isFinite).sort((a, b) => a - b);
  return cuts.slice(1).reduce((sum, x, i) => (x > cuts[i]! ? sum + integrate(f, cuts[i]!, x) : sum), 0);
}

/** How far two rules of one piece may differ, in shares of the whole; the finer one is right to about the square of it. */
const DISAGREEMENT = 1e-8;

/** ∫ f over (low, high), halved wherever two steps of the rule differ; `whole` is the size of what it is added to. */
export function refined(f: (x: number) => number, low: number, high: number, whole: number, effort: Effort): Measured {
  spend(effort, 1);
  const { value, coarse, size } = ruled(f, low, high, 1 / 16);
  const middle = low + (high - low) / 2;
  const differs = Math.abs(value - coarse) > DISAGREEMENT * (whole + size);
  if (!differs || !(middle > low && middle < high)) return { value, size };
  const left = refined(f, low, middle, whole + size, effort);
  const right = refined(f, middle, high, whole + size, effort);
  return { value: left.value + right.value, size: left.size + right.size };
}
