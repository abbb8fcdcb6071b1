import type { HostArray } from "../../base/host.ts";
import { cholesky, logDiagonal, type Matrix, square } from "../../numeric/linear/index.ts";
import { digamma, logBeta, logGamma } from "../../numeric/special/index.ts";
import type { Params } from "../contract.ts";
import { array, type Component, type CovarianceKind, type MixtureParams } from "./components.ts";
import type { Layout } from "./layout.ts";
import { discreteParams, type Fitted, fittedMoments } from "./maximise.ts";
import type { MixtureConfig } from "./options.ts";
import { needsMatrix, type Statistics } from "./statistics.ts";

type Floats = HostArray<"float64">;

/** What is believed before any example: about means (strength 1), covariances (d degrees of freedom), shares. */
export interface Prior {
  readonly mean: Float64Array;
  /** Covariance of all examples: a matrix, or variances. */
  readonly covariance: Float64Array;
  readonly concentration: number;
}

/** The posterior, as arrays that a file can hold. */
export interface Posterior {
  /** Dirichlet: concentrations [K]; process: both parameters of the sticks' betas, [2, K]. */
  readonly concentration: Floats;
  /** Strength of the means, and degrees of freedom of the precision matrices, [K]. */
  readonly strength: Floats;
  readonly freedom: Floats;
}

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

/** E log wₖ under the posterior of shares. */
function expectedLogWeights({ data, shape }: Floats): Float64Array {
  const K = shape.at(-1)!;
  if (shape.length === 1) {
    const whole = digamma(sum(data));
    return data.map((alpha) => digamma(alpha) - whole);
  }
  let before = 0;
  return Float64Array.from({ length: K }, (_, k) => {
    const whole = digamma(data[k]! + data[K + k]!);
    const own = digamma(data[k]!) - whole + before;
    before += digamma(data[K + k]!) - whole;
    return own;
  });
}

/** The mean of the shares under their posterior. */
function meanWeights({ data, shape }: Floats): Float64Array {
  const K = shape.at(-1)!;
  let rest = 1;
  const weights =
    shape.length === 1
      ? data.slice()
      : Float64Array.from({ length: K }, (_, k) => {
          const broken = data[k]! / (data[k]! + data[K + k]!);
          const own = rest * broken;
          rest *= 1 - broken;
          return own;
        });
  const total = sum(weights);
  return weights.map((weight) => weight / total);
}

/**
 * Expectations of log (wₖ p(x | k)): plug-in components whose log weights carry E log wₖ and what E log |Λₖ| and the
 * uncertainty of the mean add to the density at the mean parameters. Bishop 2006, equations 10.64 to 10.66.
 */
export function expectedComponents(
  components: readonly Component[],
  { concentration, strength, freedom }: Posterior,
  D: number,
): Component[] {
  const logs = expectedLogWeights(concentration);
  return components.map((one, k) => {
    const nu = freedom.data[k]!;
    let lambda = D * Math.log(2) - D * Math.log(nu);
    for (let j = 0; j < D; j++) lambda += digamma(0.5 * (nu - j));
    return { ...one, logWeight: logs[k]! + 0.5 * (lambda - D / strength.data[k]!) };
  });
}

/**
 * Maximisation of the bound: the posterior of shares, means and precision matrices, and the parameters at its mean; as
 * scikit-learn's BayesianGaussianMixture; a tied covariance has the mean number of members as evidence. Bishop 2006, section 10.2; Blei & Jordan 2006.
 */
export function maximiseBound(
  statistics: Statistics,
  layout: Layout,
  config: MixtureConfig,
  prior: Prior,
): { readonly params: Params; readonly posterior: Posterior } {
  const [K, D] = [statistics.members.length, layout.reals.length];
  const fitted = fittedMoments(statistics, D, config.covariance);
  const { members, means } = fitted;
  const strength = members.map((n) => 1 + n);
  const all = sum(members);
  const freedom = members.map((n) => D + (config.covariance === "tied" ? all / K : n));
  const centre = means.map((mean, at) => {
    const k = Math.floor(at / D);
    return (prior.mean[at % D]! + members[k]! * mean) / strength[k]!;
  });
  const received = receivedBy(fitted, strength, D, config, prior);
  const block = needsMatrix(config.covariance) ? D * D : D;
  const spread = spreadOf(received, freedom, config.covariance, prior.covariance, block);
  const concentration = sharesPosterior(members, config.prior, prior.concentration);
  const posterior = { concentration, strength: array([K], strength), freedom: array([K], freedom) };
  const params: MixtureParams = {
    weights: array([K], meanWeights(concentration)),
    means: array([K, D], centre),
    covariances: array({ full: [K, D, D], tied: [D, D], diagonal: [K, D], spherical: [K] }[config.covariance], spread),
    ...discreteParams(statistics, layout, K, config.smoothing),
  };
  return { params: params as unknown as Params, posterior };
}

