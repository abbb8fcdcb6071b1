import { lift, type Tensor, type TensorLike } from "../graph/index.ts";
import { type Moments, shapesOf, sumEvent } from "./distribution.ts";
import { logGamma } from "./log-gamma.ts";
import { isCount, onSupport } from "./support.ts";

/** Independent numbers of successes (float32). */
export interface Binomial extends Moments {
  readonly family: "binomial";
  readonly trials: Tensor;
  readonly logits: Tensor;
  readonly eventRank: number;
}

/** Number of trials, and log-odds of a success. */
export interface BinomialParameters {
  readonly trials: TensorLike;
  readonly logits: TensorLike;
}

/** log of n choose x. */
export function logChoose(n: Tensor, x: Tensor): Tensor {
  return logGamma(n.add(1))
    .sub(logGamma(x.add(1)))
    .sub(logGamma(n.sub(x).add(1)));
}

/**
 * Binomial on x = 0, …, n with log-odds l: log p(x) = log C(n, x) + x·l − n log(1 + eˡ). Mean nσ(l), variance
 * nσ(l)σ(−l).
 */
export function binomial(parameters: BinomialParameters, eventRank = 0): Binomial {
  const [n, l] = [lift(parameters.trials), lift(parameters.logits)];
  const { batch, event, full } = shapesOf([n, l], eventRank);
  const density = (x: Tensor) => logChoose(n, x).add(x.mul(l)).sub(n.mul(l.softplus()));
  return {
    family: "binomial",
    trials: n,
    logits: l,
    eventRank,
    batch,
    event,
    support: { kind: "count" },
    logProb: (x) => sumEvent(onSupport(x, isCount(x).and(x.lessEqual(n)), 0, density), eventRank),
    mean: () => n.mul(l.sigmoid()).broadcastTo(full),
    variance: () => n.mul(l.sigmoid()).mul(l.neg().sigmoid()).broadcastTo(full),
  };
}
