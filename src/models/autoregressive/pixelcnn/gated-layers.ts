import { type HostArray, zeros as zeroArray } from "../../../base/host.ts";
import { concat, conv, type Tensor } from "../../../graph/index.ts";
import { dropout, glorotUniform, type Traced, zeros } from "../../../nn/index.ts";
import { fold, type Key } from "../../../random/index.ts";
import { afterPixel, featureColours } from "./colours.ts";
import { type PointParams, pointwise, reachOf, rowConv, rowsOut } from "./layers.ts";

/** What shapes a gated layer. */
export interface GatedOptions {
  /** Colours of the channels it reads: the image's own for the first layer. */
  readonly inputs: readonly number[];
  readonly channels: number;
  readonly colours: number;
  readonly kernel: number;
  readonly dilation: number;
  /** Whether it reads the image: then a pixel must not see itself (mask A), and there is nothing to add the result to. */
  readonly first: boolean;
  /** Number of classes whose label shifts the gates; 0 for none. */
  readonly classes: number;
}

/** Shifts of both stacks' gates by the label, [classes, 2·channels]. */
export type LabelParams = { vertical: HostArray; row: HostArray };

/** Weights of a gated layer; `across` leads from the vertical stack into the horizontal one. */
export type GatedParams = {
  vertical: { weight: HostArray; bias: HostArray };
  across: PointParams;
  row: { weight: HostArray };
  mix: PointParams;
  labels?: LabelParams;
};

/** Features of both stacks. */
export interface Stacks {
  readonly vertical: Tensor;
  readonly row: Tensor;
}

/** Uniforms [B, channels] that switch features of a layer off in training. */
export interface GateNoise {
  readonly vertical: Tensor;
  readonly row: Tensor;
  readonly rate: number;
}

/** One layer over whole images, over a row of the vertical stack, and over a pixel of the horizontal one. */
export interface GatedLayer {
  readonly init: (key: Key) => GatedParams;
  readonly image: (params: Traced<GatedParams>, x: Stacks, labels?: Tensor, noise?: GateNoise) => Stacks;
  /** Rows of its input the vertical stack reads above the one it is at. */
  readonly rowsAbove: number;
  /** From the rows above [B, C, rows, W] and, but for the first layer, the row itself: the row's features and what the row's pixels get. */
  readonly begin: (
    params: Traced<GatedParams>,
    above: Tensor,
    own: Tensor | undefined,
    labels?: Tensor,
  ) => { readonly vertical: Tensor; readonly seen: Tensor };
  /** Pixels to the left that must be kept for it, each [B, channels]; none for the first layer, which reads the image. */
  readonly carry: (batch: number) => HostArray[];
  /** From the pixels under the taps side by side and the pixel's input so far to its features. */
  readonly pixel: (params: Traced<GatedParams>, window: Tensor, seen: Tensor, input?: Tensor) => Tensor;
  /** The input of the pixel beside the one kept `dilation` pixels ago. */
  readonly window: (kept: readonly Tensor[], input: Tensor) => Tensor;
  /** What is kept after a pixel. */
  readonly keep: (kept: readonly Tensor[], input: Tensor, column: Tensor) => Tensor[];
}

/** tanh(a)·σ(b) of the two halves of the channels (arXiv 1606.05328, equation 2). */
export function gate(x: Tensor, axis: number): Tensor {
  const [a, b] = x.split(2, axis) as [Tensor, Tensor];
  return a.tanh().mul(b.sigmoid());
}

const perImage = (row: Tensor) => row.reshape([...row.shape, 1, 1]);

/**
 * A layer of the Gated PixelCNN: the vertical stack sees the rows above, all columns; the horizontal one the pixels to the
 * left, and the vertical stack's features through a 1×1 convolution, so that there is no blind spot. van den Oord et al.
 * 2016, arXiv 1606.05328, figure 2.
 */
