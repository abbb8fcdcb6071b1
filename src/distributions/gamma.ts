import { lift, type Tensor, type TensorLike } from "../graph/index.ts";
import { type Moments, shapesOf, sumEvent } from "./distribution.ts";
import { digamma, logGamma } from "./log-gamma.ts";
import { onSupport } from "./support.ts";

/** Independent Gamma variables. */
export interface Gamma extends Moments {
  readonly family: "gamma";
  readonly concentration: Tensor;
  readonly rate: Tensor;
  readonly eventRank: number;
  entropy(): Tensor;
}

/** Concentration (shape) α and rate β, both positive. */
export interface GammaParameters {
  readonly concentration: TensorLike;
  readonly rate: TensorLike;
}

/** Gamma on x > 0: log p(x) = α log β − log Γ(α) + (α − 1) log x − βx. Mean α/β, variance α/β². */
export function gamma(parameters: GammaParameters, eventRank = 0): Gamma {
  const [a, b] = [lift(parameters.concentration), lift(parameters.rate)];
  const { batch, event, full } = shapesOf([a, b], eventRank);
  const normalizer = () => a.mul(b.log()).sub(logGamma(a));
  const density = (x: Tensor) => a.sub(1).mul(x.log()).sub(b.mul(x)).add(normalizer());
  return {
    family: "gamma",
    concentration: a,
    rate: b,
    eventRank,
    batch,
    event,
    support: { kind: "positive" },
    logProb: (x) => sumEvent(onSupport(x, x.greater(0), 1, density), eventRank),
    mean: () => a.div(b).broadcastTo(full),
    variance: () => a.div(b.square()).broadcastTo(full),
    entropy: () => {
      const value = a
        .sub(b.log())
        .add(logGamma(a))
        .add(a.neg().add(1).mul(digamma(a)));
      return sumEvent(value.broadcastTo(full), eventRank);
    },
  };
}
