import type { HostArray } from "../../../base/host.ts";
import { concat, constant, conv, type Tensor } from "../../../graph/index.ts";
import { heNormal, type Initializer, type Traced, zeros } from "../../../nn/index.ts";
import { fold, type Key } from "../../../random/index.ts";
import { colourMask } from "./colours.ts";

/** The colours of a layer's channels. */
export interface Channels {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

const severalColours = ({ inputs, outputs }: Channels) => [...inputs, ...outputs].some((colour) => colour > 0);

/** Pixels a kernel of that size reaches to each side. */
export const reachOf = (kernel: number): number => Math.floor(kernel / 2);

/** Weight [outputs, inputs, 1, 1] and bias of a layer that treats every pixel alone. */
export type PointParams = { weight: HostArray; bias: HostArray };

/** A 1×1 convolution under mask B. */
export interface Pointwise {
  readonly init: (key: Key) => PointParams;
  /** [B, C, H, W] → [B, K, H, W]. */
  readonly image: (params: Traced<PointParams>, x: Tensor) => Tensor;
  /** [B, C] → [B, K]. */
  readonly pixel: (params: Traced<PointParams>, x: Tensor) => Tensor;
}

/** The 1×1 convolution between such channels. */
export function pointwise(channels: Channels, weight: Initializer = heNormal): Pointwise {
  const [inputs, outputs] = [channels.inputs.length, channels.outputs.length];
  const mask = severalColours(channels) ? colourMask(channels.outputs, channels.inputs, false) : undefined;
  const masked = (w: Tensor) => (mask ? w.mul(constant(mask).reshape([outputs, inputs, 1, 1])) : w);
  return {
    init: (key) => ({
      weight: weight(fold(key, "weight"), [outputs, inputs, 1, 1], { fanIn: inputs, fanOut: outputs }),
      bias: zeros(key, [outputs], { fanIn: inputs, fanOut: outputs }),
    }),
    image: (params, x) => conv(x, masked(params.weight), { bias: params.bias }),
    pixel: (params, x) => x.matmul(masked(params.weight).reshape([outputs, inputs]).transpose()).add(params.bias),
  };
}

/** What shapes a convolution along the row. */
export interface RowConvOptions extends Channels {
  readonly kernel: number;
  readonly dilation?: number;
  /** Mask A: a pixel sees of itself only the colours before its own. */
  readonly strict: boolean;
}

/** A convolution over a pixel and those left of it. */
export interface RowConv {
  /** Number of pixels it sums over: those left of a pixel, and the pixel itself where anything of it is visible. */
  readonly taps: number;
  readonly fanIn: number;
  /** Weight [outputs, inputs, 1, taps], the leftmost pixel first. */
  readonly init: (key: Key, fanIn?: number) => HostArray;
  /** The weight with what must not be seen set to zero. */
  readonly kernel: (weight: Tensor) => Tensor;
  /** [B, C, H, W] → [B, K, H, W]. */
  readonly image: (weight: Tensor, x: Tensor) => Tensor;
  /** The pixels under the taps side by side, [B, taps·C] → [B, K]. */
  readonly pixel: (weight: Tensor, window: Tensor) => Tensor;
}

/** The convolution along the row between such channels. */
export function rowConv(options: RowConvOptions): RowConv {
  const { kernel, strict, dilation = 1 } = options;
  const [inputs, outputs] = [options.inputs.length, options.outputs.length];
  const several = severalColours(options);
  const sees = several || !strict;
  const taps = reachOf(kernel) + Number(sees);
  const mask = several ? colourMask(options.outputs, options.inputs, strict) : undefined;
  const masked = (weight: Tensor) => {
    if (!mask) return weight;
    const own = constant(mask).reshape([outputs, inputs, 1, 1]);
    return concat([weight.slice(3, 0, taps - 1), weight.slice(3, taps - 1).mul(own)], 3);
  };
  const left = reachOf(kernel) * dilation;
  return {
    taps,
    fanIn: inputs * taps,
    init: (key, fanIn = inputs * taps) => heNormal(key, [outputs, inputs, 1, taps], { fanIn, fanOut: fanIn }),
    kernel: masked,
    image: (weight, x) => {
      const before = sees ? x : x.slice(3, 0, x.shape[3]! - 1);
      const padding = [
        [0, 0],
        [left, 0],
      ] as const;
      return conv(before, masked(weight), { padding, dilation: [1, dilation] });
    },
    pixel: (weight, window) => {
      const matrix = masked(weight).squeeze(2).transpose([2, 1, 0]);
      return window.matmul(matrix.reshape([taps * inputs, outputs]));
    },
  };
}

/** Weights of the rows above [outputs, inputs, reach, 2·reach + 1] and of the row itself [outputs, inputs, 1, taps]; bias. */
export type MaskedParams = { above: HostArray; here: HostArray; bias: HostArray };

/** A convolution over the pixels above a pixel and left of it. */
export interface MaskedConv {
  readonly reach: number;
  readonly init: (key: Key) => MaskedParams;
  /** [B, C, H, W] → [B, K, H, W]. */
  readonly image: (params: Traced<MaskedParams>, x: Tensor) => Tensor;
  /** What a row gets from the `reach` rows above it, [B, C, reach, W] → [W, B, K]; the bias included. */
  readonly above: (params: Traced<MaskedParams>, rows: Tensor) => Tensor;
  /** What a pixel gets from its own row, [B, taps·C] → [B, K]. */
  readonly here: (params: Traced<MaskedParams>, window: Tensor) => Tensor;
}

/**
 * Masked convolution (arXiv 1601.06759, section 3.4) without what the mask hides: only the rows above and the taps to the
 * left exist. Over whole images both are one convolution of reach + 1 rows, zeros in the place of the pixels to the right.
 * Forward and gradients, 16 images of 28×28, 32 features, 3×3: 3.7 ms, as two convolutions 4.3, as a full masked one 5.2.
 */
export function maskedConv(options: Omit<RowConvOptions, "dilation">): MaskedConv {
  const [inputs, outputs] = [options.inputs.length, options.outputs.length];
  const reach = reachOf(options.kernel);
  const row = rowConv(options);
  const fanIn = row.fanIn + inputs * reach * (2 * reach + 1);
  const sides = [
    [0, 0],
    [reach, reach],
  ] as const;
  return {
    reach,
    init: (key) => ({
      above: heNormal(fold(key, "above"), [outputs, inputs, reach, 2 * reach + 1], { fanIn, fanOut: fanIn }),
      here: row.init(fold(key, "here"), fanIn),
      bias: zeros(key, [outputs], { fanIn, fanOut: fanIn }),
    }),
    image: (params, x) => {
      const nothing = [0, 0] as const;
      const here = row.kernel(params.here).pad([nothing, nothing, nothing, [0, 2 * reach + 1 - row.taps]]);
      const padding = [
        [reach, 0],
        [reach, reach],
      ] as const;
      return conv(x, concat([params.above, here], 2), { padding, bias: params.bias });
    },
    above: (params, rows) => rowsOut(conv(rows, params.above, { padding: sides, bias: params.bias })),
    here: (params, window) => row.pixel(params.here, window),
  };
}

/** One row of features [B, K, 1, W] as its pixels [W, B, K]. */
export const rowsOut = (row: Tensor): Tensor => row.squeeze(2).transpose([2, 0, 1]);
