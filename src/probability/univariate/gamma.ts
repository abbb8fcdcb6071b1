import {
  digammaLessLog,
  gammaTails,
  inverseGammaP,
  inverseGammaQ,
  logGammaPower,
} from "../../numeric/special/index.ts";
import { positive } from "./check.ts";
import { type Univariate, univariate } from "./univariate.ts";

/** Concentration (shape) α and rate β. */
export interface GammaParameters {
  readonly concentration: number;
  readonly rate: number;
}

/** Gamma: log p(x) = α log β − log Γ(α) + (α − 1) log x − βx on x ≥ 0. */
export function gamma({ concentration: a, rate }: GammaParameters): Univariate {
  positive("gamma", { concentration: a, rate });
  return univariate({
    family: "gamma",
    parameters: { concentration: a, rate },
    kind: "continuous",
    support: [0, Number.POSITIVE_INFINITY],
    logProb: (x) => {
      if (x > 0) return logGammaPower(a, rate * x) - Math.log(x);
      return a === 1 ? Math.log(rate) : (1 - a) * Number.POSITIVE_INFINITY;
    },
    tails: (x) => gammaTails(a, rate * x),
    inverseTail: (p, isUpper) => (isUpper ? inverseGammaQ(a, p) : inverseGammaP(a, p)) / rate,
    mean: a / rate,
    variance: a / rate ** 2,
    skewness: 2 / Math.sqrt(a),
    kurtosis: 6 / a,
    mode: Math.max(a - 1, 0) / rate,
    entropy: () => Math.log(a / rate) - logGammaPower(a, a) + (1 - a) * digammaLessLog(a),
  });
}

/** Chi-square with ν degrees of freedom: the Gamma law of concentration ν/2 and rate ½. */
export function chiSquare({ freedom }: { readonly freedom: number }): Univariate {
  positive("chiSquare", { freedom });
  return { ...gamma({ concentration: freedom / 2, rate: 0.5 }), family: "chiSquare", parameters: { freedom } };
}
