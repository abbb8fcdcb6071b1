import { lift, type Tensor, type TensorLike } from "../graph/index.ts";
import { type NoiseLeaf, shapesOf, sumEvent, type Univariate } from "./distribution.ts";

/** Independent zeros and ones (float32). */
export interface Bernoulli extends Univariate<NoiseLeaf> {
  readonly family: "bernoulli";
  readonly logits: Tensor;
  readonly eventRank: number;
}

/**
 * Bernoulli with P(1) = σ(logits): log p(x) = x·l − log(1 + eˡ), stable for any logits; x may also lie between 0 and 1
 * (then it is the negative cross-entropy). The last `eventRank` axes form one event.
 */
export function bernoulli({ logits }: { readonly logits: TensorLike }, eventRank = 0): Bernoulli {
  const l = lift(logits);
  const { batch, event, full } = shapesOf([l], eventRank);
  const mean = () => l.sigmoid();
  const variance = () => l.sigmoid().mul(l.neg().sigmoid());
  return {
    family: "bernoulli",
    logits: l,
    eventRank,
    batch,
    event,
    support: { kind: "binary" },
    noise: { law: "uniform", shape: full },
    reparameterized: false,
    logProb: (x) => sumEvent(x.mul(l).sub(l.softplus()), eventRank),
    sample: (u) => u.less(mean()).cast("float32"),
    mean,
    variance,
    stdDev: () => variance().sqrt(),
    entropy: () => sumEvent(l.softplus().sub(l.mul(l.sigmoid())), eventRank),
    cdf: (x) => x.less(0).select(0, x.less(1).select(l.neg().sigmoid(), 1)),
    inverseCdf: (u) => u.greater(l.neg().sigmoid()).cast("float32"),
  };
}
