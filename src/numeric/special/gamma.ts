import { log1pmx } from "./elementary.ts";

/** ζ(n) − 1 for n = 2, 3, … */
const ZETA_LESS_ONE = [
  0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
  0.008349277381922827, 0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853, 0.0004941886041194645,
  0.0002460865533080483, 0.00012271334757848915, 6.124813505870483e-5, 3.058823630702049e-5, 1.528225940865187e-5,
  7.637197637899763e-6, 3.81729326499984e-6, 1.908212716553939e-6, 9.539620338727962e-7, 4.769329867878064e-7,
  2.38450502727733e-7, 1.1921992596531106e-7, 5.960818905125948e-8, 2.980350351465228e-8, 1.4901554828365043e-8,
  7.45071178983543e-9,
];
/** 1 − γ, γ being Euler's constant. */
const ONE_LESS_EULER = 0.42278433509846713;
export const HALF_LOG_2PI = 0.9189385332046727;
/** Bernoulli's numbers B₂, B₄, … */
const BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510];

/** log Γ(2 + y) for |y| ≤ ½, to full relative accuracy (Abramowitz and Stegun 6.1.33). */
function nearTwo(y: number): number {
  const series = ZETA_LESS_ONE.reduceRight((sum, zeta, i) => -y * sum + zeta / (i + 2), 0);
  return y * (ONE_LESS_EULER + y * series);
}

/** log Γ(1 + x) for |x| ≤ ½, to full relative accuracy also next to 0. */
export function logGamma1p(x: number): number {
  return nearTwo(x) - Math.log1p(x);
}

/** Σ B₂ₙ / (2n(2n − 1) x²ⁿ⁻¹) for x ≥ 8 (Abramowitz and Stegun 6.1.41). */
function stirlingSeries(x: number): number {
  const square = 1 / (x * x);
  return BERNOULLI.reduceRight((sum, b, i) => sum * square + b / ((2 * i + 2) * (2 * i + 1)), 0) / x;
}

/** log Γ(x) for 0 < x: relative accuracy about 1e-15, also next to the zeros 1 and 2; NaN below 0. */
export function logGamma(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  if (x < 0.5) return logGamma1p(x) - Math.log(x);
  if (x <= 1.5) return logGamma1p(x - 1);
  if (x <= 2.5) return nearTwo(x - 2);
  if (x >= 8) return (Math.log(x) - 1) * (x - 0.5) + (HALF_LOG_2PI - 0.5 + stirlingSeries(x));
  let [product, rest] = [1, x];
  while (rest > 2.5) {
    rest -= 1;
    product *= rest;
  }
  return Math.log(product) + nearTwo(rest - 2);
}

/** log Γ(x) − (x − ½) log x + x − ½ log 2π: what Stirling's formula leaves out. */
export function stirlingError(x: number): number {
  return x >= 8 ? stirlingSeries(x) : logGamma(x) - (x - 0.5) * Math.log(x) + x - HALF_LOG_2PI;
}

/** ψ(x) − log x for x ≥ 10 (Abramowitz and Stegun 6.3.18). */
function digammaSeries(x: number): number {
  const square = 1 / (x * x);
  return -0.5 / x - BERNOULLI.reduceRight((sum, b, i) => (sum + b / (2 * i + 2)) * square, 0);
}

/** The digamma function ψ(x) = d log Γ(x)/dx for x > 0. */
export function digamma(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  let [shift, z] = [0, x];
  for (; z < 10; z += 1) shift += 1 / z;
  return Math.log(z) + digammaSeries(z) - shift;
}

/** ψ(x) − log x, with all its digits for large x. */
export function digammaLessLog(x: number): number {
  return x >= 10 ? digammaSeries(x) : digamma(x) - Math.log(x);
}

/** The trigamma function ψ′(x) for x > 0 (Abramowitz and Stegun 6.4.12). */
export function trigamma(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
  let [shift, z] = [0, x];
  for (; z < 10; z += 1) shift += 1 / (z * z);
  const square = 1 / (z * z);
  const series = BERNOULLI.reduceRight((sum, b) => (sum + b) * square, 0);
  return shift + (1 + 0.5 / z + series) / z;
}

/** The x > 0 with ψ(x) = y, by Newton's method. Minka 2000, "Estimating a Dirichlet distribution", appendix C. */
export function inverseDigamma(y: number): number {
  let x = y >= -2.22 ? Math.exp(y) + 0.5 : -1 / (y - digamma(1));
  for (let i = 0; i < 8; i++) x = Math.max(x - (digamma(x) - y) / trigamma(x), x / 10);
  return x;
}

/** log Γ(b) − log Γ(a + b) for b ≥ 8 and any a > 0, without cancellation for large b. */
function logGammaRatio(a: number, b: number): number {
  const h = a / b;
  const bend = h < 0.5 ? b * log1pmx(h) : b * Math.log1p(h) - a; // b log(1 + h) − a
  return stirlingError(b) - stirlingError(a + b) - a * Math.log(b) - bend - (a - 0.5) * Math.log1p(h);
}

/** log B(a, b) = log Γ(a) + log Γ(b) − log Γ(a + b) for a, b > 0, also where one or both are large. */
export function logBeta(a: number, b: number): number {
  const [small, large] = a < b ? [a, b] : [b, a];
  if (!(small > 0)) return small === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
  if (large < 8) return logGamma(small) + (logGamma(large) - logGamma(small + large));
  if (small < 8) return logGamma(small) + logGammaRatio(small, large);
  const h = small / large;
  const errors = stirlingError(small) + stirlingError(large) - stirlingError(small + large);
  const powers = (small - 0.5) * Math.log(h / (1 + h)) - large * Math.log1p(h);
  return HALF_LOG_2PI - 0.5 * Math.log(large) + powers + errors;
}

/** log n! for n ≥ 0, whole or not. */
export function logFactorial(n: number): number {
  return logGamma(n + 1);
}

/** log of n choose k for 0 ≤ k ≤ n, also real; −∞ outside. */
export function logChoose(n: number, k: number): number {
  if (k < 0 || k > n) return Number.NEGATIVE_INFINITY;
  if (k === 0 || k === n) return 0;
  return -Math.log(n + 1) - logBeta(k + 1, n - k + 1);
}
