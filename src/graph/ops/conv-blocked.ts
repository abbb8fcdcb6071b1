import { int64 } from "../../base/host.ts";
import type { EmitContext } from "../primitive.ts";
import { type Geometry, span } from "./conv-shape.ts";
import { BLOCKED, crop, reshape, transpose } from "./emit-helpers.ts";

/*
 * Formulations through ONNX Runtime's internal NCHWc layout: [N, C/b, H·W, b] in storage while the declared shape stays
 * [N, C, H, W]. Only pure data movement may touch such a value, and b must be the processor's own block.
 */

export const usable = (c: EmitContext, g: Geometry, ...channels: number[]) =>
  c.device.block > 0 && g.groups === 1 && channels.every((count) => count % c.device.block === 0);

/** For each model being written: values in the blocked layout by the name of the same value in the ordinary one. */
const blockedNames = new WeakMap<EmitContext, Map<string, string>>();

function namesOf(c: EmitContext): Map<string, string> {
  const names = blockedNames.get(c) ?? new Map<string, string>();
  blockedNames.set(c, names);
  return names;
}

/** A value in the blocked layout, reordered once however many convolutions read it. */
export function reorderInput(c: EmitContext, x: string): string {
  const names = namesOf(c);
  const blocked = names.get(x) ?? c.node("ReorderInput", [x], { channels_last: 0 }, BLOCKED);
  names.set(x, blocked);
  return blocked;
}

function reorderOutput(c: EmitContext, blocked: string, channels: number): string {
  const x = c.node("ReorderOutput", [blocked], { channels, channels_last: 0 }, BLOCKED);
  namesOf(c).set(x, blocked);
  return x;
}

interface Window {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** top, left, bottom, right */
  readonly pads: readonly number[];
}

export function blockedConv(
  c: EmitContext,
  operands: readonly string[],
  { kernel, stride, dilation, pads }: Window,
): string {
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
  const size = [rows.length * rows[0]!.count, columns.length * columns[0]!.count];
  return crop(c, reorderOutput(c, interleave(c, grid, g, rows[0]!.count, columns[0]!.count), g.c), size, g.size);
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
  return blockedConv(c, [dy, filter], { kernel, stride: [1, 1], dilation, pads });
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

/**
 * Phases [a][b] of [N, C, Q, R] as one image, rows a + s·q, columns b + s·r, all in the blocked layout: there every pixel
 * is one run of b numbers, so that whole runs are moved.
 */
function interleave(c: EmitContext, grid: readonly (readonly string[])[], g: Geometry, q: number, r: number): string {
  const [s, t] = [grid.length, grid[0]!.length];
  if (s * t === 1) return grid[0]![0]!;
  const { block } = c.device;
  const [blocks, line] = [g.c / block, r * t * block];
  const rows = grid.map((row) => {
    const parts = row.map((part) => reshape(c, part, [0, blocks, q, r, block]));
    return reshape(c, t === 1 ? parts[0]! : c.node("Concat", parts, { axis: 4 }), [0, blocks, q, 1, line]);
  });
  return reshape(c, s === 1 ? rows[0]! : c.node("Concat", rows, { axis: 3 }), [0, g.c, q * s, r * t]);
}
