import { inverseCategorical } from "../distributions/categorical.ts";
import { arange, type Tensor } from "../graph/index.ts";

/** How a draw may be sharpened; all of it left out draws from the model itself. */
export interface DrawOptions {
  /** Divides the logits; a scalar, above 0. */
  readonly temperature?: Tensor;
  /** Only so many of the most probable values are possible. */
  readonly topK?: number;
  /** Only the most probable values whose probability sums to at least this are possible (Holtzman et al. 2019, arXiv 1904.09751); a scalar. */
  readonly topP?: Tensor;
}

/** Log-odds [B] of 1 against 0 as logits [B, 2]. */
export function twoLogits(logOdds: Tensor): Tensor {
  return logOdds.expandDims(-1).mul(arange(0, 2, 1, "float32"));
}

/**
 * The value whose share of [0, 1) holds u, x = F⁻¹(u), as float32 [B]; logits [B, values] unnormalised, or log-odds [B]
 * of a binary variable.
 */
export function drawValue(logits: Tensor, u: Tensor, { temperature, topK, topP }: DrawOptions = {}): Tensor {
  const cooled = temperature ? logits.div(temperature) : logits;
  if (logits.rank === 1 && topK === undefined && topP === undefined)
    return u.greaterEqual(cooled.neg().sigmoid()).cast("float32");
  const full = logits.rank === 1 ? twoLogits(cooled) : cooled;
  const kept = topK === undefined ? full : keepBest(full, topK);
  const probabilities = kept.softmax(-1);
  return inverseCategorical(topP ? nucleus(probabilities, topP) : probabilities, u).cast("float32");
}

/** Low enough that its probability underflows to exactly 0. */
const IMPOSSIBLE = -1e9;

function keepBest(logits: Tensor, k: number): Tensor {
  if (k >= logits.shape.at(-1)!) return logits;
  const least = logits.topK(k, -1).values.slice(-1, k - 1, k);
  return logits.less(least).select(IMPOSSIBLE, logits);
}

/** The smallest set of most probable values that holds at least p of the probability, renormalised. */
function nucleus(probabilities: Tensor, p: Tensor): Tensor {
  const { values } = probabilities.sort(-1, true);
  const before = values.cumsum(-1, { exclusive: true });
  const least = before.less(p).select(values, 2).min(-1, true);
  const kept = probabilities.less(least).select(0, probabilities);
  return kept.div(kept.sum(-1, true));
}
