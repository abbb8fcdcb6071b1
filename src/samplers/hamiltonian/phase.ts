import type { Evaluation } from "../target.ts";
import type { Metric } from "./metric.ts";

/** A position with its momentum, and the log density and its gradient there. */
export interface Phase {
  readonly position: Float64Array;
  readonly momentum: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
}

/** A computation that asks for the log density at positions: it yields the position and gets value and gradient back. */
export type Asking<R> = Generator<Float64Array, R, Evaluation>;

/** y + factor·x as a new vector. */
export function plus(y: Float64Array, factor: number, x: Float64Array): Float64Array {
  const sum = new Float64Array(y.length);
  for (let i = 0; i < sum.length; i++) sum[i] = y[i]! + factor * x[i]!;
  return sum;
}

/** Σ x·y. */
export function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
}

/** H = −log p(q) + ½ pᵀM⁻¹p. */
export function energy({ value, momentum }: Phase, metric: Metric): number {
  return 0.5 * dot(momentum, metric.velocity(momentum)) - value;
}

/**
 * One leapfrog step of length ε (negative: backwards in time): half a kick p += ε/2 ∇log p, a drift q += ε M⁻¹p, half a
 * kick. Reversible, and it preserves volume. Neal 2011, arXiv 1206.1901, section 2.3.
 */
export function* leapfrog(from: Phase, step: number, metric: Metric): Asking<Phase> {
  const momentum = plus(from.momentum, step / 2, from.gradient);
  const position = plus(from.position, step, metric.velocity(momentum));
  const { value, gradient } = yield position;
  for (let i = 0; i < momentum.length; i++) momentum[i]! += (step / 2) * gradient[i]!;
  return { position, momentum, value, gradient };
}
