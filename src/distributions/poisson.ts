import { lift, type Tensor, type TensorLike } from "../graph/index.ts";
import { type Moments, shapesOf, sumEvent } from "./distribution.ts";
import { logGamma } from "./log-gamma.ts";
import { isCount, onSupport } from "./support.ts";

/** Independent Poisson counts (float32). */
export interface Poisson extends Moments {
  readonly family: "poisson";
  readonly logRate: Tensor;
  readonly eventRank: number;
}

/** A positive rate, or its logarithm as networks put it out. */
export type PoissonParameters = { readonly rate: TensorLike } | { readonly logRate: TensorLike };

/** Poisson on x = 0, 1, 2, …: log p(x) = x log λ − λ − log x!. Mean and variance λ. */
export function poisson(parameters: PoissonParameters, eventRank = 0): Poisson {
  const logRate = "logRate" in parameters ? lift(parameters.logRate) : lift(parameters.rate).log();
  const rate = "rate" in parameters ? lift(parameters.rate) : logRate.exp();
  const { batch, event } = shapesOf([rate], eventRank);
  const density = (x: Tensor) =>
    x
      .mul(logRate)
      .sub(rate)
      .sub(logGamma(x.add(1)));
  return {
    family: "poisson",
    logRate,
    eventRank,
    batch,
    event,
    support: { kind: "count" },
    logProb: (x) => sumEvent(onSupport(x, isCount(x), 0, density), eventRank),
    mean: () => rate,
    variance: () => rate,
  };
}
