import { int64 } from "../../base/host.ts";
import type { EmitContext } from "../primitive.ts";
import { padToReach } from "./conv-portable.ts";
import { type Geometry, span } from "./conv-shape.ts";
import { BLOCKED, crop, reshape, transpose } from "./emit-helpers.ts";

/*
 * Formulations through ONNX Runtime's internal NCHWc layout: [N, C/b, H·W, b] in storage while the declared shape stays
 * [N, C, H, W]. Only pure data movement may touch such a value, and b must be the processor's own block.
 */

const usable = (c: EmitContext, g: Geometry, ...channels: number[]) =>
  c.device.block > 0 && g.groups === 1 && channels.every((count) => count % c.device.block === 0);

const reorderInput = (c: EmitContext, x: string) => c.node("ReorderInput", [x], { channels_last: 0 }, BLOCKED);
const reorderOutput = (c: EmitContext, x: string, channels: number) =>
  c.node("ReorderOutput", [x], { channels, channels_last: 0 }, BLOCKED);

interface Window {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** top, left, bottom, right */
  readonly pads: readonly number[];
}

function blockedConv(c: EmitContext, operands: readonly string[], { kernel, stride, dilation, pads }: Window): string {
  const attributes = { kernel_shape: kernel, strides: stride, dilations: dilation, pads, group: 1 };
  return c.node("Conv", operands, attributes, BLOCKED);
}

/** Weights [K, C, kh, kw] in the blocked order [K/b, C/b, kh·kw, b of C, b of K]. */
function blockWeights(c: EmitContext, w: string, k: number, inputs: number, kernel: readonly number[]): string {
  const b = c.device.block;
  const split = reshape(c, w, [k / b, b, inputs / b, b, kernel[0]! * kernel[1]!]);
  return reshape(c, transpose(c, split, [0, 2, 4, 3, 1]), [k, inputs, ...kernel]);
}

/** The forward convolution in the blocked layout. */
export function blockedForward(c: EmitContext, [x, w, bias]: readonly string[], g: Geometry): string | undefined {
  if (!usable(c, g, g.c, g.k)) return undefined;
  const operands = [
    reorderInput(c, x!),
    blockWeights(c, w!, g.k, g.c, g.kernel),
    ...(bias === undefined ? [] : [bias]),
  ];
  const pads = [g.padding[0][0], g.padding[1][0], g.padding[0][1], g.padding[1][1]];
  return reorderOutput(c, blockedConv(c, operands, { ...g, pads }), g.k);
}

/** The input gradient as stride-1 convolutions of dy: one for each phase of the stride. */
export function blockedInputGradient(c: EmitContext, [dy, w]: readonly string[], g: Geometry): string | undefined {
  if (!usable(c, g, g.c, g.k) || g.stride[0] * g.stride[1] > 4) return undefined;
  if (g.stride.some((step, axis) => step > 1 && g.dilation[axis] !== 1)) return undefined;
  const [rows, columns] = [0, 1].map((axis) => phases(g, axis)) as [Phase[], Phase[]];
  if ([...rows, ...columns].some((phase) => phase.taps.length === 0 || Math.min(...phase.pads) < 0)) return undefined;
  const blocked = reorderInput(c, dy!);
  const grid = rows.map((row) => columns.map((column) => phaseConv(c, blocked, w!, g, row, column)));
  if (grid.length === 1 && grid[0]!.length === 1) return grid[0]![0]!;
  const size = [rows.length * rows[0]!.count, columns.length * columns[0]!.count];
  return crop(c, interleave(c, grid, rows[0]!.count, columns[0]!.count), size, g.size);
}

/** The positions of one axis that are congruent modulo the stride: which taps reach them, and how dy is padded for it. */
interface Phase {
  readonly taps: readonly number[];
  readonly pads: readonly [number, number];
  readonly count: number;
  readonly dilation: number;
}

/**
 * x position a + s·q receives dy[o]·w[t] where s·o = a + s·q + before − d·t. At stride 1 that is one correlation with the
 * flipped kernel; at stride s (d = 1) phase a has the taps t ≡ a + before (mod s), from the last to the first.
 */
