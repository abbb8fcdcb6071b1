import { ShapeError } from "../../base/errors.ts";
import { allocate, HostArray } from "../../base/host.ts";
import { constant, type Tensor } from "../tensor.ts";
import { matmul } from "./matmul.ts";

/** Which positions a query may look at. */
export interface AttentionOptions {
  /** Queries see keys up to their own position (the last query is aligned with the last key). */
  readonly causal?: boolean;
  /** Bool, true where a query may look; or float, added to the scores. Broadcasts to [..., queries, keys]. */
  readonly mask?: Tensor;
  /** Factor of the scores; 1/√D when left out. */
  readonly scale?: number;
}

/** What is added to the score of a hidden position: its weight becomes exactly 0 in float32. */
const hidden = -1e9;

/**
 * Scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762): softmax(q·kᵀ/√D + mask)·v with q [..., Q, D],
 * k [..., S, D], v [..., S, E]. The queries are scaled, not the larger scores; masks are added, not selected.
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  const [queries, keys] = [q.shape.at(-2), k.shape.at(-2)];
  if (queries === undefined || keys === undefined || q.shape.at(-1) !== k.shape.at(-1) || keys !== v.shape.at(-2))
    throw new ShapeError(`attention(${q}, ${k}, ${v}): takes q [..., Q, D], k [..., S, D] and v [..., S, E]`);
  const { causal = false, mask, scale = 1 / Math.sqrt(q.shape.at(-1)!) } = options;
  let scores = matmul(q.mul(scale), k, { transposeB: true });
  if (causal) scores = scores.add(constant(causalMask(queries, keys)));
  if (mask) scores = scores.add(mask.dtype === "bool" ? mask.select(0, hidden) : mask);
  return matmul(scores.softmax(), v);
}

/** [queries, keys]: 0 where a query may look, a large negative number where it may not. */
function causalMask(queries: number, keys: number): HostArray<"float32"> {
  const data = allocate("float32", queries * keys);
  for (let i = 0; i < queries; i++) data.fill(hidden, i * keys + Math.max(0, i + 1 + keys - queries), (i + 1) * keys);
  return new HostArray("float32", [queries, keys], data);
}
