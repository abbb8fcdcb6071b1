import { sameShape } from "../base/shape.ts";
import { arange, lift, type Tensor, type TensorLike } from "../graph/index.ts";
import { type Distribution, type NoiseLeaf, sumEvent } from "./distribution.ts";

/** Class numbers (int64). */
export interface Categorical extends Distribution<NoiseLeaf> {
  readonly family: "categorical";
  /** Normalised log-probabilities [..., classes]. */
  readonly logits: Tensor;
  readonly eventRank: number;
  entropy(): Tensor;
  /** P(X ≤ x), elementwise, for class numbers x. */
  cdf(x: Tensor): Tensor;
}

/** The class whose share of [0, 1) holds u: the first k with p_0 + … + p_k > u, elementwise; probabilities [..., classes]. */
export function inverseCategorical(probabilities: Tensor, u: Tensor): Tensor {
  const ends = probabilities.cumsum(-1).slice(-1, 0, -1);
  return ends.lessEqual(u.expandDims(-1)).cast("float32").sum(-1).cast("int64");
}

/**
 * Categorical distribution with P(k) = softmax(logits)_k, the classes along the last axis of the logits; the `eventRank`
 * axes before it form one event. A draw takes one uniform per element and the inverse distribution function.
 */
export function categorical({ logits }: { readonly logits: TensorLike }, eventRank = 0): Categorical {
  const logP = lift(logits).logSoftmax(-1);
  const classes = logP.shape[logP.rank - 1]!;
  const full = logP.shape.slice(0, -1);
  const at = full.length - eventRank;
  const numbers = arange(0, classes, 1, "float32");
  const mean = () => logP.exp().mul(numbers).sum(-1);
  const variance = () =>
    logP
      .exp()
      .mul(numbers.sub(mean().expandDims(-1)).square())
      .sum(-1);
  const pick = (x: Tensor) =>
    sameShape(x.shape, full)
      ? logP.takeAlong(x.expandDims(-1), -1).squeeze(-1)
      : x.oneHot(classes).greater(0.5).select(logP, 0).sum(-1);
  return {
    family: "categorical",
    logits: logP,
    eventRank,
    batch: full.slice(0, at),
    event: full.slice(at),
    support: { kind: "class" },
    noise: { law: "uniform", shape: full },
    reparameterized: false,
    logProb: (x) => sumEvent(pick(x), eventRank),
    sample: (u) => inverseCategorical(logP.exp(), u),
    mean,
    variance,
    stdDev: () => variance().sqrt(),
    entropy: () => sumEvent(logP.exp().mul(logP).sum(-1).neg(), eventRank),
    cdf: (x) => numbers.lessEqual(x.cast("float32").expandDims(-1)).cast("float32").mul(logP.exp()).sum(-1),
  };
}

/**
 * A differentiable stand-in for a one-hot draw: softmax((logits + Gumbel noise)/temperature) over the last axis.
 * Jang et al. 2017, arXiv 1611.01144; Maddison et al. 2017, arXiv 1611.00712.
 */
export function gumbelSoftmax(logits: Tensor, gumbel: Tensor, temperature: TensorLike): Tensor {
  return logits.add(gumbel).div(temperature).softmax(-1);
}

/** The one-hot row of the largest entry, through which gradients flow as if it were `soft` itself. */
export function straightThrough(soft: Tensor): Tensor {
  const hard = soft.argmax(-1).oneHot(soft.shape[soft.rank - 1]!);
  return hard.sub(soft).stopGradient().add(soft);
}
