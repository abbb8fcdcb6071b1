import { lift, type Tensor, type TensorLike } from "../graph/index.ts";
import { type Distribution, type NoiseLeaf, shapesOf } from "./distribution.ts";
import { diagonal, solveLower } from "./triangular.ts";

/** A normal vector with full covariance. */
export interface MultivariateNormal extends Distribution<NoiseLeaf> {
  readonly family: "multivariateNormal";
  readonly location: Tensor;
  readonly factor: Tensor;
  entropy(): Tensor;
  /** L·Lᵀ, [...batch, d, d]. */
  covariance(): Tensor;
}

/** Mean [..., d] and lower triangular Cholesky factor L [..., d, d] of the covariance, with positive diagonal. */
export interface MultivariateNormalParameters {
  readonly mean: TensorLike;
  readonly factor: TensorLike;
}

/**
 * Normal vectors with covariance L·Lᵀ: log p(x) = −½‖L⁻¹(x − μ)‖² − Σ log L_ii − d/2·log 2π; samples are μ + L·ε.
 * The event is the last axis.
 */
export function multivariateNormal(parameters: MultivariateNormalParameters): MultivariateNormal {
  const mu = lift(parameters.mean);
  const lower = lift(parameters.factor);
  const spread = lower.square().sum(-1); // variances [..., d]
  const { batch, event, full } = shapesOf([mu, spread], 1);
  const d = event[0]!;
  const logDet = () => diagonal(lower).log().sum(-1);
  return {
    family: "multivariateNormal",
    location: mu,
    factor: lower,
    batch,
    event,
    support: { kind: "real" },
    noise: { law: "normal", shape: full },
    reparameterized: true,
    logProb: (x) => {
      const z = solveLower(lower, x.sub(mu).expandDims(-1)).squeeze(-1);
      const constant = (d / 2) * Math.log(2 * Math.PI);
      return z.square().sum(-1).mul(-0.5).sub(logDet()).sub(constant);
    },
    sample: (noise) => lower.matmul(noise.expandDims(-1)).squeeze(-1).add(mu),
    mean: () => mu.broadcastTo(full),
    variance: () => spread.broadcastTo(full),
    stdDev: () => spread.sqrt().broadcastTo(full),
    entropy: () =>
      logDet()
        .add((d / 2) * Math.log(2 * Math.PI * Math.E))
        .broadcastTo(batch),
    covariance: () => lower.matmul(lower.swapAxes(-1, -2)).broadcastTo([...batch, d, d]),
  };
}
