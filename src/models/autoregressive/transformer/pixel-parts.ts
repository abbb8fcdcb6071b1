import { HostArray } from "../../../base/host.ts";
import type { Grid } from "../../../distributions/grid.ts";
import { concat, type Tensor } from "../../../graph/index.ts";
import {
  type BlockOptions,
  linear,
  normal,
  type Traced,
  type TransformerParams,
  transformer,
  type WeightParams,
} from "../../../nn/index.ts";
import { fold, type Key } from "../../../random/index.ts";
import type { ImageSize } from "../pixelcnn/colours.ts";
import { pixelHead } from "./pixel-head.ts";
import { constants, labelled, opening, type PositionTable, positionVectors } from "./positions.ts";
import { vectors } from "./sequence-parts.ts";

/** What a transformer over the pixels of an image, in some order, is made of. */
export interface PixelOptions {
  readonly size: ImageSize;
  readonly levels: number;
  readonly classes: number;
  /** Pixels, row·width + column, in the order in which they come. */
  readonly pixels: readonly number[];
  readonly body: BlockOptions & { readonly layers: number };
  /** Learned position vectors of the pixels in that order, summed. */
  readonly positions: readonly PositionTable[];
  /** Logistic components of a pixel's mixture. */
  readonly components: number;
  /** Rate at which elements of embeddings and branches are dropped while training. */
  readonly dropout: number;
}

/** input [colours, W] reads a pixel in; start [W] stands before the first; labels [classes, W] are added everywhere. */
export type PixelParams = {
  input: WeightParams;
  positions: HostArray[];
  start: HostArray;
  labels?: HostArray;
  body: TransformerParams;
  head: WeightParams;
};

/** The parameters while tracing. */
export type PixelNet = Traced<PixelParams>;

/** The layers and sizes that follow from the options. */
export function pixelParts(options: PixelOptions) {
  const { size, body, components, levels } = options;
  const grid: Grid = { low: -1, high: 1, levels };
  return {
    ...options,
    colours: size.colours,
    count: options.pixels.length,
    width: body.width,
    grid,
    input: linear(size.colours, body.width, { weight: normal(0.2) }),
    module: transformer({ ...body, causal: true }),
    head: pixelHead(body.width, components, size.colours),
    raster: options.pixels.every((pixel, i) => pixel === i),
  };
}

/** A transformer over pixels. */
export type Pixels = ReturnType<typeof pixelParts>;

/** Initial parameters. */
export function initPixels(s: Pixels, key: Key): PixelParams {
  return {
    input: s.input.init(fold(key, "input")),
    positions: s.positions.map(({ size }, i) => vectors(key, `positions${i}`, size, s.width)),
    start: new HostArray("float32", [s.width], vectors(key, "start", 1, s.width).data),
    ...(s.classes > 0 ? { labels: vectors(key, "labels", s.classes, s.width) } : {}),
    body: s.module.init(fold(key, "body")),
    head: s.head.init(fold(key, "head")),
  };
}

/** Images [B, colours, H, W] as pixels in order [B, colours, pixels, 1]. */
export function inPixelOrder(s: Pixels, images: Tensor): Tensor {
  const flat = images.reshape([images.shape[0]!, s.colours, -1, 1]);
  return s.raster ? flat : flat.gather(constants(s.pixels), 2);
}

/** Values [B, colours, pixels, …] of pixels in order at their places. */
export function inPlace(s: Pixels, values: Tensor): Tensor {
  if (s.raster) return values;
  const ranks = new Uint32Array(s.count);
  s.pixels.forEach((pixel, rank) => {
    ranks[pixel] = rank;
  });
  return values.gather(constants(ranks), 2);
}

/** Inputs of the transformer [B, pixels, W]: the pixel before each one, of y [B, colours, pixels, 1] on the grid. */
export function pixelInputs(s: Pixels, params: PixelNet, y: Tensor, labels: Tensor | undefined): Tensor {
  const before = y
    .squeeze(3)
    .slice(2, 0, s.count - 1)
    .swapAxes(1, 2);
  const stream = concat(opening(params.start, s.input.apply(params.input, before), y.shape[0]!), 1);
  return labelled(params.labels, stream, labels).add(positionVectors(s.positions, params.positions, s.count)!);
}

/** The input [B, W] of one pixel, by its number in the order, after one with values [B, colours]. */
export function pixelInputAt(
  s: Pixels,
  params: PixelNet,
  { pixel, before, labels }: { pixel: Tensor; before: Tensor; labels: Tensor | undefined },
): Tensor {
  const first = pixel.greater(0).select(s.input.apply(params.input, before), params.start);
  const table = positionVectors(s.positions, params.positions, s.count)!;
  return labelled(params.labels, first, labels).add(table.gather(pixel));
}
