import { betaTails, logBetaPower, mirrored, xlog1py, xlogy } from "../../numeric/special/index.ts";
import { count, probability } from "./check.ts";
import { type Univariate, univariate } from "./univariate.ts";

/** Number of trials and probability of success. */
export interface BinomialParameters {
  readonly trials: number;
  readonly probability: number;
}

/** log C(n, k) pᵏ (1 − p)ⁿ⁻ᵏ: through the Beta density, without large logarithms that cancel. Loader 2000. */
function logBinomial(n: number, p: number, k: number): number {
  if (k === 0) return xlog1py(n, -p);
  if (k === n) return xlogy(n, p);
  if (p === 0 || p === 1) return Number.NEGATIVE_INFINITY;
  return logBetaPower(k, n - k, p) + Math.log(n / k / (n - k));
}

/** Binomial: successes in n trials, P(k) = C(n, k) pᵏ (1 − p)ⁿ⁻ᵏ. */
export function binomial({ trials: n, probability: p }: BinomialParameters): Univariate {
  count("binomial", "trials", n);
  probability("binomial", p);
  const variance = n * p * (1 - p);
  return univariate({
    family: "binomial",
    parameters: { trials: n, probability: p },
    kind: "discrete",
    support: [p === 1 ? n : 0, p === 0 ? 0 : n],
    logProb: (k) => logBinomial(n, p, k),
    tails: (k) => mirrored(betaTails(k + 1, n - k, p)),
    mean: n * p,
    variance,
    skewness: (1 - 2 * p) / Math.sqrt(variance),
    kurtosis: (1 - 6 * p * (1 - p)) / variance,
    mode: Math.min(n, Math.max(0, Math.ceil((n + 1) * p) - 1)),
  });
}
