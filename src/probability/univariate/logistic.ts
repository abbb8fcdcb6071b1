import { fromTail, log1pexp } from "../../numeric/special/index.ts";
import { finite, positive } from "./check.ts";
import { type Univariate, univariate } from "./univariate.ts";

/** Logistic: distribution function 1/(1 + e⁻ᶻ), z = (x − μ)/s. */
export function logistic({ mean, scale }: { readonly mean: number; readonly scale: number }): Univariate {
  finite("logistic", { mean });
  positive("logistic", { scale });
  return univariate({
    family: "logistic",
    parameters: { mean, scale },
    kind: "continuous",
    support: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    logProb: (x) => {
      const z = Math.abs(x - mean) / scale;
      return -z - 2 * Math.log1p(Math.exp(-z)) - Math.log(scale);
    },
    tails: (x) => {
      const z = Math.abs(x - mean) / scale;
      return fromTail(x > mean, 1 / (1 + Math.exp(z)), -log1pexp(z));
    },
    inverseTail: (p, isUpper) => {
      const z = Math.log(p) - Math.log1p(-p);
      return mean + scale * (isUpper ? -z : z);
    },
    mean,
    variance: (Math.PI * scale) ** 2 / 3,
    skewness: 0,
    kurtosis: 1.2,
    mode: mean,
    entropy: () => Math.log(scale) + 2,
  });
}
