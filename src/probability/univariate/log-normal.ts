import { finite, positive } from "./check.ts";
import { HALF_LOG_2PI, type NormalParameters, normalQuantile, normalTails } from "./normal.ts";
import { type Univariate, univariate } from "./univariate.ts";

/** Log-normal: eᶻ for a normal z of the given mean and standard deviation; log p(x) = log N(log x) − log x. */
export function logNormal({ mean: mu, stdDev }: NormalParameters): Univariate {
  finite("logNormal", { mean: mu });
  positive("logNormal", { stdDev });
  const spread = Math.exp(stdDev ** 2);
  const mean = Math.exp(mu + stdDev ** 2 / 2);
  const z = (x: number) => (Math.log(x) - mu) / stdDev;
  return univariate({
    family: "logNormal",
    parameters: { mean: mu, stdDev },
    kind: "continuous",
    support: [0, Number.POSITIVE_INFINITY],
    logProb: (x) =>
      x === 0 ? Number.NEGATIVE_INFINITY : -0.5 * z(x) ** 2 - Math.log(stdDev) - HALF_LOG_2PI - Math.log(x),
    tails: (x) => normalTails(z(x)),
    inverseTail: (p, isUpper) => Math.exp(mu + stdDev * normalQuantile(p, isUpper)),
    mean,
    variance: Math.expm1(stdDev ** 2) * mean ** 2,
    skewness: (spread + 2) * Math.sqrt(Math.expm1(stdDev ** 2)),
    kurtosis: spread ** 4 + 2 * spread ** 3 + 3 * spread ** 2 - 6,
    mode: Math.exp(mu - stdDev ** 2),
    entropy: () => HALF_LOG_2PI + 0.5 + Math.log(stdDev) + mu,
  });
}
