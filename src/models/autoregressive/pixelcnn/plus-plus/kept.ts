import type { Tree } from "../../../../base/tree.ts";
import type { Grid } from "../../../../distributions/grid.ts";
import { arange, type Tensor } from "../../../../graph/index.ts";
import type { Traced, WeightNormParams } from "../../../../nn/index.ts";
import { eachColour, type ImageSize } from "../colours.ts";
import type { BlockParams } from "./block.ts";
import type { Stage } from "./stages.ts";

/** What generation must know of the model. */
export interface PlusPlusShape {
  readonly stages: readonly Stage[];
  readonly filters: number;
  readonly mixture: number;
  readonly grid: Grid;
  readonly size: ImageSize;
}

/** A list for each stage: the rows its convolutions see above, or the pixels to the left. */
export type ByStage<T> = readonly (readonly T[])[];

/** What is kept between rows: the rows of the image, the inputs of all convolutions in the row before, the row's number. */
export interface KeptRows {
  readonly x: Tensor;
  readonly down: ByStage<Tensor>;
  readonly right: ByStage<Tensor>;
  readonly row: Tensor;
}

/** What the pixels of a row see: number of the row, first features, what blocks get from above, the other stream. */
export interface Seen {
  readonly row: Tensor;
  readonly first: Tensor;
  readonly above: ByStage<Tensor>;
  readonly down: readonly Tensor[];
}

/** What is carried from pixel to pixel. */
export type KeptPixels = { readonly x: Tensor; readonly left: ByStage<Tensor> };

/** No padding. */
export const nothing = [0, 0] as const;

/** A record as the tree that generation carries. */
export const tree = (value: unknown) => value as Tree<never>;

/** The parameters of a stage that is a block, and of one that is a single layer. */
export const blockOf = (params: unknown) => params as Traced<BlockParams>;
export const layerOf = (params: unknown) => params as Traced<WeightNormParams>;

/** A layer's bias as an option of a convolution. */
export const biasOf = (params: Traced<WeightNormParams>) => (params.bias ? { bias: params.bias } : {});

/** Whether a level has a row (or column) of its own at that number of the whole image: every 2^level-th. */
export const isFresh = (number: Tensor, level: number) => number.mod(2 ** level).equal(0);

/** How many features a stage's convolutions read: two of a block, one of the others. The level is that of their input. */
export function inputsOf({ kind, level }: Stage, filters: number): { features: number[]; level: number } {
  if (kind === "block") return { features: [2 * filters, 2 * filters], level };
  return { features: [filters], level: kind === "shrink" ? level - 1 : level + 1 };
}

/** A row of a level [B, K, 1, W] as what each variable of the image's row sees of it, [length, B, K]. */
export function spread({ size }: PlusPlusShape, row: Tensor, level: number): Tensor {
  const pixels = row.squeeze(2).transpose([2, 0, 1]);
  const wide = level === 0 ? pixels : pixels.gather(arange(size.width).div(2 ** level), 0);
  return eachColour(wide, size.colours);
}
