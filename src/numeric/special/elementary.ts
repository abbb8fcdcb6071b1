/** Elementary functions of float64 numbers without loss of digits where two large parts cancel. */

/** log(1 − eˣ) for x ≤ 0. Mächler 2012, "Accurately computing log(1 − exp(−|a|))". */
export function log1mexp(x: number): number {
  return x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
}

/** log(1 + eˣ). */
export function log1pexp(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** log(eᵃ + eᵇ). */
export function logAddExp(a: number, b: number): number {
  const most = Math.max(a, b);
  return Math.abs(most) === Number.POSITIVE_INFINITY ? most : most + Math.log1p(Math.exp(-Math.abs(a - b)));
}

/** x log y with 0 log 0 = 0. */
export function xlogy(x: number, y: number): number {
  return x === 0 ? 0 : x * Math.log(y);
}

/** x log(1 + y) with 0 log 0 = 0. */
export function xlog1py(x: number, y: number): number {
  return x === 0 ? 0 : x * Math.log1p(y);
}

/** log(1 + x) − x, near 0 by the series of 2 artanh(x/(2 + x)). */
export function log1pmx(x: number): number {
  if (x < -0.4 || x > 0.6) return Math.log1p(x) - x;
  const z = x / (2 + x);
  const square = z * z;
  let power = z * square;
  let sum = 0;
  for (let n = 3; n < 60; n += 2) {
    const term = power / n;
    sum += term;
    if (Math.abs(term) < 1e-17 * Math.abs(sum)) break;
    power *= square;
  }
  return 2 * sum - x * z;
}

/** Deviance x log(x/m) + m − x ≥ 0 of a mean m from an observation x: what is left of Stirling's formula. Loader 2000. */
export function deviance(x: number, mean: number): number {
  if (x === 0) return mean;
  const ratio = (mean - x) / x;
  if (ratio > -0.4 && ratio < 0.6) return -x * log1pmx(ratio);
  const log = x / mean > 0 && x / mean < Number.POSITIVE_INFINITY ? Math.log(x / mean) : Math.log(x) - Math.log(mean);
  return x * log + (mean - x);
}
