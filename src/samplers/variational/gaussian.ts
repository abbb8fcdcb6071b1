import { fold, type Key, normal } from "../../random/index.ts";

/** log 2π. */
const LOG_2PI = Math.log(2 * Math.PI);

/** A normal law on ℝ^d: independent coordinates, or any covariance by its lower triangular factor. */
export interface Gaussian {
  readonly kind: "mean-field" | "full-rank";
  readonly location: Float64Array;
  /** Logarithms of the standard deviations [d], or the lower triangular L with covariance L·Lᵀ [d·d] by rows. */
  readonly scale: Float64Array;
}

/** Where standard normal noise lands: μ + σ·ε, or μ + L·ε. */
export function place({ kind, location, scale }: Gaussian, noise: ArrayLike<number>): Float64Array {
  const d = location.length;
  const position = location.slice();
  for (let i = 0; i < d; i++) {
    if (kind === "mean-field") position[i]! += Math.exp(scale[i]!) * noise[i]!;
    else for (let j = 0; j <= i; j++) position[i]! += scale[i * d + j]! * noise[j]!;
  }
  return position;
}

/** log |det| of the scale. */
export function logScale({ kind, location, scale }: Gaussian): number {
  const d = location.length;
  let sum = 0;
  for (let i = 0; i < d; i++) sum += kind === "mean-field" ? scale[i]! : Math.log(Math.abs(scale[i * d + i]!));
  return sum;
}

/** Its entropy in nats, ½ d (1 + log 2π) + log |det|. */
export function entropy(law: Gaussian): number {
  return (law.location.length / 2) * (1 + LOG_2PI) + logScale(law);
}

/** log q at the place where the noise lands. */
export function logDensityOf(law: Gaussian, noise: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < noise.length; i++) squares += noise[i]! ** 2;
  return -0.5 * squares - (law.location.length / 2) * LOG_2PI - logScale(law);
}

/** Draw i of a law, made of the noise of (key, i) alone. */
export function noiseOf(key: Key, i: number, d: number): Float32Array {
  return normal(fold(key, i), [d]).data;
}
