import { fromTail } from "../../numeric/special/index.ts";
import { positive } from "./check.ts";
import { type Univariate, univariate } from "./univariate.ts";

/** Concentration α and scale s. */
export interface LomaxParameters {
  readonly concentration: number;
  readonly scale: number;
}

/** Lomax (Pareto of the second kind): P(X > x) = (1 + x/s)^−α; an exponential whose rate is Gamma(α, s). */
export function lomax({ concentration: a, scale }: LomaxParameters): Univariate {
  positive("lomax", { concentration: a, scale });
  const above = (least: number, value: number) => (a > least ? value : Number.POSITIVE_INFINITY);
  return univariate({
    family: "lomax",
    parameters: { concentration: a, scale },
    kind: "continuous",
    support: [0, Number.POSITIVE_INFINITY],
    logProb: (x) => Math.log(a / scale) - (a + 1) * Math.log1p(x / scale),
    tails: (x) => {
      const log = -a * Math.log1p(x / scale);
      const lower = -Math.expm1(log);
      return lower < 0.5 ? fromTail(false, lower, Math.log(lower)) : fromTail(true, Math.exp(log), log);
    },
    inverseTail: (p, isUpper) => scale * Math.expm1(-(isUpper ? Math.log(p) : Math.log1p(-p)) / a),
    mean: above(1, scale / (a - 1)),
    variance: above(2, (scale ** 2 * a) / ((a - 1) ** 2 * (a - 2))),
    skewness: above(3, ((2 * (1 + a)) / (a - 3)) * Math.sqrt((a - 2) / a)),
    kurtosis: above(4, (6 * (a ** 3 + a ** 2 - 6 * a - 2)) / (a * (a - 3) * (a - 4))),
    mode: 0,
    entropy: () => Math.log(scale / a) + 1 + 1 / a,
  });
}
