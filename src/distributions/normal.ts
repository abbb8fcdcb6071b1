import { lift, type Tensor, type TensorLike } from "../graph/index.ts";
import { type NoiseLeaf, shapesOf, sumEvent, type Univariate } from "./distribution.ts";
import { normalQuantile } from "./quantile.ts";

/** log √(2π). */
const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

/** Independent normals: diagonal covariance. */
export interface Normal extends Univariate<NoiseLeaf> {
  readonly family: "normal";
  readonly location: Tensor;
  readonly logStdDev: Tensor;
  readonly eventRank: number;
}

/** A mean and a spread, said one way or the other. */
export type NormalParameters = { readonly mean: TensorLike } & (
  | { readonly stdDev: TensorLike }
  | { readonly logStdDev: TensorLike }
);

/**
 * Normal with diagonal covariance: log p(x) = Σ −½ ((x − μ)/σ)² − log σ − ½ log 2π over the event, the last `eventRank`
 * axes. Samples are μ + σ·ε.
 */
export function normal(parameters: NormalParameters, eventRank = 0): Normal {
  const mu = lift(parameters.mean);
  const logSigma = "logStdDev" in parameters ? lift(parameters.logStdDev) : lift(parameters.stdDev).log();
  const sigma = "stdDev" in parameters ? lift(parameters.stdDev) : logSigma.exp();
  const { batch, event, full } = shapesOf([mu, sigma], eventRank);
  const standardize = (x: Tensor) => x.sub(mu).div(sigma);
  return {
    family: "normal",
    location: mu,
    logStdDev: logSigma,
    eventRank,
    batch,
    event,
    support: { kind: "real" },
    noise: { law: "normal", shape: full },
    reparameterized: true,
    logProb: (x) => sumEvent(standardize(x).square().mul(-0.5).sub(logSigma.add(HALF_LOG_2PI)), eventRank),
    sample: (noise) => noise.mul(sigma).add(mu),
    mean: () => mu.broadcastTo(full),
    variance: () => sigma.square().broadcastTo(full),
    stdDev: () => sigma.broadcastTo(full),
    entropy: () => sumEvent(logSigma.add(HALF_LOG_2PI + 0.5).broadcastTo(full), eventRank),
    cdf: (x) => standardize(x).mul(Math.SQRT1_2).erf().add(1).mul(0.5),
    inverseCdf: (u) => normalQuantile(u).mul(sigma).add(mu),
  };
}
