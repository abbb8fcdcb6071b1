import { logGamma } from "../../../numeric/special/index.ts";
import { positive } from "../check.ts";
import { average, REAL, type Weighted, weighted } from "../fit/data.ts";
import { gamma } from "../gamma.ts";
import { HALF_LOG_2PI, type NormalParameters, normal } from "../normal.ts";
import { studentT } from "../student-t.ts";
import type { Univariate } from "../univariate.ts";
import type { JointUpdate, Update } from "./conjugate.ts";

type Numbers = ArrayLike<number>;

/** Mean m and its weight κ in observations; concentration α and rate β of the Gamma law of the precision. */
export interface NormalGammaParameters {
  readonly mean: number;
  readonly weight: number;
  readonly concentration: number;
  readonly rate: number;
}

function moments(data: Weighted): { mean: number; squares: number } {
  const mean = average(data);
  return { mean, squares: average(data, (x) => (x - mean) ** 2) * data.total };
}

/** Normal prior of the mean of a normal law of known standard deviation. */
export function normalMean(
  prior: NormalParameters,
  x: Numbers,
  stdDev: number,
  weights?: Numbers,
): Update<NormalParameters> {
  positive("normal", { stdDev });
  const data = weighted("normal", x, weights, REAL);
  const { mean, squares } = moments(data);
  const [before, more] = [prior.stdDev ** -2, data.total / stdDev ** 2];
  const spread = 1 / Math.sqrt(before + more);
  const parameters = { mean: (before * prior.mean + more * mean) / (before + more), stdDev: spread };
  const atMean = normal({ mean: prior.mean, stdDev: Math.hypot(prior.stdDev, stdDev / Math.sqrt(data.total)) });
  const inside =
    -squares / (2 * stdDev ** 2) - (data.total - 1) * (Math.log(stdDev) + HALF_LOG_2PI) - 0.5 * Math.log(data.total);
  return {
    parameters,
    posterior: normal(parameters),
    predictive: normal({ mean: parameters.mean, stdDev: Math.hypot(spread, stdDev) }),
    logEvidence: atMean.logProb(mean) + inside,
  };
}

/** The laws under a normal-Gamma law: of the precision, of the mean, and of the next number. */
export function normalGammaMarginals({ mean, weight, concentration: a, rate }: NormalGammaParameters): {
  readonly precision: Univariate;
  readonly mean: Univariate;
  readonly predictive: Univariate;
} {
  const student = (scale: number) => studentT({ freedom: 2 * a, location: mean, scale });
  return {
    precision: gamma({ concentration: a, rate }),
    mean: student(Math.sqrt(rate / (a * weight))),
    predictive: student(Math.sqrt((rate * (weight + 1)) / (a * weight))),
  };
}

/**
 * Normal-Gamma prior of mean and precision of a normal law: τ ~ Gamma(α, β), μ | τ ~ N(m, 1/(κτ)); the next number is
 * Student t with 2α degrees of freedom. Murphy 2007, "Conjugate Bayesian analysis of the Gaussian distribution".
 */
export function normalGamma(
  prior: NormalGammaParameters,
  x: Numbers,
  weights?: Numbers,
): JointUpdate<NormalGammaParameters> & ReturnType<typeof normalGammaMarginals> {
  positive("normalGamma", { weight: prior.weight, concentration: prior.concentration, rate: prior.rate });
  const data = weighted("normal", x, weights, REAL);
  const { mean, squares } = moments(data);
  const n = data.total;
  const weight = prior.weight + n;
  const parameters = {
    mean: (prior.weight * prior.mean + n * mean) / weight,
    weight,
    concentration: prior.concentration + n / 2,
    rate: prior.rate + squares / 2 + (prior.weight * n * (mean - prior.mean) ** 2) / (2 * weight),
  };
  const constant = ({ weight: k, concentration: a, rate }: NormalGammaParameters) =>
    logGamma(a) - a * Math.log(rate) - 0.5 * Math.log(k);
  const logEvidence = constant(parameters) - constant(prior) - n * HALF_LOG_2PI;
  return { parameters, logEvidence, ...normalGammaMarginals(parameters) };
}
