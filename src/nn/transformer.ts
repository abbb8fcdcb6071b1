import type { HostArray } from "../base/host.ts";
import { silu, type Tensor } from "../graph/index.ts";
import { fold } from "../random/index.ts";
import type { Activation } from "./activations.ts";
import { type AttentionOptions, type SelfAttentionParams, selfAttention } from "./attention.ts";
import type { AttentionCache } from "./attention-cache.ts";
import { type Initializer, normal } from "./initializers.ts";
import { linear, mlp, type WeightParams } from "./linear.ts";
import { initAll, type Module, type Traced } from "./module.ts";
import { layerNorm, rmsNorm } from "./norm.ts";

/** Gain and, of layer normalisation, shift. */
export type BlockNormParams = { weight: HostArray; bias?: HostArray };

/** Parameters of one block. */
export type BlockParams = {
  attentionNorm: BlockNormParams;
  attention: SelfAttentionParams;
  mlpNorm: BlockNormParams;
  mlp: WeightParams[];
};

/** Options of {@link transformerBlock}. */
export interface BlockOptions extends AttentionOptions {
  /** Units of the feed-forward layer; 4·width when left out. */
  readonly hidden?: number;
  /** What follows the first layer of the feed-forward part; `swiglu` gates one half with the other. */
  readonly activation?: Activation | "swiglu";
  /** Layer normalisation, or by the root mean square alone. */
  readonly norm?: "layer" | "rms";
}

/** Sets part of a branch's result to zero while training; `site` names the branch. */
export type Drop = (x: Tensor, site: string) => Tensor;

/** A module over sequences [B, T, width] that can also take one position at a time. */
export interface Cached<P, C> extends Module<P, [x: Tensor, drop?: Drop]> {
  /** An empty cache with room for `room` positions. */
  initCache(batch: number, room: number): C;
  /** The result for x [B, width] at `position` given the cache of those before it, and the cache with it. */
  step(
    params: Traced<P>,
    x: Tensor,
    cache: Traced<C>,
    position: Tensor,
  ): { readonly y: Tensor; readonly cache: Traced<C> };
  /** The cache after `count` steps since it was empty or extended, with room for as many as before. */
  extend(cache: Traced<C>, count: number): Traced<C>;
}

/** Keys and values of one block. */
export type BlockCache = AttentionCache<HostArray>;

/** (silu(x·W₁) ⊙ x·W₂)·W₃ with W₁ and W₂ in one product. Shazeer 2020, arXiv 2002.05202, equation 6, with biases. */
export function swiglu(width: number, hidden: number, output?: Initializer): Module<WeightParams[]> {
  const [up, down] = [linear(width, 2 * hidden), linear(hidden, width, output ? { weight: output } : {})];
  return {
    init: (key) => [up.init(fold(key, 0)), down.init(fold(key, 1))],
    apply: (params, x) => {
      const [gate, value] = up.apply(params[0]!, x).split(2, -1) as [Tensor, Tensor];
      return down.apply(params[1]!, silu(gate).mul(value));
    },
  };
}

/** The normalisation of that name; the shift of layer normalisation is a parameter. */
function normOf(kind: "layer" | "rms", width: number): Module<BlockNormParams> {
  const module = kind === "rms" ? rmsNorm(width) : layerNorm(width);
  return module as unknown as Module<BlockNormParams>;
}

const keepAll: Drop = (x) => x;

/** x + attention(norm(x)), then x + mlp(norm(x)): the pre-norm block. Xiong et al. 2020, arXiv 2002.04745. */
export function transformerBlock(options: BlockOptions): Cached<BlockParams, BlockCache> {
  const { width, hidden = 4 * width, activation = "gelu", norm = "layer" } = options;
  const attention = selfAttention(options);
  const output = options.output ? { output: options.output } : {};
  const parts = {
    attentionNorm: normOf(norm, width),
    attention,
    mlpNorm: normOf(norm, width),
    mlp:
      activation === "swiglu" ? swiglu(width, hidden, options.output) : mlp([width, hidden, width], activation, output),
  };
  const forward = (params: Traced<BlockParams>, x: Tensor) =>
    parts.mlp.apply(params.mlp, parts.mlpNorm.apply(params.mlpNorm, x));
  const normed = (params: Traced<BlockParams>, x: Tensor) => parts.attentionNorm.apply(params.attentionNorm, x);
  return {
    init: (key) => initAll(parts, key),
    initCache: attention.initCache,
    apply: (params, x, drop = keepAll) => {
      const y = x.add(drop(attention.apply(params.attention, normed(params, x)), "attention"));
      return y.add(drop(forward(params, y), "mlp"));
    },
    step: (params, x, cache, position) => {
      const attended = attention.step(params.attention, normed(params, x), cache, position);
      const y = x.add(attended.y);
      return { y: y.add(forward(params, y)), cache: attended.cache };
    },
    extend: attention.extend,
  };
}

/** Parameters of {@link transformer}. */
export type TransformerParams = { blocks: BlockParams[]; norm: BlockNormParams };

/** `layers` pre-norm blocks and a last normalisation; projections back into the stream start at N(0, 0.02²/(2·layers)). */
export function transformer(
  options: BlockOptions & { readonly layers: number },
): Cached<TransformerParams, BlockCache[]> {
  const { layers, ...rest } = options;
  const output = options.output ?? normal(0.02 / Math.sqrt(2 * layers));
  const block = transformerBlock({ ...rest, output });
  const norm = normOf(options.norm ?? "layer", options.width);
  const each = Array.from({ length: layers }, (_, i) => i);
  return {
    init: (key) => ({ blocks: each.map((i) => block.init(fold(key, i))), norm: norm.init(key) }),
    initCache: (batch, room) => each.map(() => block.initCache(batch, room)),
    apply: (params, x, drop = keepAll) => {
      const within =
        (i: number): Drop =>
        (y, site) =>
          drop(y, `${i}/${site}`);
      return norm.apply(
        params.norm,
        params.blocks.reduce((y, p, i) => block.apply(p, y, within(i)), x),
      );
    },
    step: (params, x, cache, position) => {
      let y = x;
      const next = params.blocks.map((p, i) => {
        const result = block.step(p, y, cache[i]!, position);
        y = result.y;
        return result.cache;
      });
      return { y: norm.apply(params.norm, y), cache: next };
    },
    extend: (cache, count) => cache.map((one) => block.extend(one, count)),
  };
}
