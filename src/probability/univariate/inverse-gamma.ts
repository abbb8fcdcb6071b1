import {
  digammaLessLog,
  gammaTails,
  inverseGammaP,
  inverseGammaQ,
  logGammaPower,
  mirrored,
} from "../../numeric/special/index.ts";
import { positive } from "./check.ts";
import { type Univariate, univariate } from "./univariate.ts";

/** Concentration α and scale β. */
export interface InverseGammaParameters {
  readonly concentration: number;
  readonly scale: number;
}

/** 1/g for a Gamma variable g: log p(x) = α log β − log Γ(α) − (α + 1) log x − β/x on x > 0. */
export function inverseGamma({ concentration: a, scale }: InverseGammaParameters): Univariate {
  positive("inverseGamma", { concentration: a, scale });
  const above = (least: number, value: number) => (a > least ? value : Number.POSITIVE_INFINITY);
  return univariate({
    family: "inverseGamma",
    parameters: { concentration: a, scale },
    kind: "continuous",
    support: [0, Number.POSITIVE_INFINITY],
    logProb: (x) => (x === 0 ? Number.NEGATIVE_INFINITY : logGammaPower(a, scale / x) - Math.log(x)),
    tails: (x) => mirrored(gammaTails(a, scale / x)),
    inverseTail: (p, isUpper) => scale / (isUpper ? inverseGammaP(a, p) : inverseGammaQ(a, p)),
    mean: above(1, scale / (a - 1)),
    variance: above(2, scale ** 2 / ((a - 1) ** 2 * (a - 2))),
    skewness: above(3, (4 * Math.sqrt(a - 2)) / (a - 3)),
    kurtosis: above(4, (6 * (5 * a - 11)) / ((a - 3) * (a - 4))),
    mode: scale / (a + 1),
    entropy: () => Math.log(scale / a) - logGammaPower(a, a) - (1 + a) * digammaLessLog(a),
  });
}