export function gatedLayer(options: GatedOptions): GatedLayer {
  const { channels, colours, kernel, dilation, first, classes } = options;
  const [inputs, wide] = [options.inputs.length, 2 * channels];
  const features = featureColours(channels, colours);
  const reach = reachOf(kernel);
  const span = reach * dilation;
  const height = first ? reach : reach + 1;
  const blind = new Array<number>(wide).fill(0); // The vertical stack has seen whole rows: colours do not matter to it.
  const parts = {
    across: pointwise({ inputs: blind, outputs: blind }, glorotUniform),
    row: rowConv({ inputs: options.inputs, outputs: [...features, ...features], kernel, dilation, strict: first }),
    mix: pointwise({ inputs: features, outputs: features }, glorotUniform),
  };
  const verticalFans = { fanIn: inputs * height * (2 * reach + 1), fanOut: wide * height * (2 * reach + 1) };
  const rowFans = { fanIn: parts.row.fanIn, fanOut: wide * parts.row.taps };
  const shift = (x: Tensor, weight: Tensor | undefined, labels: Tensor | undefined) =>
    weight && labels ? x.add(perImage(labels.matmul(weight))) : x;
  const sides = [span, span] as const;
  const off = (x: Tensor, noise: Tensor | undefined, rate: number) => (noise ? dropout(x, perImage(noise), rate) : x);
  return {
    init: (key) => ({
      vertical: {
        weight: glorotUniform(fold(key, "vertical"), [wide, inputs, height, 2 * reach + 1], verticalFans),
        bias: zeros(key, [wide], verticalFans),
      },
      across: parts.across.init(fold(key, "across")),
      row: { weight: glorotUniform(fold(key, "row"), [wide, inputs, 1, parts.row.taps], rowFans) },
      mix: parts.mix.init(fold(key, "mix")),
      ...(classes > 0 && {
        labels: { vertical: zeroArray("float32", [classes, wide]), row: zeroArray("float32", [classes, wide]) },
      }),
    }),
    image: (params, x, labels, noise) => {
      const above = first ? x.vertical.slice(2, 0, x.vertical.shape[2]! - 1) : x.vertical;
      const padding = [[span, 0], sides] as const;
      const { weight, bias } = params.vertical;
      const vertical = shift(conv(above, weight, { padding, dilation, bias }), params.labels?.vertical, labels);
      const across = shift(parts.across.image(params.across, vertical), params.labels?.row, labels);
      const row = off(gate(parts.row.image(params.row.weight, x.row).add(across), 1), noise?.row, noise?.rate ?? 0);
      const mixed = parts.mix.image(params.mix, row);
      return {
        vertical: off(gate(vertical, 1), noise?.vertical, noise?.rate ?? 0),
        row: first ? mixed : x.row.add(mixed),
      };
    },
    rowsAbove: span,
    begin: (params, above, own, labels) => {
      const rows = own ? concat([above, own], 2) : above;
      const { weight, bias } = params.vertical;
      const plain = conv(rows, weight, { padding: [[0, 0], sides], dilation, bias });
      const vertical = shift(plain, params.labels?.vertical, labels);
      const across = shift(parts.across.image(params.across, vertical), params.labels?.row, labels);
      return { vertical: gate(vertical, 1), seen: rowsOut(across) };
    },
    carry: (batch) => (first ? [] : Array.from({ length: span }, () => zeroArray("float32", [batch, channels]))),
    pixel: (params, window, seen, input) => {
      const row = gate(parts.row.pixel(params.row.weight, window).add(seen), 1);
      const mixed = parts.mix.pixel(params.mix, row);
      return input ? input.add(mixed) : mixed;
    },
    window: (kept, input) => concat([...kept.filter((_, i) => i % dilation === 0), input], 1),
    keep: (kept, input, column) => {
      const next = [...kept.slice(1), input];
      return next.map((pixel, i) => afterPixel(colours, column, kept[i]!, pixel));
    },
  };
}
