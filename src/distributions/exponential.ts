import { lift, type Tensor, type TensorLike } from "../graph/index.ts";
import { type NoiseLeaf, openUnit, shapesOf, sumEvent, type Univariate } from "./distribution.ts";
import { onSupport } from "./support.ts";

/** Independent exponential variables. */
export interface Exponential extends Univariate<NoiseLeaf> {
  readonly family: "exponential";
  readonly rate: Tensor;
  readonly eventRank: number;
}

/** Exponential on x ≥ 0: log p(x) = log λ − λx. Mean 1/λ, entropy 1 − log λ. */
export function exponential(parameters: { readonly rate: TensorLike }, eventRank = 0): Exponential {
  const rate = lift(parameters.rate);
  const { batch, event } = shapesOf([rate], eventRank);
  const mean = () => rate.reciprocal();
  const inverseCdf = (u: Tensor) => u.neg().log1p().neg().div(rate);
  return {
    family: "exponential",
    rate,
    eventRank,
    batch,
    event,
    support: { kind: "positive" },
    noise: { law: "uniform", shape: rate.shape },
    reparameterized: true,
    logProb: (x) => {
      const density = (inside: Tensor) => rate.log().sub(rate.mul(inside));
      return sumEvent(onSupport(x, x.greaterEqual(0), 1, density), eventRank);
    },
    sample: (u) => inverseCdf(openUnit(u)),
    mean,
    variance: () => mean().square(),
    stdDev: mean,
    entropy: () => sumEvent(rate.log().neg().add(1), eventRank),
    cdf: (x) => x.relu().mul(rate).neg().expm1().neg(),
    inverseCdf,
  };
}
