import { float32 } from "../base/host.ts";
import { concat, constant, type Tensor } from "../graph/index.ts";
import type { Bijector } from "./bijectors.ts";

/** −log(K − k) for k = 1..K−1: the shift by which x = 0 becomes the centre of the simplex. */
function centring(lines: number): Tensor {
  return constant(float32(Array.from({ length: lines }, (_, k) => -Math.log(lines - k))));
}

/** log zₖ and log(1 − zₖ) of the broken-off shares zₖ = σ(xₖ − log(K − k)). */
function shares(x: Tensor): { taken: Tensor; left: Tensor } {
  const shifted = x.add(centring(x.shape[x.rank - 1]!));
  return { taken: shifted.logSigmoid(), left: shifted.neg().logSigmoid() };
}

/** Σ over earlier k of log(1 − zₖ): what remains of the stick before each break, and after the last [..., K]. */
function remaining(left: Tensor): Tensor {
  const first = left.slice(-1, 0, 1).mul(0);
  return concat([first, left.cumsum(-1)], -1);
}

/**
 * From K − 1 free numbers onto the simplex of K: yₖ = zₖ (1 − y₁ − … − yₖ₋₁) with zₖ = σ(xₖ − log(K − k)), the last
 * what is left. log |det| of the first K − 1 coordinates = Σ log zₖ + log(1 − zₖ) + log of the stick before the break.
 * Stan Reference Manual, "Unit simplex".
 */
export const stickBreaking: Bijector = {
  name: "stick breaking",
  eventRank: 1,
  forward: (x) => {
    const { taken, left } = shares(x);
    const whole = taken.slice(-1, 0, 1).mul(0);
    return concat([taken, whole], -1).add(remaining(left)).exp();
  },
  inverse: (y) => {
    const lines = y.shape[y.rank - 1]! - 1;
    const rest = y.cumsum(-1, { exclusive: true, reverse: true }).slice(-1, 0, lines);
    return y.slice(-1, 0, lines).log().sub(rest.log()).sub(centring(lines));
  },
  logDet: (x) => {
    const { taken, left } = shares(x);
    const before = remaining(left).slice(-1, 0, x.shape[x.rank - 1]!);
    return taken.add(left).add(before).sum(-1);
  },
};
