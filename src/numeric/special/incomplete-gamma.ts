import { deviance } from "./elementary.ts";
import { erfc, erfcx } from "./erf.ts";
import { HALF_LOG_2PI, logGamma, logGamma1p, stirlingError } from "./gamma.ts";
import { fromTail, type Tails } from "./tails.ts";

/** Taylor coefficients from η¹ on of η/μ with ½η² = μ − log(1 + μ): Temme 1979; Gil, Segura, Temme 2012, section 2.5. */
const TEMME = [
  -0.3333333333333333, 0.08333333333333333, -0.014814814814814815, 0.0011574074074074073, 0.0003527336860670194,
  -0.0001787551440329218, 3.919263178522438e-5, -2.185448510679992e-6, -1.85406221071516e-6, 8.296711340953087e-7,
  -1.7665952736826078e-7, 6.707853543401498e-9, 1.0261809784240309e-8, -4.382036018453353e-9, 9.14769958223679e-10,
  -2.5514193994946248e-11, -5.830772132550426e-11, 2.4361948020667415e-11, -5.0276692801141755e-12,
  1.1004392031956135e-13, 3.371763262400985e-13, -1.392388722418162e-13, 2.8534893807047445e-14, -5.139111834242572e-16,
  -1.9752288294349442e-15, 8.099521156704561e-16,
];
const MOST_STEPS = 100_000;

/** log of xᵃ e⁻ˣ / Γ(a): x times the Gamma density. Loader 2000 for large a. */
export function logGammaPower(a: number, x: number): number {
  if (a < 8) return a * Math.log(x) - x - logGamma(a);
  return 0.5 * Math.log(a) - HALF_LOG_2PI - stirlingError(a) - deviance(a, x);
}

/** P / (xᵃ e⁻ˣ / Γ(a)) = 1/a + x/(a(a + 1)) + … (Abramowitz and Stegun 6.5.29). */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < MOST_STEPS && term > 1e-17 * sum; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

/** Q / (xᵃ e⁻ˣ / Γ(a)) by its continued fraction, modified Lentz (Abramowitz and Stegun 6.5.31). */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n < MOST_STEPS; n++) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    const change = c * d;
    value *= change;
    if (Math.abs(change - 1) < 1e-16) break;
  }
  return value;
}

/** Q for small a and x, where P is next to 1: 1 − xᵃ/Γ(1 + a) − xᵃ/Γ(a) Σ (−x)ⁿ/((a + n) n!). */
function upperSeries(a: number, x: number): number {
  let [factor, sum] = [1, 0];
  for (let n = 1; n < 60; n++) {
    factor *= -x / n;
    sum += factor / (a + n);
    if (Math.abs(factor) < 1e-17) break;
  }
  const logPower = a * Math.log(x) - (a <= 0.5 ? logGamma1p(a) : logGamma(a + 1));
  return -Math.expm1(logPower) - a * Math.exp(logPower) * sum;
}

/** Temme's uniform expansion for a ≥ 12 and x near a: ½ erfc(±η √(a/2)) ± R with ½η² = x/a − 1 − log(x/a). */
function temme(a: number, x: number): Tails {
  const half = deviance(a, x); // a η²/2
  const eta = Math.sign(x - a) * Math.sqrt((2 * half) / a);
  const b = new Float64Array(TEMME.length + 2);
  for (let m = TEMME.length - 1; m >= 0; m--) b[m] = TEMME[m]! + ((m + 2) * b[m + 2]!) / a;
  let series = 0;
  for (let m = TEMME.length - 1; m >= 0; m--) series = series * eta + b[m]!;
  const rest = series / (1 + b[1]! / a) / Math.sqrt(2 * Math.PI * a);
  const upper = x >= a;
  const root = Math.sqrt(half);
  if (root < 5) {
    const tail = 0.5 * erfc(root) + (upper ? rest : -rest) * Math.exp(-half);
    return fromTail(upper, tail, Math.log(tail));
  }
  const log = Math.log(0.5 * erfcx(root) + (upper ? rest : -rest)) - half;
  return fromTail(upper, Math.exp(log), log);
}

/**
 * Both tails of the regularised incomplete gamma function and their logarithms, for a > 0 and x ≥ 0: P = ∫₀ˣ tᵃ⁻¹ e⁻ᵗ dt /
 * Γ(a) and Q = 1 − P; the smaller one has its own relative accuracy.
 */
export function gammaTails(a: number, x: number): Tails {
  if (!(a > 0) || !(x >= 0)) return fromTail(false, Number.NaN, Number.NaN);
  if (x === 0 || x === Number.POSITIVE_INFINITY) return fromTail(x !== 0, 0, Number.NEGATIVE_INFINITY);
  if (a >= 12 && x > 0.3 * a && x < 2.35 * a) return temme(a, x);
  const small = x <= 1.1;
  if (small && (x <= 0.5 ? -0.4 / Math.log(x) >= a : x * 1.1 >= a)) {
    const q = upperSeries(a, x);
    return fromTail(true, q, Math.log(q));
  }
  const upper = !small && x >= a;
  const log = logGammaPower(a, x) + Math.log(upper ? upperFraction(a, x) : lowerSeries(a, x));
  return fromTail(upper, Math.exp(log), log);
}

/** The regularised incomplete gamma function P(a, x). */
export function gammaP(a: number, x: number): number {
  return gammaTails(a, x).lower;
}

/** Its complement Q(a, x), with all its digits where it is small. */
export function gammaQ(a: number, x: number): number {
  return gammaTails(a, x).upper;
}
