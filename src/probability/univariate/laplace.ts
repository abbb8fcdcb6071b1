import { fromTail } from "../../numeric/special/index.ts";
import { finite, positive } from "./check.ts";
import { type Univariate, univariate } from "./univariate.ts";

/** Laplace: log p(x) = −|z| − log 2s, z = (x − μ)/s. */
export function laplace({ mean, scale }: { readonly mean: number; readonly scale: number }): Univariate {
  finite("laplace", { mean });
  positive("laplace", { scale });
  return univariate({
    family: "laplace",
    parameters: { mean, scale },
    kind: "continuous",
    support: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    logProb: (x) => -Math.abs(x - mean) / scale - Math.log(2 * scale),
    tails: (x) => {
      const log = -Math.abs(x - mean) / scale - Math.LN2;
      return fromTail(x > mean, Math.exp(log), log);
    },
    inverseTail: (p, isUpper) => {
      const z = p <= 0.5 ? Math.log(2 * p) : -Math.log(2 * (1 - p));
      return mean + scale * (isUpper ? -z : z);
    },
    mean,
    variance: 2 * scale ** 2,
    skewness: 0,
    kurtosis: 3,
    mode: mean,
    breaks: [mean],
    entropy: () => 1 + Math.log(2 * scale),
  });
}
