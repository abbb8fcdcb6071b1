import { concat, type Tensor } from "../../../../graph/index.ts";
import {
  conv2d,
  convTranspose2d,
  elu,
  type Module,
  normal,
  type WeightNorm,
  type WeightParams,
  weightNorm,
} from "../../../../nn/index.ts";

/** elu of the features and of their negatives, twice as many (arXiv 1701.05517, section 2.5; Shang et al. 2016). */
export const concatElu = (x: Tensor, axis = 1): Tensor => elu(concat([x, x.neg()], axis));

/** A convolution between numbers of features. */
export type MakeConvolution = (inputs: number, outputs: number, options?: ConvolutionOptions) => WeightNorm;

/** How a convolution moves and begins. */
export interface ConvolutionOptions {
  readonly stride?: number;
  /** Standard deviation of the outputs after the start from data; 1 when left out. */
  readonly spread?: number;
}

type Padding = readonly (readonly [number, number])[];

const weight = normal(0.05);
const normed = (layer: Module<WeightParams>, { spread = 1 }: ConvolutionOptions = {}) =>
  weightNorm(layer, 0, { spread });

const over = (kernel: readonly number[], padding: Padding): MakeConvolution => {
  return (inputs, outputs, options = {}) =>
    normed(conv2d(inputs, outputs, kernel, { padding, stride: options.stride ?? 1, weight }), options);
};

/** Over the row above and the row itself, one column to each side: for features that know whole rows. */
export const downConv = over(
  [2, 3],
  [
    [1, 0],
    [1, 1],
  ],
);

/** Over the pixel, the one to its left and the two above them. */
export const rightConv = over(
  [2, 2],
  [
    [1, 0],
    [1, 0],
  ],
);

/** Over a row, one column to each side: the image's own row above. */
export const rowConv = over(
  [1, 3],
  [
    [0, 0],
    [1, 1],
  ],
);

/** Over a pixel and the one above it: the image's own column to the left. */
export const columnConv = over(
  [2, 1],
  [
    [1, 0],
    [0, 0],
  ],
);

/** A 1×1 convolution. */
export const point = over(
  [1, 1],
  [
    [0, 0],
    [0, 0],
  ],
);

/** Twice the size, reaching as far as `downConv`. */
export const downGrow = (features: number): WeightNorm => {
  const padding = [
    [0, 0],
    [1, 0],
  ] as const;
  return weightNorm(convTranspose2d(features, features, [2, 3], { stride: 2, padding, weight }), 1);
};

/** Twice the size, reaching as far as `rightConv`. */
export const rightGrow = (features: number): WeightNorm =>
  weightNorm(convTranspose2d(features, features, 2, { stride: 2, weight }), 1);
