import { lift, type Tensor, type TensorLike } from "../graph/index.ts";
import { type NoiseLeaf, shapesOf, sumEvent, type Univariate } from "./distribution.ts";

/** Independent variables, each equally likely anywhere between its bounds. */
export interface Uniform extends Univariate<NoiseLeaf> {
  readonly family: "uniform";
  readonly low: Tensor;
  readonly high: Tensor;
  readonly eventRank: number;
  entropy(): Tensor;
}

/** Uniform on [low, high): density 1/(high − low) inside, 0 outside. */
export function uniform(bounds: { readonly low: TensorLike; readonly high: TensorLike }, eventRank = 0): Uniform {
  const [low, high] = [lift(bounds.low), lift(bounds.high)];
  const { batch, event, full } = shapesOf([low, high], eventRank);
  const width = high.sub(low);
  const variance = () => width.square().div(12).broadcastTo(full);
  return {
    family: "uniform",
    low,
    high,
    eventRank,
    batch,
    event,
    support: { kind: "interval", low, high },
    noise: { law: "uniform", shape: full },
    reparameterized: true,
    logProb: (x) => {
      const inside = x.greaterEqual(low).and(x.less(high));
      return sumEvent(inside.select(width.log().neg(), Number.NEGATIVE_INFINITY), eventRank);
    },
    sample: (u) => u.mul(width).add(low),
    mean: () => low.add(high).mul(0.5).broadcastTo(full),
    variance,
    stdDev: () => variance().sqrt(),
    entropy: () => sumEvent(width.log().broadcastTo(full), eventRank),
    cdf: (x) => x.sub(low).div(width).clip(0, 1),
    inverseCdf: (u) => u.mul(width).add(low),
  };
}
