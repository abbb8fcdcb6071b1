import { constant, lift, type Tensor, type TensorLike } from "../graph/index.ts";
import { type Moments, type ScaleParameter, scaleOf, shapesOf, sumEvent } from "./distribution.ts";
import { logGamma } from "./log-gamma.ts";

/** Independent Student t variables. */
export interface StudentT extends Moments {
  readonly family: "studentT";
  readonly freedom: Tensor;
  readonly location: Tensor;
  readonly logScale: Tensor;
  readonly eventRank: number;
}

/** Degrees of freedom, location and scale. */
export type StudentTParameters = { readonly freedom: TensorLike; readonly location: TensorLike } & ScaleParameter;

/**
 * Student t with ν degrees of freedom: log p(x) = log Γ((ν+1)/2) − log Γ(ν/2) − ½ log πν − log s − (ν+1)/2 log(1 + z²/ν),
 * z = (x − μ)/s. The mean exists for ν > 1, the variance s²ν/(ν − 2) is finite for ν > 2.
 */
export function studentT(parameters: StudentTParameters, eventRank = 0): StudentT {
  const [nu, mu] = [lift(parameters.freedom), lift(parameters.location)];
  const { scale, logScale } = scaleOf(parameters);
  const { batch, event, full } = shapesOf([nu, mu, scale], eventRank);
  const half = nu.add(1).mul(0.5);
  const normalizer = () =>
    logGamma(half)
      .sub(logGamma(nu.mul(0.5)))
      .sub(nu.mul(Math.PI).log().mul(0.5))
      .sub(logScale);
  return {
    family: "studentT",
    freedom: nu,
    location: mu,
    logScale,
    eventRank,
    batch,
    event,
    support: { kind: "real" },
    logProb: (x) => {
      const z = x.sub(mu).div(scale);
      return sumEvent(normalizer().sub(z.square().div(nu).log1p().mul(half)), eventRank);
    },
    mean: () => nu.greater(1).select(mu, Number.NaN).broadcastTo(full),
    variance: () => {
      const finite = scale.square().mul(nu).div(nu.sub(2));
      const heavy = nu.greater(1).select(constant(Number.POSITIVE_INFINITY), Number.NaN);
      return nu.greater(2).select(finite, heavy).broadcastTo(full);
    },
  };
}
