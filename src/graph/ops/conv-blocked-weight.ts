import type { EmitContext } from "../primitive.ts";
import { blockedConv, reorderInput, usable } from "./conv-blocked.ts";
import { type Geometry, span } from "./conv-shape.ts";
import { reshape, transpose } from "./emit-helpers.ts";

/** Positions of dy in one filter: with 64 output channels and one block of images it then just fits a core's second cache. */
const filterArea = 200;
/** More partial convolutions than this are not worth their nodes. */
const mostParts = 64;

/** A part of the sum over images and rows: blocks of images, and rows of dy. */
interface Part {
  readonly images: readonly [first: number, count: number];
  readonly rows: readonly [first: number, count: number];
}

/**
 * The weight gradient in the blocked layout: the batch plays the channels, dy is the filter, stride and dilation change
 * places. dy's own blocked form, its batch axis blocked as well, is already a filter. So large a filter would be read
 * from memory once for every input channel; cut into parts that stay in cache, whose results the convolution adds up
 * itself, it takes two thirds of the time (measured, 64 channels of 28×28). A batch that does not fill its last block
 * is filled with zeros.
 */
export function blockedWeightGradient(c: EmitContext, [x, dy]: readonly string[], g: Geometry): string | undefined {
  const { block } = c.device;
  if (!usable(c, g, g.k)) return undefined;
  const images = Math.ceil(g.n / block) * block;
  if (images > g.n * (g.stride[0] * g.stride[1] > 1 ? 2 : 1.25)) return undefined;
  const filled = images === g.n ? dy! : c.node("Pad", [dy!, c.ints([0, 0, 0, 0, images - g.n, 0, 0, 0])]);
  const split = reshape(c, reorderInput(c, filled), [images / block, block, g.k / block, g.out[0], g.out[1] * block]);
  let sum: string | undefined;
  for (const part of partsOf(g, block)) {
    const operands = [imagesOf(c, x!, g, part), filterOf(c, split, g, part), ...(sum === undefined ? [] : ["", sum])];
    const kernel = [part.rows[1], g.out[1]] as const;
    sum = blockedConv(c, operands, { kernel, stride: g.dilation, dilation: g.stride, pads: [0, 0, 0, 0] });
  }
  const result = reshape(c, sum!, [g.c, g.k / block, g.kernel[0] * g.kernel[1], block]);
  return reshape(c, transpose(c, result, [1, 3, 0, 2]), [g.k, g.c, ...g.kernel]);
}

function partsOf(g: Geometry, block: number): Part[] {
  const blocks = Math.ceil(g.n / block);
  const area = (filterArea * 64) / Math.min(64, g.k);
  const rowParts = Math.min(g.out[0], Math.ceil((g.out[0] * g.out[1]) / area));
  const each = Math.max(1, Math.ceil((blocks * rowParts) / mostParts));
  const images = cut(blocks, rowParts === 1 ? blocks : each);
  const rows = cut(g.out[0], Math.ceil(g.out[0] / rowParts));
  return images.flatMap((list) => rows.map((lines) => ({ images: list, rows: lines })));
}

/** Consecutive ranges [first, count] of a length, the last one maybe shorter. */
function cut(length: number, size: number): [number, number][] {
  return Array.from({ length: Math.ceil(length / size) }, (_, i) => [i * size, Math.min(size, length - i * size)]);
}

/** The images of a part as channels, padded or cropped to the positions its rows of dy visit. */
function imagesOf(c: EmitContext, x: string, g: Geometry, { images, rows }: Part): string {
  const { block } = c.device;
  const reach = [rows[1], g.out[1]].map(
    (out, axis) => (out - 1) * g.stride[axis]! + span(g.kernel[axis]!, g.dilation[axis]!),
  );
  const before = [g.padding[0][0] - rows[0] * g.stride[0], g.padding[1][0]];
  const after = reach.map((length, axis) => length - before[axis]! - g.size[axis]!);
  const [first, count] = [images[0] * block, images[1] * block];
  const amounts = [-first, 0, ...before, first + count - g.n, 0, ...after];
  const cropped = amounts.every((amount) => amount === 0) ? x : c.node("Pad", [x, c.ints(amounts)]);
  return reorderInput(c, transpose(c, cropped, [1, 0, 2, 3]));
}

/** dy's rows of a part, [images, b, K/b, rows, W·b], as a filter [K/b, images, rows·W, b of images, b of K]. */
function filterOf(c: EmitContext, split: string, g: Geometry, { images, rows }: Part): string {
  const { block } = c.device;
  const whole = images[1] * block >= g.n && rows[1] === g.out[0];
  const ends = [images[0] + images[1], rows[0] + rows[1]];
  const slice = () => c.node("Slice", [split, c.ints([images[0], rows[0]]), c.ints(ends), c.ints([0, 3])]);
  const positions = reshape(c, whole ? split : slice(), [images[1], block, g.k / block, rows[1] * g.out[1], block]);
  return reshape(c, transpose(c, positions, [2, 0, 3, 1, 4]), [g.k, images[1] * block, rows[1], g.out[1]]);
}
