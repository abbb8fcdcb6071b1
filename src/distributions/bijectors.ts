import { int64 } from "../base/host.ts";
import { lift, type Tensor, type TensorLike, zerosLike } from "../graph/index.ts";
import { sumEvent } from "./distribution.ts";

/**
 * An invertible map. `logDet(x)` is log |det ∂forward/∂x| with the last `eventRank` axes (0: elementwise, 1: vectors)
 * summed away.
 */
export interface Bijector {
  readonly name: string;
  readonly eventRank: number;
  forward(x: Tensor): Tensor;
  inverse(y: Tensor): Tensor;
  logDet(x: Tensor): Tensor;
}

/** y = shift + scale·x, elementwise; log |det| = log |scale|. */
export function affine({
  shift = 0,
  scale = 1,
}: {
  readonly shift?: TensorLike;
  readonly scale?: TensorLike;
}): Bijector {
  const [a, b] = [lift(shift), lift(scale)];
  return {
    name: "affine",
    eventRank: 0,
    forward: (x) => x.mul(b).add(a),
    inverse: (y) => y.sub(a).div(b),
    logDet: (x) => b.abs().log().add(zerosLike(x)),
  };
}

/** y = eˣ; log |det| = x. */
export const exp: Bijector = {
  name: "exp",
  eventRank: 0,
  forward: (x) => x.exp(),
  inverse: (y) => y.log(),
  logDet: (x) => x,
};

/** y = σ(x), from the line to (0, 1); log |det| = log σ(x) + log σ(−x). */
export const sigmoid: Bijector = {
  name: "sigmoid",
  eventRank: 0,
  forward: (x) => x.sigmoid(),
  inverse: (y) => y.log().sub(y.neg().log1p()),
  logDet: (x) => x.logSigmoid().add(x.neg().logSigmoid()),
};

/** y = tanh x, from the line to (−1, 1); log |det| = 2 (log 2 − x − softplus(−2x)). */
export const tanh: Bijector = {
  name: "tanh",
  eventRank: 0,
  forward: (x) => x.tanh(),
  inverse: (y) => y.log1p().sub(y.neg().log1p()).mul(0.5),
  logDet: (x) => x.neg().add(Math.LN2).sub(x.mul(-2).softplus()).mul(2),
};

/** y = log(1 + eˣ), from the line to (0, ∞); log |det| = log σ(x). */
export const softplus: Bijector = {
  name: "softplus",
  eventRank: 0,
  forward: (x) => x.softplus(),
  inverse: (y) => y.neg().expm1().neg().log().add(y),
  logDet: (x) => x.logSigmoid(),
};

/** y_i = x_{order[i]} along the last axis; log |det| = 0. */
export function permutation(order: readonly number[]): Bijector {
  const back = order.map((_, i) => order.indexOf(i));
  return {
    name: "permutation",
    eventRank: 1,
    forward: (x) => x.gather(int64(order), -1),
    inverse: (y) => y.gather(int64(back), -1),
    logDet: (x) => zerosLike(x).sum(-1),
  };
}

/** The same map backwards. */
export function invert(bijector: Bijector): Bijector {
  return {
    name: `inverse ${bijector.name}`,
    eventRank: bijector.eventRank,
    forward: bijector.inverse,
    inverse: bijector.forward,
    logDet: (x) => bijector.logDet(bijector.inverse(x)).neg(),
  };
}

/** y = log(x/(1 − x)), from (0, 1) to the line. */
export const logit: Bijector = { ...invert(sigmoid), name: "logit" };

/** Several maps one after the other, the first given first applied; their log-determinants add up. */
export function chain(...bijectors: readonly Bijector[]): Bijector {
  const eventRank = Math.max(0, ...bijectors.map((bijector) => bijector.eventRank));
  return {
    name: bijectors.map(({ name }) => name).join(" > "),
    eventRank,
    forward: (x) => bijectors.reduce((y, bijector) => bijector.forward(y), x),
    inverse: (y) => bijectors.reduceRight((x, bijector) => bijector.inverse(x), y),
    logDet: (x) => {
      let at = x;
      let sum: Tensor | undefined;
      for (const bijector of bijectors) {
        const term = sumEvent(bijector.logDet(at), eventRank - bijector.eventRank);
        sum = sum ? sum.add(term) : term;
        at = bijector.forward(at);
      }
      return sum ?? zerosLike(x);
    },
  };
}
