import { UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import { fit, type Univariate } from "../univariate/index.ts";
import { type Emission, NEVER } from "./emission.ts";

/** A law from numbers with weights. */
export type WeightedFit = (x: ArrayLike<number>, weights: ArrayLike<number>) => Univariate;

/** Families with a maximum-likelihood fit that needs nothing but numbers and weights. */
const fits: Readonly<Record<string, WeightedFit>> = {
  bernoulli: fit.bernoulli,
  beta: fit.beta,
  chiSquare: fit.chiSquare,
  exponential: fit.exponential,
  gamma: fit.gamma,
  geometric: fit.geometric,
  inverseGamma: fit.inverseGamma,
  laplace: fit.laplace,
  logistic: fit.logistic,
  logNormal: fit.logNormal,
  negativeBinomial: fit.negativeBinomial,
  normal: fit.normal,
  poisson: fit.poisson,
  studentT: (x, weights) => fit.studentT(x, weights),
};

/** The fit of a family by its name. */
export function weightedFit(family: string): WeightedFit {
  const found = Object.hasOwn(fits, family) ? fits[family] : undefined;
  if (found) return found;
  throw new UsageError(unknownName("family of emissions", family, Object.keys(fits)));
}

/** Emissions of one number by a law of any family for each state. */
export interface UnivariateEmission extends Emission {
  readonly laws: readonly Univariate[];
}

/** Emissions of one number for each step; `fitting` is the family's own fit when left out, by its name. */
export function univariateEmission(laws: readonly Univariate[], fitting?: WeightedFit): UnivariateEmission {
  if (laws.length === 0) throw new UsageError("Emissions need the law of at least one state; got none.");
  const states = laws.length;
  const fitOf = () => fitting ?? weightedFit(laws[0]!.family);
  return {
    family: laws[0]!.family,
    laws,
    states,
    dimension: 1,
    freedom: laws.reduce((sum, { parameters }) => sum + Object.keys(parameters).length, 0),
    logProb: (steps, out) => {
      for (let t = 0; t < steps.length; t++)
        for (let i = 0; i < states; i++) out[t * states + i] = Number.isNaN(steps[t]) ? 0 : laws[i]!.logProb(steps[t]!);
    },
    words: 1,
    fill: (state, step, u) => {
      if (Number.isNaN(step[0])) step[0] = laws[state]!.inverseCdf(u[0]!);
    },
    outlook: (weights) => {
      const mean = laws.reduce((sum, law, i) => sum + weights[i]! * law.mean, 0);
      const variance = laws.reduce((sum, law, i) => sum + weights[i]! * (law.variance + (law.mean - mean) ** 2), 0);
      return {
        mean: Float64Array.of(mean),
        covariance: { rows: 1, columns: 1, data: Float64Array.of(variance) },
      };
    },
    sums: () => {
      const seen: number[] = [];
      const weights: number[][] = laws.map(() => []);
      return {
        add: (steps, posterior) => {
          for (let t = 0; t < steps.length; t++) {
            if (Number.isNaN(steps[t])) continue;
            seen.push(steps[t]!);
            for (let i = 0; i < states; i++) weights[i]!.push(posterior[t * states + i]!);
          }
        },
        solve: () =>
          univariateEmission(
            laws.map((law, i) => {
              const total = weights[i]!.reduce((a, b) => a + b, 0);
              return total < NEVER ? law : fitOf()(seen, weights[i]!);
            }),
            fitting,
          ),
      };
    },
    logPrior: () => 0,
  };
}
