import { constant, lift, onesLike, type Tensor, type TensorLike, vjp } from "../graph/index.ts";

/** From here on Stirling's series is used as it stands; smaller arguments are moved up by as much. */
const SHIFT = 8;

/**
 * B₂ₙ/(2n(2n − 1)) for n = 1..7 as fractions: numbers of a graph are single, their quotients are computed, so that the
 * float64 reference is exact. The first term left out is below 1e-15 for z ≥ 8.
 */
const FRACTIONS = [
  [1, 12],
  [-1, 360],
  [1, 1260],
  [-1, 1680],
  [1, 1188],
  [-691, 360360],
  [1, 156],
] as const;

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);
const ROUNDED = Math.fround(HALF_LOG_2PI);

/** Stirling's series (z − ½)(log z − 1) − ½ + ½ log 2π + Σ B₂ₙ/(2n(2n − 1)z²ⁿ⁻¹) (Abramowitz and Stegun 6.1.41). */
function stirling(z: Tensor): Tensor {
  const w = z.reciprocal();
  const square = w.square();
  const series = FRACTIONS.reduceRight(
    (sum: Tensor, [above, below]) => sum.mul(square).add(constant(above).div(below)),
    constant(0),
  );
  const correction = series
    .mul(w)
    .add(ROUNDED - 0.5)
    .add(HALF_LOG_2PI - ROUNDED);
  return z.log().sub(1).mul(z.sub(0.5)).add(correction);
}

/**
 * log Γ(x) for x > 0, differentiable any number of times; +∞ at 0. Errors are about 1e-14·(1 + |value|) in
 * float64 and 1e-6·(1 + |value|) in single precision. Below 8 by log Γ(x) = log Γ(x + 8) − log x(x + 1)⋯(x + 7).
 */
export function logGamma(x: Tensor): Tensor {
  const small = x.less(SHIFT);
  const factor = small.select(x, 1);
  const product = Array.from({ length: SHIFT - 1 }, (_, i) => factor.add(i + 1)).reduce((p, f) => p.mul(f), factor);
  return stirling(small.select(x.add(SHIFT), x)).sub(small.select(product, 1).log());
}

/** The digamma function ψ(x) = d log Γ(x)/dx for x > 0. */
export function digamma(x: Tensor): Tensor {
  return vjp([logGamma(x)], [onesLike(x)], [x])[0]!;
}

/** log B(a, b) = log Γ(a) + log Γ(b) − log Γ(a + b) for a, b > 0. */
export function logBeta(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = [lift(a), lift(b)];
  return logGamma(x)
    .add(logGamma(y))
    .sub(logGamma(x.add(y)));
}
