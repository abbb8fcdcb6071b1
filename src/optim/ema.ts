import { HostArray, scalar } from "../base/host.ts";
import { leaves, mapTree, withLeaves } from "../base/tree.ts";
import type { Tensor } from "../graph/index.ts";
import type { Scalars } from "./optimizer.ts";

/** An exponential moving average of the parameters; its state has the parameters' own shape and is ready to use. */
export interface Ema {
  readonly decay: number;
  init<P>(params: P): P;
  scalars(step: number): Scalars<HostArray>;
  update<P>(average: P, params: P, scalars: Scalars<Tensor>): P;
}

/**
 * The bias-corrected average E_t = (1−d) Σ_{i≤t} d^{t−i} θ_i / (1−dᵗ) of the parameters after each update, in the
 * recursive form E_t = E_{t−1} + w_t (θ_t − E_{t−1}), w_t = (1−d)/(1−dᵗ): the first update replaces the initial copy.
 * Polyak, Juditsky 1992 (averaging); the correction is that of Kingma, Ba 2015, arXiv 1412.6980, section 3.
 */
export function ema(decay: number): Ema {
  return {
    decay,
    init: <P>(params: P) =>
      mapTree<HostArray, HostArray, P>(params, (a) => new HostArray(a.dtype, a.shape, a.data.slice())) as P,
    scalars: (step) => ({ weight: scalar((1 - decay) / (1 - decay ** (step + 1))) }),
    update: <P>(average: P, params: P, scalars: Scalars<Tensor>) => {
      const current = leaves<Tensor>(params);
      const next = leaves<Tensor>(average).map((old, i) => old.add(current[i]!.sub(old).mul(scalars.weight!)));
      return withLeaves<Tensor, P>(average, next) as P;
    },
  };
}
