import { erfc, fromTail, inverseErf, inverseErfc, logErfc, type Tails } from "../../numeric/special/index.ts";
import { finite, positive } from "./check.ts";
import { type Univariate, univariate } from "./univariate.ts";

/** Mean and standard deviation. */
export interface NormalParameters {
  readonly mean: number;
  readonly stdDev: number;
}

export const HALF_LOG_2PI = 0.9189385332046727;

/** Tails of the standard normal law at z. */
export function normalTails(z: number): Tails {
  const log = logErfc(Math.abs(z) * Math.SQRT1_2) - Math.LN2;
  return fromTail(z > 0, 0.5 * erfc(Math.abs(z) * Math.SQRT1_2), log);
}

/** The z whose lower (or upper) tail under the standard normal law is p. */
export function normalQuantile(p: number, isUpper = false): number {
  const z = Math.SQRT2 * (p > 0.25 && p < 0.75 ? inverseErf(2 * p - 1) : -inverseErfc(2 * p));
  return isUpper ? -z : z;
}

/** Normal: log p(x) = −½ ((x − μ)/σ)² − log σ − ½ log 2π. */
export function normal({ mean, stdDev }: NormalParameters): Univariate {
  finite("normal", { mean });
  positive("normal", { stdDev });
  return univariate({
    family: "normal",
    parameters: { mean, stdDev },
    kind: "continuous",
    support: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    logProb: (x) => -0.5 * ((x - mean) / stdDev) ** 2 - Math.log(stdDev) - HALF_LOG_2PI,
    tails: (x) => normalTails((x - mean) / stdDev),
    inverseTail: (p, isUpper) => mean + stdDev * normalQuantile(p, isUpper),
    mean,
    variance: stdDev ** 2,
    skewness: 0,
    kurtosis: 0,
    mode: mean,
    entropy: () => HALF_LOG_2PI + 0.5 + Math.log(stdDev),
  });
}
