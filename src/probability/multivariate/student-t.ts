import { digamma, inverseGammaP, logBeta, logGamma } from "../../numeric/special/index.ts";
import { positive } from "../univariate/check.ts";
import { normalQuantile } from "../univariate/normal.ts";
import { checkLength, cholesky, logDiagonal, type MatrixLike, matrixOf, rowOf, solveLower } from "./matrix.ts";
import { type Multivariate, sampleRows } from "./multivariate.ts";

/** Degrees of freedom, location [d] and scale matrix [d, d]. */
export interface MultivariateStudentTParameters {
  readonly freedom: number;
  readonly location: ArrayLike<number>;
  readonly scale: MatrixLike;
}

/**
 * Multivariate Student t: log p(x) = log Γ((ν + d)/2) − log Γ(ν/2) − d/2·log νπ − Σ log L_ii − (ν + d)/2·log(1 +
 * ‖L⁻¹(x − μ)‖²/ν), scale L·Lᵀ. The mean exists for ν > 1, the covariance, scale·ν/(ν − 2), for ν > 2.
 */
export function multivariateStudentT(parameters: MultivariateStudentTParameters): Multivariate {
  const nu = parameters.freedom;
  positive("multivariateStudentT", { freedom: nu });
  const location = Float64Array.from(parameters.location);
  const scale = matrixOf(parameters.scale);
  const factor = cholesky(scale, "The scale matrix of a multivariate Student t");
  const d = location.length;
  checkLength("The multivariate Student t with this scale matrix", location, factor.rows);
  const gammas = logGamma(d / 2) - logBeta(nu / 2, d / 2); // log Γ((ν + d)/2) − log Γ(ν/2), without cancellation
  const logNormalizer = (d / 2) * Math.log(nu * Math.PI) + logDiagonal(factor) - gammas;
  return {
    family: "multivariateStudentT",
    kind: "continuous",
    dimension: d,
    mean: nu > 1 ? location : location.map(() => Number.NaN),
    covariance: () => ({ ...scale, data: scale.data.map((v) => (nu > 2 ? (v * nu) / (nu - 2) : Number.NaN)) }),
    logProb: (x) => {
      checkLength("multivariateStudentT", x, d);
      const z = solveLower(
        factor,
        location.map((m, i) => x[i]! - m),
      );
      return -logNormalizer - ((nu + d) / 2) * Math.log1p(z.reduce((sum, v) => sum + v * v, 0) / nu);
    },
    entropy: () => logNormalizer + ((nu + d) / 2) * (digamma((nu + d) / 2) - digamma(nu / 2)),
    sample: (key, count) =>
      sampleRows(key, count, d, d + 1, (u, row) => {
        const stretch = Math.sqrt(nu / 2 / inverseGammaP(nu / 2, u[d]!));
        const z = u.subarray(0, d).map((v) => normalQuantile(v) * stretch);
        for (let i = 0; i < d; i++) row[i] = location[i]! + rowOf(factor, i).reduce((sum, l, j) => sum + l * z[j]!, 0);
      }),
  };
}
