import { DataError, ShapeError, UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import { cholesky, inverseOf, type Matrix } from "../../numeric/linear/index.ts";
import { checkCount, type Emission, NEVER } from "./emission.ts";
import { diagonalState, fullState, type GaussianState } from "./gaussian-state.ts";

/** The kinds of covariances: one matrix each, one for all states, variances of the coordinates, one variance. */
export const covarianceKinds = ["full", "tied", "diagonal", "spherical"] as const;

/** The form of the covariances. */
export type CovarianceKind = (typeof covarianceKinds)[number];

/** What makes Gaussian emissions. */
export interface GaussianEmissionParameters {
  readonly covariance: CovarianceKind;
  /** [K, d]. */
  readonly means: ArrayLike<number>;
  /** full [K, d, d], tied [d, d], diagonal [K, d], spherical [K]. */
  readonly covariances: ArrayLike<number>;
  readonly states: number;
  /**
   * Added to the summed squares on the diagonal when fitted (0 when left out): keeps covariances from becoming singular.
   * It maximises the likelihood with −½ prior·tr Σ⁻¹ added, once for each covariance.
   */
  readonly prior?: number;
}

/** Gaussian emissions with their parameters. */
export interface GaussianEmission extends Emission {
  readonly covariance: CovarianceKind;
  readonly means: Float64Array;
  readonly covariances: Float64Array;
  readonly prior: number;
}

interface Parts {
  readonly covariance: CovarianceKind;
  readonly states: number;
  readonly dimension: number;
  readonly means: Float64Array;
  readonly covariances: Float64Array;
  readonly prior: number;
}

const isMatrix = (kind: CovarianceKind) => kind === "full" || kind === "tied";

/** Numbers that covariances of a kind take. */
export function covarianceSize(kind: CovarianceKind, states: number, d: number): number {
  if (!covarianceKinds.includes(kind)) throw new UsageError(unknownName("covariance", kind, covarianceKinds));
  return { full: states * d * d, tied: d * d, diagonal: states * d, spherical: states }[kind];
}

/** Normal vectors, one law for each state. */
export function gaussianEmission(given: GaussianEmissionParameters): GaussianEmission {
  const { covariance, states, prior = 0 } = given;
  checkCount("The number of states", states);
  const dimension = given.means.length / states;
  if (!Number.isInteger(dimension) || dimension < 1)
    throw new ShapeError(`Means of ${states} states are ${states} x d numbers; got ${given.means.length}.`);
  const size = covarianceSize(covariance, states, dimension);
  if (given.covariances.length !== size)
    throw new ShapeError(`${covariance} covariances here are ${size} numbers; got ${given.covariances.length}.`);
  if (!(prior >= 0)) throw new UsageError(`A prior on covariances is a number from 0 on; got ${prior}.`);
  const means = Float64Array.from(given.means);
  const covariances = Float64Array.from(given.covariances);
  const parts: Parts = { covariance, states, dimension, means, covariances, prior };
  let made: GaussianState[] | undefined;
  const each = () => (made ??= statesOf(parts));
  each();
  const spread = isMatrix(covariance) ? dimension * dimension : dimension;
  const sumSize = states * (1 + dimension + spread);
  return {
    family: "gaussian",
    ...parts,
    freedom: states * dimension + freedomOf(parts),
    logProb: (steps, out) => rate(parts, each(), steps, out),
    words: dimension,
    fill: (state, step, u) => each()[state]!.fill(step, u),
    outlook: (weights) => outlook(parts, weights),
    sumSize,
    sums: (values = new Float64Array(sumSize)) => ({
      add: (steps, posterior) => add(parts, each(), values, steps, posterior),
      solve: () => gaussianEmission({ ...parts, ...solved(parts, values) }),
    }),
    logPrior: () => (prior === 0 ? 0 : -0.5 * prior * inverseTrace(parts)),
  };
}

function freedomOf({ covariance, states, dimension: d }: Parts): number {
  const triangle = (d * (d + 1)) / 2;
  return { full: states * triangle, tied: triangle, diagonal: states * d, spherical: states }[covariance];
}

/** The covariance matrix of a state, as a matrix. */
function matrixOf({ covariance, covariances, dimension: d }: Parts, state: number): Matrix {
  if (isMatrix(covariance)) {
    const from = covariance === "full" ? state * d * d : 0;
    return { rows: d, columns: d, data: covariances.subarray(from, from + d * d) };
  }
  const data = new Float64Array(d * d);
  for (let j = 0; j < d; j++) data[j * (d + 1)] = covariances[covariance === "diagonal" ? state * d + j : state]!;
  return { rows: d, columns: d, data };
}

function statesOf(parts: Parts): GaussianState[] {
  const { covariance, dimension: d, means, states, covariances } = parts;
  return Array.from({ length: states }, (_, i) => {
    const mean = means.subarray(i * d, (i + 1) * d);
    if (isMatrix(covariance)) return fullState(mean, matrixOf(parts, i), `The covariance of state ${i}`);
    const variances = Float64Array.from(mean, (_, j) => covariances[covariance === "diagonal" ? i * d + j : i]!);
    const wrong = variances.findIndex((v) => !(v > 0 && v < Number.POSITIVE_INFINITY));
    if (wrong >= 0)
      throw new UsageError(
        `The variance of coordinate ${wrong} in state ${i} is ${variances[wrong]}: it needs to be above 0; leave out constant coordinates, or fit with a prior on covariances.`,
      );
    return diagonalState(mean, variances);
  });
}

function rate({ dimension: d, states }: Parts, each: readonly GaussianState[], steps: Float64Array, out: Float64Array) {
  for (let t = 0; t * d < steps.length; t++) {
    const step = steps.subarray(t * d, (t + 1) * d);
    for (let i = 0; i < states; i++) {
      const log = each[i]!.logProb(step);
      if (Number.isNaN(log)) throw new DataError(`Step ${t} holds a number that is not finite.`);
      out[t * states + i] = log;
    }
  }
}

/** Sums of a state: weight, Σ w r, Σ w (r rᵀ + what is missing), with r the distance from the mean so far. */
function sumsOf({ covariance, dimension: d }: Parts, values: Float64Array, state: number) {
  const spread = isMatrix(covariance) ? d * d : d;
  const from = state * (1 + d + spread);
  return {
    weight: values.subarray(from, from + 1),
    first: values.subarray(from + 1, from + 1 + d),
    second: values.subarray(from + 1 + d, from + 1 + d + spread),
  };
}

function add(
  parts: Parts,
  each: readonly GaussianState[],
  values: Float64Array,
  steps: Float64Array,
  posterior: Float64Array,
): void {
  const { dimension: d, states, covariance } = parts;
  const r = new Float64Array(d);
  const whole = isMatrix(covariance);
  for (let i = 0; i < states; i++) {
    const { weight, first, second } = sumsOf(parts, values, i);
    for (let t = 0; t * d < steps.length; t++) {
      const w = posterior[t * states + i]!;
      if (w === 0) continue;
      each[i]!.expect(steps.subarray(t * d, (t + 1) * d), w, r, second);
      weight[0]! += w;
      for (let j = 0; j < d; j++) {
        first[j]! += w * r[j]!;
        if (!whole) second[j]! += w * r[j]! * r[j]!;
        else for (let k = 0; k < d; k++) second[j * d + k]! += w * r[j]! * r[k]!;
      }
    }
  }
}

function solved(parts: Parts, values: Float64Array): Pick<GaussianEmissionParameters, "means" | "covariances"> {
  const { covariance, states, dimension: d, prior } = parts;
  const means = parts.means.slice();
  const covariances = parts.covariances.slice();
  const whole = isMatrix(covariance);
  const pooled = new Float64Array(d * d);
  let total = 0;
  for (let i = 0; i < states; i++) {
    const { weight, first, second } = sumsOf(parts, values, i);
    const w = weight[0]!;
    if (w < NEVER) continue;
    total += w;
    const shift = first.map((sum) => sum / w);
    for (let j = 0; j < d; j++) means[i * d + j]! += shift[j]!;
    const squares = second.map((sum, at) =>
      whole ? sum - w * shift[Math.floor(at / d)]! * shift[at % d]! : sum - w * shift[at]! * shift[at]!,
    );
    for (let j = 0; j < d; j++) squares[whole ? j * (d + 1) : j]! += covariance === "tied" ? 0 : prior;
    if (covariance === "tied") for (let at = 0; at < d * d; at++) pooled[at]! += squares[at]!;
    else if (covariance === "spherical") covariances[i] = squares.reduce((a, b) => a + b, 0) / (d * w);
    else
      covariances.set(
        squares.map((s) => s / w),
        i * squares.length,
      );
  }
  if (covariance === "tied" && total >= NEVER)
    for (let at = 0; at < d * d; at++) covariances[at] = (pooled[at]! + (at % (d + 1) === 0 ? prior : 0)) / total;
  return { means, covariances };
}

/** Σ tr Σ⁻¹ over the covariances there are. */
function inverseTrace(parts: Parts): number {
  const { covariance, covariances, states, dimension: d } = parts;
  if (covariance === "diagonal") return covariances.reduce((sum, v) => sum + 1 / v, 0);
  if (covariance === "spherical") return covariances.reduce((sum, v) => sum + d / v, 0);
  let sum = 0;
  for (let i = 0; i < (covariance === "tied" ? 1 : states); i++) {
    const inverse = inverseOf(cholesky(matrixOf(parts, i), `The covariance of state ${i}`));
    for (let j = 0; j < d; j++) sum += inverse.data[j * (d + 1)]!;
  }
  return sum;
}

/** Mean and covariance of the mixture: Σ w μ, Σ w (Σ + μ μᵀ) less the mean's own. */
function outlook(parts: Parts, weights: Float64Array) {
  const { dimension: d, states, means } = parts;
  const mean = new Float64Array(d);
  for (let i = 0; i < states; i++) for (let j = 0; j < d; j++) mean[j]! += weights[i]! * means[i * d + j]!;
  const data = new Float64Array(d * d);
  for (let i = 0; i < states; i++) {
    const own = matrixOf(parts, i).data;
    for (let j = 0; j < d; j++)
      for (let k = 0; k < d; k++)
        data[j * d + k]! +=
          weights[i]! * (own[j * d + k]! + (means[i * d + j]! - mean[j]!) * (means[i * d + k]! - mean[k]!));
  }
  return { mean, covariance: { rows: d, columns: d, data } };
}
