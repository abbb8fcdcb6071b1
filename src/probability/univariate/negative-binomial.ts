import { betaTails, fromTail, logBetaPower, xlog1py } from "../../numeric/special/index.ts";
import { positive, probability } from "./check.ts";
import { type Univariate, univariate } from "./univariate.ts";

/** The number of successes waited for (any positive real) and the probability of a success. */
export interface NegativeBinomialParameters {
  readonly successes: number;
  readonly probability: number;
}

/** Negative binomial: failures before the r-th success, P(k) = Γ(k + r)/(Γ(r) k!) pʳ (1 − p)ᵏ. */
export function negativeBinomial({ successes: r, probability: p }: NegativeBinomialParameters): Univariate {
  positive("negativeBinomial", { successes: r });
  probability("negativeBinomial", p, true);
  const q = 1 - p;
  return univariate({
    family: "negativeBinomial",
    parameters: { successes: r, probability: p },
    kind: "discrete",
    support: [0, p === 1 ? 0 : Number.POSITIVE_INFINITY],
    logProb: (k) => (k === 0 ? r * Math.log(p) : logBetaPower(r, k, p, q) - Math.log(k)),
    tails: (k) => betaTails(r, k + 1, p, q),
    mean: (r * q) / p,
    variance: (r * q) / p ** 2,
    skewness: (2 - p) / Math.sqrt(r * q),
    kurtosis: 6 / r + p ** 2 / (r * q),
    mode: r > 1 ? Math.max(0, Math.ceil(((r - 1) * q) / p) - 1) : 0,
  });
}

/** Geometric: failures before the first success, P(k) = p (1 − p)ᵏ, k = 0, 1, 2, … */
export function geometric({ probability: p }: { readonly probability: number }): Univariate {
  probability("geometric", p, true);
  const q = 1 - p;
  return univariate({
    family: "geometric",
    parameters: { probability: p },
    kind: "discrete",
    support: [0, p === 1 ? 0 : Number.POSITIVE_INFINITY],
    logProb: (k) => Math.log(p) + xlog1py(k, -p),
    tails: (k) => {
      const log = (k + 1) * Math.log1p(-p);
      const lower = -Math.expm1(log);
      return lower < 0.5 ? fromTail(false, lower, Math.log(lower)) : fromTail(true, Math.exp(log), log);
    },
    mean: q / p,
    variance: q / p ** 2,
    skewness: (2 - p) / Math.sqrt(q),
    kurtosis: 6 + p ** 2 / q,
    mode: 0,
    entropy: () => -Math.log(p) - xlog1py(q, -p) / p,
  });
}
