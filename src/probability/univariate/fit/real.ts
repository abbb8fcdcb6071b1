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

/** The ν at which log(ν/2) − ψ(ν/2) = rest, in [1e-2, 1e6], by halving log ν. */
function freedomOf(rest: (nu: number) => number): number {
  let [low, high] = [Math.log(1e-2), Math.log(1e6)];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    const nu = Math.exp(middle);
    if (Math.log(nu / 2) - digamma(nu / 2) + rest(nu) > 0) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/**
 * Student t of largest likelihood in location, scale and (unless given) degrees of freedom: expectation-conditional
 * maximisation either. Liu, Rubin 1995, "ML estimation of the t distribution using EM and its extensions".
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
    [location, scale] = [centre, spread("studentT", Math.sqrt(square))];
    if (freedom === undefined)
      nu = freedomOf((n) => {
        const u = (v: number) => (n + 1) / (n + ((v - location) / scale) ** 2);
        return 1 + average(data, (v) => Math.log(u(v)) - u(v)) + digamma((n + 1) / 2) - Math.log((n + 1) / 2);
      });
    const after = [location, scale, nu];
    if (after.every((value, k) => Math.abs(value - before[k]!) <= 1e-10 * (scale + Math.abs(value)))) break;
  }
  return studentTLaw({ freedom: nu, location, scale });
}