/** What members say of their component's covariance, and how far its mean was pulled. */
function receivedBy(
  { members, means, scatter }: Fitted,
  strength: Float64Array,
  D: number,
  { covariance, regularisation }: MixtureConfig,
  prior: Prior,
): Float64Array {
  const matrix = needsMatrix(covariance);
  const block = matrix ? D * D : D;
  return scatter.map((value, at) => {
    const k = Math.floor(at / block);
    const [i, j] = matrix ? [Math.floor((at % block) / D), at % D] : [at % D, at % D];
    const pull = (means[k * D + i]! - prior.mean[i]!) * (means[k * D + j]! - prior.mean[j]!);
    return members[k]! * (value + (i === j ? regularisation : 0) + pull / strength[k]!);
  });
}

/** Covariances at the mean of their posterior: prior and what was received, over the degrees of freedom. */
function spreadOf(
  received: Float64Array,
  freedom: Float64Array,
  kind: CovarianceKind,
  prior: Float64Array,
  block: number,
): Float64Array {
  const K = freedom.length;
  if (kind === "tied")
    return Float64Array.from({ length: block }, (_, at) => {
      let together = 0;
      for (let k = 0; k < K; k++) together += received[k * block + at]!;
      return (prior[at]! + together / K) / freedom[0]!;
    });
  if (kind === "spherical")
    return freedom.map((nu, k) => (prior[0]! + sum(received.subarray(k * block, (k + 1) * block)) / block) / nu);
  return received.map((value, at) => (prior[at % block]! + value) / freedom[Math.floor(at / block)]!);
}

function sharesPosterior(members: Float64Array, law: MixtureConfig["prior"], concentration: number): Floats {
  const K = members.length;
  if (law === "dirichlet")
    return array(
      [K],
      members.map((n) => n + concentration),
    );
  const data = new Float64Array(2 * K);
  for (let k = K - 1, later = 0; k >= 0; k--) {
    data[k] = 1 + members[k]!;
    data[K + k] = concentration + later;
    later += members[k]!;
  }
  return array([2, K], data);
}

/** The bound on the log evidence that rounds raise, up to a constant (that of scikit-learn). */
export function evidenceBound(
  entropy: number,
  { concentration, strength, freedom }: Posterior,
  covariances: Floats,
  D: number,
  kind: CovarianceKind,
): number {
  const K = strength.size;
  let bound = entropy;
  const tied = kind === "tied" ? halfLogDeterminant(covariances, 0, D, kind) : undefined;
  for (let k = 0; k < K; k++) {
    const nu = freedom.data[k]!;
    const half = -(tied ?? halfLogDeterminant(covariances, k, D, kind)) - 0.5 * D * Math.log(nu);
    let gammas = 0;
    for (let j = 0; j < D; j++) gammas += logGamma(0.5 * (nu - j));
    bound += nu * half + 0.5 * nu * D * Math.log(2) + gammas - 0.5 * D * Math.log(strength.data[k]!);
  }
  return bound + logNormaliser(concentration);
}

function halfLogDeterminant({ data }: Floats, k: number, D: number, kind: CovarianceKind): number {
  if (kind === "spherical") return 0.5 * D * Math.log(data[k]!);
  if (kind === "diagonal") return 0.5 * sum(data.slice(k * D, (k + 1) * D).map(Math.log));
  const own: Matrix = square(D, (i, j) => data[(k * D + i) * D + j]!);
  return logDiagonal(cholesky(own, "The covariance of a component"));
}

/** log of the normalising integral of the shares' posterior. */
function logNormaliser({ data, shape }: Floats): number {
  const K = shape.at(-1)!;
  if (shape.length === 1) return sum(data.map(logGamma)) - logGamma(sum(data));
  return sum(Array.from({ length: K }, (_, k) => logBeta(data[k]!, data[K + k]!)));
}
