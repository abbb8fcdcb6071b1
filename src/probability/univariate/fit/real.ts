import { DataError } from "../../../base/errors.ts";
import { digamma } from "../../../numeric/special/index.ts";
import { laplace as laplaceLaw } from "../laplace.ts";
import { logNormal as logNormalLaw } from "../log-normal.ts";
import { logistic as logisticLaw } from "../logistic.ts";
import { normal as normalLaw } from "../normal.ts";
import { studentT as studentTLaw } from "../student-t.ts";
import { uniform as uniformLaw } from "../uniform.ts";
import type { Univariate } from "../univariate.ts";
import { average, median, POSITIVE, REAL, spread, type Weighted, weighted } from "./data.ts";

type Numbers = ArrayLike<number>;

function meanAndStdDev(family: string, data: Weighted, f: (x: number) => number = (x) => x) {
  const mean = average(data, f);
  return { mean, stdDev: spread(family, Math.sqrt(average(data, (x) => (f(x) - mean) ** 2))) };
}

/** Normal of largest likelihood: mean and root of the mean square about it (divided by Σ w, not Σ w − 1). */
export function normal(x: Numbers, weights?: Numbers): Univariate {
  return normalLaw(meanAndStdDev("normal", weighted("normal", x, weights, REAL)));
}

/** Log-normal of largest likelihood: the normal fit of the logarithms. */
export function logNormal(x: Numbers, weights?: Numbers): Univariate {
  return logNormalLaw(meanAndStdDev("logNormal", weighted("logNormal", x, weights, POSITIVE), Math.log));
}

/** Uniform of largest likelihood: from the smallest to the largest number. */
export function uniform(x: Numbers, weights?: Numbers): Univariate {
  const data = weighted("uniform", x, weights, REAL);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < x.length; i++) if (data.w(i) > 0) [low, high] = [Math.min(low, x[i]!), Math.max(high, x[i]!)];
  spread("uniform", high - low);
  return uniformLaw({ low, high });
}

/** Laplace of largest likelihood: median, and mean distance from it. */
export function laplace(x: Numbers, weights?: Numbers): Univariate {
  const data = weighted("laplace", x, weights, REAL);
  const mean = median(data);
  return laplaceLaw({
    mean,
    scale: spread(
      "laplace",
      average(data, (v) => Math.abs(v - mean)),
    ),
  });
}

/**
 * Logistic of largest likelihood: alternating the score equations E tanh(z/2) = 0 for the location (Newton) and
 * E z tanh(z/2) = 1 for the scale (fixed point), z = (x − μ)/s.
 */
export function logistic(x: Numbers, weights?: Numbers): Univariate {
  const data = weighted("logistic", x, weights, REAL);
  let { mean, stdDev: scale } = meanAndStdDev("logistic", data);
  scale *= Math.sqrt(3) / Math.PI;
  for (let i = 0; i < 500; i++) {
    const bend = (v: number) => Math.tanh((v - mean) / scale / 2);
    const step = (scale * average(data, bend)) / average(data, (v) => (1 - bend(v) ** 2) / 2);
    mean += step;
    const ratio = average(data, (v) => ((v - mean) / scale) * bend(v));
    scale *= ratio;
    if (Math.abs(step) < 1e-13 * scale && Math.abs(ratio - 1) < 1e-13) break;
  }
  return logisticLaw({ mean, scale });
}

/** Degrees of freedom are looked for up to here, where a t law differs from a normal one by less than a millionth. */
const MOST_FREEDOM = 1e6;
/** And down to here. */
const LEAST_FREEDOM = 1e-2;

/** The ν at which log(ν/2) − ψ(ν/2) + rest falls through 0, in [1e-2, 1e6], by halving log ν; an end where it never does. */
function freedomOf(rest: (nu: number) => number): number {
  const slope = (nu: number) => Math.log(nu / 2) - digamma(nu / 2) + rest(nu);
  if (slope(MOST_FREEDOM) > 0) return MOST_FREEDOM;
  if (slope(LEAST_FREEDOM) < 0) return LEAST_FREEDOM;
  let [low, high] = [Math.log(LEAST_FREEDOM), Math.log(MOST_FREEDOM)];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (slope(Math.exp(middle)) > 0) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/**
 * Refuses a t law that has shrunk onto one number: the likelihood grows without bound as the scale falls to 0 at a number of
 * share m of the weight, once the degrees of freedom are below m/(1 − m).
 */
function refuseSpike(data: Weighted, location: number, scale: number): void {
  const used = Array.from(data.x).filter((_, i) => data.w(i) > 0);
  const distance = (v: number) => Math.abs(v - location);
  const at = used.reduce((a, b) => (distance(b) < distance(a) ? b : a));
  const next = used.reduce((least, v) => (v === at ? least : Math.min(least, distance(v))), Number.POSITIVE_INFINITY);
  if (scale > 1e-6 * next) return;
  throw new DataError(
    `A fit of studentT has no best law for these numbers: the likelihood grows without bound as the scale falls to 0 at ${at}, where too many of them lie. Give a larger \`freedom\`, or fit another family.`,
  );
}

/**
 * Student t of largest likelihood in location, scale and (unless given) degrees of freedom: expectation-conditional
 * maximisation either. Liu, Rubin 1995, "ML estimation of the t distribution using EM and its extensions". Degrees of freedom of
 * 1e6 are the most there are: they say that no t law fits better than a normal one. Numbers among which so many are equal that
 * the likelihood has no bound nearby are refused.
 */
export function studentT(x: Numbers, weights?: Numbers, freedom?: number): Univariate {
  const data = weighted("studentT", x, weights, REAL);
  let { mean: location, stdDev: scale } = meanAndStdDev("studentT", data);
  let nu = freedom ?? 10;
  for (let i = 0; i < 2000; i++) {
    const before = [location, scale, nu];
    const pull = (v: number) => (nu + 1) / (nu + ((v - location) / scale) ** 2);
    const total = average(data, pull);
    const centre = average(data, (v) => pull(v) * v) / total;
    const square = average(data, (v) => pull(v) * (v - centre) ** 2);
    [location, scale] = [centre, Math.sqrt(square)];
    refuseSpike(data, location, scale);
    if (freedom === undefined)
      nu = freedomOf((n) => {
        const u = (v: number) => (n + 1) / (n + ((v - location) / scale) ** 2);
        return 1 + average(data, (v) => Math.log(u(v)) - u(v)) + digamma((n + 1) / 2) - Math.log((n + 1) / 2);
      });
    const after = [location, scale, nu];
    if (after.every((value, k) => Math.abs(value - before[k]!) <= 1e-10 * (scale + Math.abs(value)))) break;
  }
  if (freedom === undefined && nu === LEAST_FREEDOM)
    throw new DataError(
      `A fit of studentT needs numbers with lighter tails: the best law has less than ${LEAST_FREEDOM} degrees of freedom. Fit their logarithms, or give \`freedom\`.`,
    );
  return studentTLaw({ freedom: nu, location, scale });
}
