import { UsageError } from "../base/errors.ts";
import type { HostArray } from "../base/host.ts";
import type { Tensor } from "../graph/index.ts";
import { type AttentionCache, attendStep, emptyCache, extendCache } from "./attention-cache.ts";
import { scaledDotProduct } from "./dot-product.ts";
import type { Initializer } from "./initializers.ts";
import { linear, type WeightParams } from "./linear.ts";
import { blockAttention } from "./local-attention.ts";
import { initAll, type Module, type Traced } from "./module.ts";
import { additiveMask, type Pattern } from "./pattern.ts";
import { rotary } from "./rotary.ts";

/** Additive mask [T, T] that hides from each position those after it. */
export function causalMask(length: number): Tensor {
  return additiveMask(length, length, (query, key) => key <= query);
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
  /** Which of those before it a position sees, when not all; it is causal then. */
  readonly pattern?: Pattern;
  /** Whether queries and keys are turned by their position. */
  readonly rotary?: boolean;
  /** Whether queries, keys and values get a bias (true); that of keys changes nothing unless they are turned. */
  readonly inputBias?: boolean;
  /** Initialiser of the output projection. */
  readonly output?: Initializer;
}

/** Parameters of {@link selfAttention}: queries, keys and values come from one product. */
export type SelfAttentionParams = { qkv: WeightParams; output: WeightParams };

/** Causal self-attention that can take one position at a time. */
export interface SelfAttention extends Module<SelfAttentionParams> {
  /** An empty cache with room for `room` positions. */
  initCache(batch: number, room: number): AttentionCache<HostArray>;
  /** The result for x [B, width] at `position` (int64 scalar) given the cache of those before it, and the cache with it. */
  step(
    params: Traced<SelfAttentionParams>,
    x: Tensor,
    cache: AttentionCache<Tensor>,
    position: Tensor,
  ): { readonly y: Tensor; readonly cache: AttentionCache<Tensor> };
  /** The cache after `count` steps since it was empty or extended, with room for as many as before. */
  extend(cache: AttentionCache<Tensor>, count: number): AttentionCache<Tensor>;
}

function checkHeads(width: number, heads: number): void {
  if (width % heads !== 0) throw new UsageError(`${width} attention channels do not divide into ${heads} heads`);
}

/** Multi-head self-attention of x [B, T, width]. Vaswani et al. 2017, arXiv 1706.03762, section 3.2.2. */
export function selfAttention(options: AttentionOptions): SelfAttention {
  const { width, heads, causal = false, pattern } = options;
  checkHeads(width, heads);
  if (options.rotary && (width / heads) % 2 === 1)
    throw new UsageError(`rotary positions need an even width per head, got ${width / heads}`);
  const parts = {
    qkv: linear(width, 3 * width, options.inputBias === false ? { bias: false } : {}),
    output: linear(width, width, options.output ? { weight: options.output } : {}),
  };
  const turn = (x: Tensor) => (options.rotary ? rotary(x, { first: x.shape[2]! }) : x);
  return {
    init: (key) => initAll(parts, key),
    apply: (params, x) => {
      const split = parts.qkv.apply(params.qkv, x).split(3, -1);
      const [q, k, v] = split.map((part) => splitHeads(part, heads)) as [Tensor, Tensor, Tensor];
      const bias = causal ? causalMask(x.shape[1]!) : undefined;
      const y = pattern ? blockAttention(turn(q), turn(k), v, pattern) : scaledDotProduct(turn(q), turn(k), v, bias);
      return parts.output.apply(params.output, mergeHeads(y));
    },
    initCache: (batch, room) => emptyCache([batch, heads, room, width / heads]),
    step: (params, x, cache, position) => {
      const attended = attendStep(options, params.qkv, x, cache, position);
      return { y: parts.output.apply(params.output, attended.y), cache: attended.cache };
    },
    extend: extendCache,
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
