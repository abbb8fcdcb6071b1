import { float32 } from "../../../base/host.ts";
import { binLogProb } from "../../../distributions/discretized-logistic.ts";
import type { Grid } from "../../../distributions/grid.ts";
import { arange, type Tensor } from "../../../graph/index.ts";
import { linear, normal, type Traced, type WeightParams } from "../../../nn/index.ts";
import type { Key } from "../../../random/index.ts";

/** A read-out from rows [R, W] to the distribution of one value among equally spaced levels. */
export interface MixtureHead {
  init(key: Key): WeightParams;
  /** log-probabilities of all levels, [R, levels]. */
  logits(params: Traced<WeightParams>, rows: Tensor): Tensor;
  /** log-probability of each row's value, given as its number [R]. */
  logProb(params: Traced<WeightParams>, rows: Tensor, numbers: Tensor): Tensor;
}

/** Log scales stay above this, in parts of the range. */
const LEAST_LOG_SCALE = -7;

/**
 * A mixture of discretised logistics for each value by itself: it sees those before it, other colours of its pixel among
 * them, through the network. Salimans et al. 2017, arXiv 1701.05517, section 2.1; Parmar et al. 2018, arXiv 1802.05751,
 * section 3.4. Means begin evenly spaced over the range.
 */
export function mixtureHead(width: number, components: number, levels: number): MixtureHead {
  const grid: Grid = { low: 0, high: 1, levels };
  const layer = linear(width, 3 * components, { weight: normal(0.02) });
  const bias = Array.from({ length: 3 * components }, (_, i) => {
    const [part, k] = [Math.floor(i / components), i % components];
    return part === 0 ? 0 : part === 1 ? (k + 0.5) / components : Math.log(0.5 / components);
  });
  /** Log-probabilities of values, numbers in parts of the range, that broadcast to [R, K, …]. */
  const mix = (params: Traced<WeightParams>, rows: Tensor, values: Tensor): Tensor => {
    const parts = layer.apply(params, rows).split(3, -1);
    const wide = (x: Tensor) => (values.rank === 3 ? x.expandDims(-1) : x);
    const [weights, means, logScales] = [parts[0]!.logSoftmax(-1), parts[1]!, parts[2]!.maximum(LEAST_LOG_SCALE)];
    return binLogProb(values, wide(means), wide(logScales), grid).add(wide(weights)).logSumExp(1);
  };
  return {
    init: (key) => ({ ...layer.init(key), bias: float32(bias, [3 * components]) }),
    logits: (params, rows) =>
      mix(
        params,
        rows,
        arange(0, levels, 1, "float32")
          .div(levels - 1)
          .reshape([1, 1, levels]),
      ),
    logProb: (params, rows, numbers) => mix(params, rows, numbers.div(levels - 1).expandDims(1)),
  };
}
