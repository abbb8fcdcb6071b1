import { gammaTails, logGammaPower, mirrored } from "../../numeric/special/index.ts";
import { positive } from "./check.ts";
import { type Univariate, univariate } from "./univariate.ts";

/** Poisson: P(k) = λᵏ e^−λ / k!. */
export function poisson({ rate }: { readonly rate: number }): Univariate {
  positive("poisson", { rate });
  return univariate({
    family: "poisson",
    parameters: { rate },
    kind: "discrete",
    support: [0, Number.POSITIVE_INFINITY],
    logProb: (k) => (k === 0 ? -rate : logGammaPower(k, rate) - Math.log(k)),
    tails: (k) => mirrored(gammaTails(k + 1, rate)),
    mean: rate,
    variance: rate,
    skewness: 1 / Math.sqrt(rate),
    kurtosis: 1 / rate,
    mode: Math.ceil(rate) - 1,
  });
}
