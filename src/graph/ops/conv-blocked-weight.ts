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
  const planes = imagesAsChannels(c, x!, g, images);
  const filter = imagesAsFilter(c, dy!, g, images);
  let sum: string | undefined;
  for (const part of partsOf(g, block)) {
    const operands = [
      planesOf(c, planes, g, part),
      filterOf(c, filter, g, part),
      ...(sum === undefined ? [] : ["", sum]),
    ];
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

/** Positions of x, zeros around it included, that a number of positions of dy visits. */
const reachOf = (g: Geometry, axis: number, out: number) =>
  (out - 1) * g.stride[axis]! + span(g.kernel[axis]!, g.dilation[axis]!);

/**
 * x with images for channels in the blocked layout, [C, images/b, H, W·b], padded or cropped to what dy visits: rows of
 * a block of images lie together. (The convolution could pad by itself, but with so large a filter every position would
 * be one at the border, which takes twice the time.)
 */
function imagesAsChannels(c: EmitContext, x: string, g: Geometry, images: number): string {
  const { block } = c.device;
  const reach = g.out.map((out, axis) => reachOf(g, axis, out)) as [number, number];
  const before = [0, 0, g.padding[0][0], g.padding[1][0]];
  const after = [images - g.n, 0, ...reach.map((length, axis) => length - before[axis + 2]! - g.size[axis]!)];
  const amounts = [...before, ...after];
  const padded = amounts.every((amount) => amount === 0) ? x : c.node("Pad", [x, c.ints(amounts)]);
  const blocked = reorderInput(c, transpose(c, padded, [1, 0, 2, 3]));
  return reshape(c, blocked, [g.c, images / block, reach[0], reach[1] * block]);
}

/** dy as a filter over images, [K/b, images/b, H·W, b of images, b of K]: rows of a block of images lie together. */
function imagesAsFilter(c: EmitContext, dy: string, g: Geometry, images: number): string {
  const { block } = c.device;
  const filled = images === g.n ? dy : c.node("Pad", [dy, c.ints([0, 0, 0, 0, images - g.n, 0, 0, 0])]);
  const split = reshape(c, reorderInput(c, filled), [images / block, block, g.k / block, g.out[0] * g.out[1], block]);
  return transpose(c, split, [2, 0, 3, 1, 4]);
}

/** What a part needs of x, in the blocked layout. */
function planesOf(c: EmitContext, planes: string, g: Geometry, { images, rows }: Part): string {
  const { block } = c.device;
  const [first, count] = [rows[0] * g.stride[0], reachOf(g, 0, rows[1])];
  const sizes = [Math.ceil(g.n / block), reachOf(g, 0, g.out[0])];
  const sliced = sliceWhere(c, planes, sizes, [images[0], first], [images[0] + images[1], first + count]);
  return reshape(c, sliced, [g.c, images[1] * block, count, reachOf(g, 1, g.out[1])]);
}

/** A part's rows of dy as a filter. */
function filterOf(c: EmitContext, filter: string, g: Geometry, { images, rows }: Part): string {
  const { block } = c.device;
  const starts = [images[0], rows[0] * g.out[1]];
  const ends = [images[0] + images[1], (rows[0] + rows[1]) * g.out[1]];
  const sliced = sliceWhere(c, filter, [Math.ceil(g.n / block), g.out[0] * g.out[1]], starts, ends);
  return reshape(c, sliced, [g.k, images[1] * block, rows[1], g.out[1]]);
}

/** The axes from the second on cut to [start, end), where that takes anything away. */
function sliceWhere(
  c: EmitContext,
  value: string,
  sizes: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
): string {
  const cut = sizes.flatMap((size, i) => (starts[i]! > 0 || ends[i]! < size ? [i] : []));
  if (cut.length === 0) return value;
  const pick = (list: readonly number[]) => c.ints(cut.map((i) => list[i]!));
  return c.node("Slice", [value, pick(starts), pick(ends), c.ints(cut.map((i) => i + 1))]);
}
