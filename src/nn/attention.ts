import { UsageError } from "../base/errors.ts";
import { full, HostArray } from "../base/host.ts";
import { arange, constant, matmul, type Tensor } from "../graph/index.ts";
import type { Initializer } from "./initializers.ts";
import { linear, type WeightParams } from "./linear.ts";
import { initAll, type Module, type Traced } from "./module.ts";
import { rotary } from "./rotary.ts";

/** What a masked score gets added: its weight underflows to exactly 0. */
const MASKED = -1e9;

/** softmax(q·kᵀ/√d + bias)·v for q [..., T, d], k and v [..., S, d]. Vaswani et al. 2017, arXiv 1706.03762, equation 1. */
export function scaledDotProduct(q: Tensor, k: Tensor, v: Tensor, bias?: Tensor): Tensor {
  const scores = matmul(q.mul(1 / Math.sqrt(q.shape[q.rank - 1]!)), k, { transposeB: true });
  return (bias ? scores.add(bias) : scores).softmax(-1).matmul(v);
}

/** Additive mask [T, T] that hides from each position those after it. */
export function causalMask(length: number): Tensor {
  const hidden = (i: number) => (i % length > Math.floor(i / length) ? MASKED : 0);
  const data = Float32Array.from({ length: length * length }, (_, i) => hidden(i));
  return constant(new HostArray("float32", [length, length], data));
}

/** [B, T, heads·d] → [B, heads, T, d]. */
const splitHeads = (x: Tensor, heads: number) =>
  x.reshape([x.shape[0]!, x.shape[1]!, heads, -1]).transpose([0, 2, 1, 3]);

/** [B, heads, T, d] → [B, T, heads·d]. */
const mergeHeads = (x: Tensor) => x.transpose([0, 2, 1, 3]).flatten(2);

/** Options of {@link selfAttention}. */
export interface AttentionOptions {
  readonly width: number;
  readonly heads: number;
  /** Whether a position sees only itself and those before it. */
  readonly causal?: boolean;
  /** Whether queries and keys are turned by their position. */
  readonly rotary?: boolean;
  /** Initialiser of the output projection. */
  readonly output?: Initializer;
}

/** Parameters of {@link selfAttention}: queries, keys and values come from one product. */
export type SelfAttentionParams = { qkv: WeightParams; output: WeightParams };

/** Keys and values of all positions so far, [batch, heads, length, width/heads], zero where nothing is yet. */
export interface AttentionCache<T> {
  readonly key: T;
  readonly value: T;
}

/** Self-attention with a mode that handles a few new positions at a time. */
export interface SelfAttention extends Module<SelfAttentionParams> {
  /** An empty cache for sequences up to `length`. */
  initCache(batch: number, length: number): AttentionCache<HostArray>;
  /** Results for new positions `position`, `position` + 1, … (int64 scalar) given the cache, and the cache with them. */
  step(
    params: Traced<SelfAttentionParams>,
    x: Tensor,
    cache: AttentionCache<Tensor>,
    position: Tensor,
  ): { readonly y: Tensor; readonly cache: AttentionCache<Tensor> };
}

function checkHeads(width: number, heads: number): void {
  if (width % heads !== 0) throw new UsageError(`${width} attention channels do not divide into ${heads} heads`);
}

/** Writes rows [B, H, T, d] into a cache [B, H, L, d] where `oneHot` [T, L] says; the rest stays. */
function write(cache: Tensor, rows: Tensor, oneHot: Tensor): Tensor {
  const untouched = oneHot.sum(0).neg().add(1).reshape([-1, 1]);
  return cache.mul(untouched).add(oneHot.transpose().matmul(rows));
}

/** Multi-head self-attention of x [B, T, width]. Vaswani et al. 2017, arXiv 1706.03762, section 3.2.2. */
export function selfAttention(options: AttentionOptions): SelfAttention {
  const { width, heads, causal = false } = options;
  checkHeads(width, heads);
  const parts = {
    qkv: linear(width, 3 * width),
    output: linear(width, width, options.output ? { weight: options.output } : {}),
  };
  const project = (params: Traced<SelfAttentionParams>, x: Tensor) =>
    parts.qkv
      .apply(params.qkv, x)
      .split(3, -1)
      .map((part) => splitHeads(part, heads)) as [Tensor, Tensor, Tensor];
  const turn = (x: Tensor, positions: Parameters<typeof rotary>[1]) => (options.rotary ? rotary(x, positions) : x);
  return {
    init: (key) => initAll(parts, key),
    apply: (params, x) => {
      const [q, k, v] = project(params, x);
      const positions = { first: x.shape[1]! };
      const bias = causal ? causalMask(x.shape[1]!) : undefined;
      const y = scaledDotProduct(turn(q, positions), turn(k, positions), v, bias);
      return parts.output.apply(params.output, mergeHeads(y));
    },
    initCache: (batch, length) => {
      const empty = () => full("float32", [batch, heads, length, width / heads], 0);
      return { key: empty(), value: empty() };
    },
    step: (params, x, cache, position) => {
      const [q, k, v] = project(params, x);
      const length = cache.key.shape[2]!;
      const at = arange(x.shape[1]!).add(position);
      const oneHot = at.oneHot(length);
      const key = write(cache.key, turn(k, { at, length }), oneHot);
      const value = write(cache.value, v, oneHot);
      const later = arange(length).greater(at.expandDims(1)).cast("float32").mul(MASKED);
      const y = scaledDotProduct(turn(q, { at, length }), key, value, later);
      return { y: parts.output.apply(params.output, mergeHeads(y)), cache: { key, value } };
    },
  };
}

/** Parameters of {@link crossAttention}. */
export type CrossAttentionParams = { query: WeightParams; keyValue: WeightParams; output: WeightParams };

/** Multi-head attention of x [B, T, width] to a context [B, S, contextWidth]. */
export function crossAttention(
  width: number,
  contextWidth: number,
  heads: number,
): Module<CrossAttentionParams, [x: Tensor, context: Tensor]> {
  checkHeads(width, heads);
  const parts = {
    query: linear(width, width),
    keyValue: linear(contextWidth, 2 * width),
    output: linear(width, width),
  };
  return {
    init: (key) => initAll(parts, key),
    apply: (params, x, context) => {
      const [k, v] = parts.keyValue.apply(params.keyValue, context).split(2, -1) as [Tensor, Tensor];
      const q = splitHeads(parts.query.apply(params.query, x), heads);
      const y = scaledDotProduct(q, splitHeads(k, heads), splitHeads(v, heads));
      return parts.output.apply(params.output, mergeHeads(y));
    },
  };
}
