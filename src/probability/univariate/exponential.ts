import { fromTail } from "../../numeric/special/index.ts";
import { positive } from "./check.ts";
import { type Univariate, univariate } from "./univariate.ts";

/** Exponential: log p(x) = log λ − λx on x ≥ 0. */
export function exponential({ rate }: { readonly rate: number }): Univariate {
  positive("exponential", { rate });
  return univariate({
    family: "exponential",
    parameters: { rate },
    kind: "continuous",
    support: [0, Number.POSITIVE_INFINITY],
    logProb: (x) => Math.log(rate) - rate * x,
    tails: (x) => {
      const lower = -Math.expm1(-rate * x);
      return lower < 0.5 ? fromTail(false, lower, Math.log(lower)) : fromTail(true, Math.exp(-rate * x), -rate * x);
    },
    inverseTail: (p, isUpper) => -(isUpper ? Math.log(p) : Math.log1p(-p)) / rate,
    mean: 1 / rate,
    variance: rate ** -2,
    skewness: 2,
    kurtosis: 6,
    mode: 0,
    entropy: () => 1 - Math.log(rate),
  });
}
