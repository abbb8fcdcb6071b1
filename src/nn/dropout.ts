import type { Tensor } from "../graph/index.ts";

/**
 * Sets a fraction `rate` of the elements to zero and scales the others by 1/(1 − rate). `noise` holds uniforms on
 * [0, 1) that broadcast to x; leave dropout out of the graph at test time. Srivastava et al. 2014.
 */
export function dropout(x: Tensor, noise: Tensor, rate: number): Tensor {
  return x.mul(
    noise
      .greaterEqual(rate)
      .cast(x.dtype)
      .mul(1 / (1 - rate)),
  );
}