function phases(g: Geometry, axis: number): Phase[] {
  const [s, d, before] = [g.stride[axis]!, g.dilation[axis]!, g.padding[axis]![0]];
  const [kernel, count] = [g.kernel[axis]!, Math.ceil(g.size[axis]! / s)];
  return Array.from({ length: s }, (_, a) => {
    const taps = Array.from({ length: kernel }, (_, t) => t).filter((t) => (a + before - t) % s === 0);
    const step = s === 1 ? d : 1;
    const offset = s === 1 ? before : (a + before - (taps[0] ?? 0)) / s;
    const left = span(taps.length, step) - 1 - offset;
    const right = count - g.out[axis]! + offset;
    return { taps: taps.reverse(), pads: [left, right], count, dilation: step };
  });
}

function phaseConv(c: EmitContext, dy: string, w: string, g: Geometry, row: Phase, column: Phase): string {
  const kernel = [row.taps.length, column.taps.length] as const;
  const filter = turnedWeights(c, w, g, row.taps, column.taps);
  const pads = [row.pads[0], column.pads[0], row.pads[1], column.pads[1]];
  const dilation = [row.dilation, column.dilation] as const;
  return reorderOutput(c, blockedConv(c, [dy, filter], { kernel, stride: [1, 1], dilation, pads }), g.c);
}

/** The chosen taps of w, channels exchanged, in the blocked order of a convolution from K to C channels. */
function turnedWeights(
  c: EmitContext,
  w: string,
  g: Geometry,
  rows: readonly number[],
  columns: readonly number[],
): string {
  const b = c.device.block;
  const split = reshape(c, w, [g.k / b, b, g.c / b, b, g.kernel[0] * g.kernel[1]]);
  const index = rows.flatMap((row) => columns.map((column) => row * g.kernel[1] + column));
  const turned = transpose(c, split, [2, 0, 4, 1, 3]);
  const chosen = c.node("Gather", [turned, c.constant(int64(index))], { axis: 2 });
  return reshape(c, chosen, [g.c, g.k, rows.length, columns.length]);
}

/** Phases [a][b] of [N, C, Q, R] as one image: rows a + s·q, columns b + s·r. */
function interleave(c: EmitContext, grid: readonly (readonly string[])[], q: number, r: number): string {
  const columns = grid[0]!.length;
  const rows = grid.map((row) => {
    if (columns === 1) return row[0]!;
    const parts = row.map((part) => reshape(c, part, [0, 0, q, r, 1]));
    return reshape(c, c.node("Concat", parts, { axis: 4 }), [0, 0, q, r * columns]);
  });
  if (rows.length === 1) return rows[0]!;
  const parts = rows.map((row) => reshape(c, row, [0, 0, q, 1, r * columns]));
  return reshape(c, c.node("Concat", parts, { axis: 3 }), [0, 0, q * rows.length, r * columns]);
}

/**
 * The weight gradient in the blocked layout: the batch plays the channels, dy is the filter, stride and dilation change
 * places. dy's own blocked form, its batch axis blocked as well, is already the filter's order.
 */
export function blockedWeightGradient(c: EmitContext, [x, dy]: readonly string[], g: Geometry): string | undefined {
  if (!usable(c, g, g.n, g.k)) return undefined;
  const b = c.device.block;
  const images = reorderInput(c, transpose(c, padToReach(c, x!, g), [1, 0, 2, 3]));
  const area = g.out[0] * g.out[1];
  const split = reshape(c, reorderInput(c, dy!), [g.n / b, b, g.k / b, area, b]);
  const filter = reshape(c, transpose(c, split, [2, 0, 3, 1, 4]), [g.k, g.n, ...g.out]);
  const window = { kernel: g.out, stride: g.dilation, dilation: g.stride, pads: [0, 0, 0, 0] };
  const result = reshape(c, blockedConv(c, [images, filter], window), [g.c, g.k / b, g.kernel[0] * g.kernel[1], b]);
  return reshape(c, transpose(c, result, [1, 3, 0, 2]), [g.k, g.c, ...g.kernel]);
}
