import { UsageError } from "../../base/errors.ts";
import { logFactorial, logGamma } from "../../numeric/special/index.ts";
import { categorical } from "../univariate/categorical.ts";
import { positive } from "../univariate/check.ts";
import { COUNT, weighted } from "../univariate/fit/data.ts";
import type { Univariate } from "../univariate/univariate.ts";
import { type Dirichlet, type DirichletParameters, dirichlet, logDirichletNormalizer } from "./dirichlet.ts";
import { columnMoments } from "./fit.ts";
import { checkLength, cholesky, logDiagonal, type MatrixLike, matrixOf, rowOf, square, sum } from "./matrix.ts";
import type { Multivariate } from "./multivariate.ts";
import { multivariateStudentT } from "./student-t.ts";

type Numbers = ArrayLike<number>;

/** What data make of a Dirichlet prior; the predictive law is that of the next class. */
export interface DirichletUpdate {
  readonly parameters: DirichletParameters;
  readonly posterior: Dirichlet;
  readonly predictive: Univariate;
  readonly logEvidence: number;
}

function dirichletUpdate(prior: DirichletParameters, counts: Float64Array, logWays: number): DirichletUpdate {
  const parameters = { concentration: counts.map((n, k) => n + prior.concentration[k]!) };
  const total = sum(parameters.concentration);
  const gain = logDirichletNormalizer(parameters.concentration) - logDirichletNormalizer(prior.concentration);
  return {
    parameters,
    posterior: dirichlet(parameters),
    predictive: categorical({ probabilities: parameters.concentration.map((a) => a / total) }),
    logEvidence: gain + logWays,
  };
}

/** Dirichlet prior of class probabilities: each concentration grows by its class's count. */
export function categoricalDirichlet(prior: DirichletParameters, x: Numbers, weights?: Numbers): DirichletUpdate {
  const most = prior.concentration.length - 1;
  const holds = (k: number) => COUNT.holds(k) && k <= most;
  const data = weighted("categorical", x, weights, { what: `classes from 0 to ${most}`, holds });
  const counts = new Float64Array(most + 1);
  for (let i = 0; i < x.length; i++) if (data.w(i) > 0) counts[x[i]!]! += data.w(i);
  return dirichletUpdate(prior, counts, 0);
}

/** The same from rows of counts; the evidence holds the number of orders of each row. */
export function multinomialDirichlet(prior: DirichletParameters, x: MatrixLike, weights?: Numbers): DirichletUpdate {
  const rows = matrixOf(x);
  checkLength("The prior", rowOf(rows, 0), prior.concentration.length);
  const { mean, total, weights: w } = columnMoments("multinomial", rows, weights, COUNT);
  const ways = w.reduce((log, weight, i) => {
    const row = rowOf(rows, i);
    return log + weight * (logFactorial(sum(row)) - row.reduce((s, k) => s + logFactorial(k), 0));
  }, 0);
  return dirichletUpdate(
    prior,
    mean.map((m) => m * total),
    ways,
  );
}

/** Mean m and its weight κ in observations; degrees of freedom ν > d − 1 and scale matrix Ψ of the covariance. */
export interface NormalInverseWishartParameters {
  readonly mean: Numbers;
  readonly weight: number;
  readonly freedom: number;
  readonly scale: MatrixLike;
}

/** What data make of a normal-inverse-Wishart prior. */
export interface NormalInverseWishartUpdate {
  readonly parameters: NormalInverseWishartParameters;
  /** The law of the mean, Student t. */
  readonly mean: Multivariate;
  /** The law of the next vector, Student t. */
  readonly predictive: Multivariate;
  readonly logEvidence: number;
}

/** log Γ_d(a) = d(d − 1)/4·log π + Σ_j log Γ(a − j/2). */
function logMultivariateGamma(d: number, a: number): number {
  let log = ((d * (d - 1)) / 4) * Math.log(Math.PI);
  for (let j = 0; j < d; j++) log += logGamma(a - j / 2);
  return log;
}

function logConstant({ weight, freedom, scale }: NormalInverseWishartParameters, d: number): number {
  const logDet = 2 * logDiagonal(cholesky(matrixOf(scale), "The scale matrix of an inverse Wishart law"));
  return logMultivariateGamma(d, freedom / 2) - (freedom / 2) * logDet - (d / 2) * Math.log(weight);
}

/**
 * Normal-inverse-Wishart prior of mean and covariance of a normal law: Σ ~ IW(ν, Ψ), μ | Σ ~ N(m, Σ/κ). Murphy 2007,
 * "Conjugate Bayesian analysis of the Gaussian distribution", section 8.
 */
export function normalInverseWishart(
  prior: NormalInverseWishartParameters,
  x: MatrixLike,
  weights?: Numbers,
): NormalInverseWishartUpdate {
  const rows = matrixOf(x);
  const d = rows.columns;
  checkLength("The prior", rowOf(rows, 0), prior.mean.length);
  positive("normalInverseWishart", { weight: prior.weight, freedom: prior.freedom });
  if (prior.freedom <= d - 1)
    throw new UsageError(
      `normalInverseWishart of ${d} coordinates needs a \`freedom\` above ${d - 1}; got ${prior.freedom}.`,
    );
  const { mean, total: n, covariance } = columnMoments("multivariateNormal", rows, weights);
  const weight = prior.weight + n;
  const freedom = prior.freedom + n;
  const [psi, spread] = [matrixOf(prior.scale).data, covariance().data];
  const pull = (prior.weight * n) / weight;
  const away = mean.map((m, i) => m - prior.mean[i]!);
  const parameters = {
    mean: mean.map((m, i) => (prior.weight * prior.mean[i]! + n * m) / weight),
    weight,
    freedom,
    scale: square(d, (i, j) => psi[i * d + j]! + n * spread[i * d + j]! + pull * away[i]! * away[j]!),
  };
  const student = (factor: number) =>
    multivariateStudentT({
      freedom: freedom - d + 1,
      location: parameters.mean,
      scale: { ...parameters.scale, data: parameters.scale.data.map((v) => (v * factor) / (freedom - d + 1)) },
    });
  const gain = logConstant(parameters, d) - logConstant(prior, d);
  return {
    parameters,
    mean: student(1 / weight),
    predictive: student((weight + 1) / weight),
    logEvidence: gain - ((n * d) / 2) * Math.log(Math.PI),
  };
}
