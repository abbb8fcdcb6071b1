import { UsageError } from "../../base/errors.ts";
import { HALF_LOG_2PI, normalQuantile } from "../univariate/normal.ts";
import {
  checkLength,
  cholesky,
  logDiagonal,
  type Matrix,
  type MatrixLike,
  matrixOf,
  rowOf,
  solveLower,
  square,
  submatrix,
} from "./matrix.ts";
import { type Multivariate, sampleRows } from "./multivariate.ts";

/** Mean [d] and covariance [d, d]. */
export interface MultivariateNormalParameters {
  readonly mean: ArrayLike<number>;
  readonly covariance: MatrixLike;
}

/** A normal vector. */
export interface MultivariateNormal extends Multivariate {
  /** The lower triangular Cholesky factor of the covariance. */
  readonly factor: Matrix;
  /** The law of some coordinates, in the order given. */
  marginal(coordinates: readonly number[]): MultivariateNormal;
  /** The law of the other coordinates (in their order) given the values of some, by coordinate number. */
  conditional(given: { readonly [coordinate: number]: number }): MultivariateNormal;
}

const WHAT = "The covariance of a multivariate normal";

function checkCoordinates(coordinates: readonly number[], dimension: number): void {
  const wrong = coordinates.find(
    (i, at) => !(Number.isInteger(i) && i >= 0 && i < dimension) || coordinates.indexOf(i) < at,
  );
  if (wrong !== undefined)
    throw new UsageError(
      `Coordinates of this law are different whole numbers from 0 to ${dimension - 1}; got ${wrong}.`,
    );
}

/**
 * Multivariate normal: log p(x) = −½‖L⁻¹(x − μ)‖² − Σ log L_ii − d/2·log 2π with Σ = L·Lᵀ. A singular covariance is
 * refused.
 */
export function multivariateNormal(parameters: MultivariateNormalParameters): MultivariateNormal {
  const mean = Float64Array.from(parameters.mean);
  const covariance = matrixOf(parameters.covariance);
  const factor = cholesky(covariance, WHAT);
  const d = mean.length;
  checkLength("The multivariate normal with this covariance", mean, factor.rows);
  return {
    family: "multivariateNormal",
    kind: "continuous",
    dimension: d,
    mean,
    factor,
    covariance: () => covariance,
    logProb: (x) => {
      checkLength("multivariateNormal", x, d);
      const z = solveLower(
        factor,
        mean.map((m, i) => x[i]! - m),
      );
      return -0.5 * z.reduce((sum, v) => sum + v * v, 0) - logDiagonal(factor) - d * HALF_LOG_2PI;
    },
    entropy: () => logDiagonal(factor) + d * (HALF_LOG_2PI + 0.5),
    sample: (key, count) =>
      sampleRows(key, count, d, d, (u, row) => {
        const z = u.map((v) => normalQuantile(v));
        for (let i = 0; i < d; i++) row[i] = mean[i]! + dot(rowOf(factor, i), z);
      }),
    marginal: (coordinates) => {
      checkCoordinates(coordinates, d);
      return multivariateNormal({
        mean: coordinates.map((i) => mean[i]!),
        covariance: submatrix(covariance, coordinates, coordinates),
      });
    },
    conditional: (given) => conditional(mean, covariance, given),
  };
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** μ₁ + Σ₁₂Σ₂₂⁻¹(x₂ − μ₂) and Σ₁₁ − Σ₁₂Σ₂₂⁻¹Σ₂₁, through the factor of Σ₂₂. */
function conditional(
  mean: Float64Array,
  covariance: Matrix,
  given: { readonly [coordinate: number]: number },
): MultivariateNormal {
  const known = Object.keys(given).map(Number);
  checkCoordinates(known, mean.length);
  const rest = Array.from(mean.keys()).filter((i) => !known.includes(i));
  if (rest.length === 0) throw new UsageError("A conditional law needs at least one coordinate that is not given.");
  const factor = cholesky(submatrix(covariance, known, known), `${WHAT} given coordinates ${known.join(", ")}`);
  const whitened = rest.map((i) =>
    solveLower(
      factor,
      known.map((j) => covariance.data[i * mean.length + j]!),
    ),
  );
  const residual = solveLower(
    factor,
    known.map((j) => given[j]! - mean[j]!),
  );
  const inner = submatrix(covariance, rest, rest);
  return multivariateNormal({
    mean: rest.map((i, k) => mean[i]! + dot(whitened[k]!, residual)),
    covariance: square(rest.length, (i, j) => inner.data[i * rest.length + j]! - dot(whitened[i]!, whitened[j]!)),
  });
}

/** KL(p‖q) of normal vectors: ½ (‖Lq⁻¹Lp‖² + ‖Lq⁻¹(μp − μq)‖² − d) + log det Lq − log det Lp. */
export function klMultivariateNormal(p: MultivariateNormal, q: MultivariateNormal): number {
  const d = p.dimension;
  checkLength("The second law", p.mean, q.dimension);
  let trace = 0;
  for (let j = 0; j < d; j++) {
    const column = solveLower(
      q.factor,
      Float64Array.from({ length: d }, (_, i) => p.factor.data[i * d + j]!),
    );
    trace += dot(column, column);
  }
  const shift = solveLower(
    q.factor,
    p.mean.map((m, i) => m - q.mean[i]!),
  );
  return 0.5 * (trace + dot(shift, shift) - d) + logDiagonal(q.factor) - logDiagonal(p.factor);
}
