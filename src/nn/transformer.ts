import type { HostArray } from "../base/host.ts";
import type { Tensor } from "../graph/index.ts";
import { fold } from "../random/index.ts";
import type { Activation } from "./activations.ts";
import { type AttentionCache, type AttentionOptions, type SelfAttentionParams, selfAttention } from "./attention.ts";
import { normal } from "./initializers.ts";
import { mlp, type WeightParams } from "./linear.ts";
import { initAll, type Module, type Traced } from "./module.ts";
import { layerNorm, type NormParams } from "./norm.ts";

/** Parameters of one block. */
export type BlockParams = {
  attentionNorm: NormParams;
  attention: SelfAttentionParams;
  mlpNorm: NormParams;
  mlp: WeightParams[];
};

/** Options of {@link transformerBlock}. */
export interface BlockOptions extends AttentionOptions {
  /** Units of the feed-forward layer; 4·width when left out. */
  readonly hidden?: number;
  readonly activation?: Activation;
}

/** A module over sequences [B, T, width] that can also take a few positions at a time. */
export interface Cached<P, C> extends Module<P> {
  initCache(batch: number, length: number): C;
  step(
    params: Traced<P>,
    x: Tensor,
    cache: Traced<C>,
    position: Tensor,
  ): { readonly y: Tensor; readonly cache: Traced<C> };
}

/** Keys and values of one block. */
export type BlockCache = AttentionCache<HostArray>;

/** x + attention(norm(x)), then x + mlp(norm(x)): the pre-norm block. Xiong et al. 2020, arXiv 2002.04745. */
export function transformerBlock(options: BlockOptions): Cached<BlockParams, BlockCache> {
  const { width, hidden = 4 * width, activation = "gelu" } = options;
  const attention = selfAttention(options);
  const output = options.output ? { output: options.output } : {};
  const parts = {
    attentionNorm: layerNorm(width),
    attention,
    mlpNorm: layerNorm(width),
    mlp: mlp([width, hidden, width], activation, output),
  };
  const feedForward = (params: Traced<BlockParams>, x: Tensor) =>
    x.add(parts.mlp.apply(params.mlp, parts.mlpNorm.apply(params.mlpNorm, x)));
  const normed = (params: Traced<BlockParams>, x: Tensor) => parts.attentionNorm.apply(params.attentionNorm, x);
  return {
    init: (key) => initAll(parts, key),
    initCache: attention.initCache,
    apply: (params, x) => feedForward(params, x.add(attention.apply(params.attention, normed(params, x)))),
    step: (params, x, cache, position) => {
      const attended = attention.step(params.attention, normed(params, x), cache, position);
      return { y: feedForward(params, x.add(attended.y)), cache: attended.cache };
    },
  };
}

/** Parameters of {@link transformer}. */
export type TransformerParams = { blocks: BlockParams[]; norm: NormParams };

/** `layers` pre-norm blocks and a last normalisation; projections back into the stream start at N(0, 0.02²/(2·layers)). */
export function transformer(
  options: BlockOptions & { readonly layers: number },
): Cached<TransformerParams, BlockCache[]> {
  const { layers, ...rest } = options;
  const output = options.output ?? normal(0.02 / Math.sqrt(2 * layers));
  const block = transformerBlock({ ...rest, output });
  const norm = layerNorm(options.width);
  const each = Array.from({ length: layers }, (_, i) => i);
  return {
    init: (key) => ({ blocks: each.map((i) => block.init(fold(key, i))), norm: norm.init(key) }),
    initCache: (batch, length) => each.map(() => block.initCache(batch, length)),
    apply: (params, x) =>
      norm.apply(
        params.norm,
        params.blocks.reduce((y, p) => block.apply(p, y), x),
      ),
    step: (params, x, cache, position) => {
      let y = x;
      const next = params.blocks.map((p, i) => {
        const result = block.step(p, y, cache[i]!, position);
        y = result.y;
        return result.cache;
      });
      return { y: norm.apply(params.norm, y), cache: next };
    },
  };
}
