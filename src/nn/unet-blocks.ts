import { HostArray } from "../base/host.ts";
import { concat, constant, type Tensor, upsample } from "../graph/index.ts";
import { silu } from "./activations.ts";
import { type SelfAttentionParams, selfAttention } from "./attention.ts";
import { conv2d } from "./conv.ts";
import { glorotUniform, zeros } from "./initializers.ts";
import { linear, type WeightParams } from "./linear.ts";
import { initAll, type Module } from "./module.ts";
import { groupNorm, groupsFor, type NormParams } from "./norm.ts";

/**
 * Embeds a time or noise level t [N] as [N, width]: sines, then cosines, of t·maxPeriod^(−i/(width/2)), i < width/2.
 * Vaswani et al. 2017, arXiv 1706.03762, section 3.5; the layout is that of Ho et al. 2020, arXiv 2006.11239.
 */
export function sinusoidalEmbedding(t: Tensor, width: number, maxPeriod = 10_000): Tensor {
  const half = width / 2;
  const data = Float32Array.from({ length: half }, (_, i) => maxPeriod ** (-i / half));
  const angles = t
    .cast("float32")
    .expandDims(-1)
    .mul(constant(new HostArray("float32", [half], data)));
  return concat([angles.sin(), angles.cos()], -1);
}

/** Parameters of {@link resnetBlock}. */
export type ResnetBlockParams = {
  norm1: NormParams;
  conv1: WeightParams;
  embedding?: WeightParams;
  norm2: NormParams;
  conv2: WeightParams;
  shortcut?: WeightParams;
};

/** Options of {@link resnetBlock}. */
export interface ResnetBlockOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Width of the time embedding; none when left out. */
  readonly embedding?: number;
  /** Wished number of normalisation groups. */
  readonly groups?: number;
}

const same = { padding: 1 } as const;

/**
 * Residual block of an image [N, inputs, H, W] with an embedding [N, width] added between its two convolutions:
 * norm, SiLU, conv, + W·SiLU(e), norm, SiLU, conv (starting at zero), + shortcut. Ho et al. 2020, arXiv 2006.11239.
 */
export function resnetBlock(options: ResnetBlockOptions): Module<ResnetBlockParams, [x: Tensor, embedding?: Tensor]> {
  const { inputs, outputs, groups = 8 } = options;
  const parts = {
    norm1: groupNorm(inputs, groupsFor(inputs, groups)),
    conv1: conv2d(inputs, outputs, 3, same),
    ...(options.embedding !== undefined && { embedding: linear(options.embedding, outputs) }),
    norm2: groupNorm(outputs, groupsFor(outputs, groups)),
    conv2: conv2d(outputs, outputs, 3, { ...same, weight: zeros }),
    ...(inputs !== outputs && { shortcut: conv2d(inputs, outputs, 1) }),
  };
  return {
    init: (key) => initAll(parts, key) as ResnetBlockParams,
    apply: (params, x, embedding) => {
      let y = parts.conv1.apply(params.conv1, silu(parts.norm1.apply(params.norm1, x)));
      if (parts.embedding && params.embedding && embedding)
        y = y.add(parts.embedding.apply(params.embedding, silu(embedding)).reshape([-1, outputs, 1, 1]));
      y = parts.conv2.apply(params.conv2, silu(parts.norm2.apply(params.norm2, y)));
      return y.add(parts.shortcut && params.shortcut ? parts.shortcut.apply(params.shortcut, x) : x);
    },
  };
}

/** Parameters of {@link attentionBlock2d}. */
export type AttentionBlock2dParams = { norm: NormParams; attention: SelfAttentionParams };

/** x + attention between all positions of an image [N, channels, H, W], normalised first. */
export function attentionBlock2d(channels: number, heads = 1, groups = 8): Module<AttentionBlock2dParams> {
  const parts = {
    norm: groupNorm(channels, groupsFor(channels, groups)),
    attention: selfAttention({ width: channels, heads, output: zeros }),
  };
  return {
    init: (key) => initAll(parts, key),
    apply: (params, x) => {
      const sequence = parts.norm.apply(params.norm, x).flatten(2).swapAxes(1, 2);
      const y = parts.attention.apply(params.attention, sequence);
      return x.add(y.swapAxes(1, 2).reshape(x.shape));
    },
  };
}

/** Halves height and width by a 3×3 convolution of stride 2. */
export function downsample2d(channels: number): Module<WeightParams> {
  return conv2d(channels, channels, 3, { stride: 2, padding: 1, weight: glorotUniform });
}

/** Doubles height and width: nearest neighbour, then a 3×3 convolution, which avoids checkerboards (Odena et al. 2016). */
export function upsample2d(channels: number): Module<WeightParams> {
  const smooth = conv2d(channels, channels, 3, same);
  return { init: smooth.init, apply: (params, x) => smooth.apply(params, upsample(x, 2)) };
}
