import { lift, type Tensor, type TensorLike } from "../graph/index.ts";
import {
  type NoiseLeaf,
  openUnit,
  type ScaleParameter,
  scaleOf,
  shapesOf,
  sumEvent,
  type Univariate,
} from "./distribution.ts";

/** Independent Laplace variables. */
export interface Laplace extends Univariate<NoiseLeaf> {
  readonly family: "laplace";
  readonly location: Tensor;
  readonly logScale: Tensor;
  readonly eventRank: number;
}

/** Location and scale. */
export type LaplaceParameters = { readonly mean: TensorLike } & ScaleParameter;

/** The standard quantile −sign(u − ½) log(1 − 2|u − ½|), each side from its own tail. */
function standardQuantile(u: Tensor): Tensor {
  const lower = u.less(0.5);
  return lower
    .select(u.mul(2), 1)
    .log()
    .sub(lower.select(1, u.neg().add(1).mul(2)).log());
}

/** Laplace: log p(x) = −|z| − log 2s, z = (x − μ)/s. Variance 2s², entropy 1 + log 2s. */
export function laplace(parameters: LaplaceParameters, eventRank = 0): Laplace {
  const mu = lift(parameters.mean);
  const { scale, logScale } = scaleOf(parameters);
  const { batch, event, full } = shapesOf([mu, scale], eventRank);
  const standardize = (x: Tensor) => x.sub(mu).div(scale);
  const inverseCdf = (u: Tensor) => standardQuantile(u).mul(scale).add(mu);
  const variance = () => scale.square().mul(2).broadcastTo(full);
  return {
    family: "laplace",
    location: mu,
    logScale,
    eventRank,
    batch,
    event,
    support: { kind: "real" },
    noise: { law: "uniform", shape: full },
    reparameterized: true,
    logProb: (x) => sumEvent(standardize(x).abs().neg().sub(logScale.add(Math.LN2)), eventRank),
    sample: (u) => inverseCdf(openUnit(u)),
    mean: () => mu.broadcastTo(full),
    variance,
    stdDev: () => variance().sqrt(),
    entropy: () => sumEvent(logScale.add(1 + Math.LN2).broadcastTo(full), eventRank),
    cdf: (x) => {
      const z = standardize(x);
      const tail = z.abs().neg().exp().mul(0.5);
      return z.less(0).select(tail, tail.neg().add(1));
    },
    inverseCdf,
  };
}
