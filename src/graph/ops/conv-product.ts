import { int64 } from "../../base/host.ts";
import type { EmitContext } from "../primitive.ts";
import { padToReach } from "./conv-portable.ts";
import { type Geometry, span } from "./conv-shape.ts";
import { padPlane, product, reshape, transpose } from "./emit-helpers.ts";

/** Whether every position only mixes channels: kernel 1, stride 1, nothing padded, one group. */
function isPoint(g: Geometry): boolean {
  const ones = [...g.kernel, ...g.stride, g.groups].every((value) => value === 1);
  return ones && g.padding.flat().every((amount) => amount === 0);
}

/** A 1×1 convolution as a product W [K, C] · X [N, C, H·W]. */
export function pointForward(c: EmitContext, [x, w, bias]: readonly string[], g: Geometry): string | undefined {
  if (!isPoint(g)) return undefined;
  const y = c.node("MatMul", [reshape(c, w!, [g.k, g.c]), reshape(c, x!, [0, 0, -1])]);
  const sum = bias === undefined ? y : c.node("Add", [y, reshape(c, bias, [g.k, 1])]);
  return reshape(c, sum, [0, 0, ...g.out]);
}

/** Its input gradient Wᵀ · dY. */
export function pointInputGradient(c: EmitContext, [dy, w]: readonly string[], g: Geometry): string | undefined {
  if (!isPoint(g)) return undefined;
  const turned = transpose(c, reshape(c, w!, [g.k, g.c]), [1, 0]);
  return reshape(c, c.node("MatMul", [turned, reshape(c, dy!, [0, 0, -1])]), [0, 0, ...g.size]);
}

/** Its weight gradient Σₙ dYₙ · Xₙᵀ. */
export function pointWeightGradient(c: EmitContext, [x, dy]: readonly string[], g: Geometry): string | undefined {
  if (!isPoint(g)) return undefined;
  const perImage = product(c, reshape(c, dy!, [0, 0, -1]), reshape(c, x!, [0, 0, -1]), true, 3);
  const sum = c.node("ReduceSum", [perImage, c.ints([0])], { keepdims: 0 });
  return reshape(c, sum, [g.k, g.c, 1, 1]);
}

/** Up to this many products per output channel the input is so thin that copying it for every tap costs little. */
const thin = 48;

const isThin = (g: Geometry) => g.groups === 1 && g.c * g.kernel[0] * g.kernel[1] <= thin;

/** Few input channels: y = W [K, taps·C] · columns. ONNX Runtime's own convolution of one channel takes ten times as long. */
export function thinForward(c: EmitContext, [x, w, bias]: readonly string[], g: Geometry): string | undefined {
  if (!isThin(g)) return undefined;
  const taps = g.kernel[0] * g.kernel[1];
  const filter = transpose(c, reshape(c, w!, [g.k, g.c, taps]), [0, 2, 1]);
  const y = c.node("MatMul", [reshape(c, filter, [g.k, taps * g.c]), tapColumns(c, x!, g)]);
  const sum = bias === undefined ? y : c.node("Add", [y, reshape(c, bias, [g.k, 1])]);
  return reshape(c, sum, [g.n, g.k, ...g.out]);
}

/** Their weight gradient: one batched product of dy with the columns, summed over the batch. */
export function thinWeightGradient(c: EmitContext, [x, dy]: readonly string[], g: Geometry): string | undefined {
  if (!isThin(g)) return undefined;
  const [kh, kw] = g.kernel;
  const perImage = product(c, reshape(c, dy!, [g.n, g.k, -1]), tapColumns(c, x!, g), true, 3);
  const sum = c.node("ReduceSum", [perImage, c.ints([0])], { keepdims: 0 });
  return reshape(c, transpose(c, reshape(c, sum, [g.k, kh * kw, g.c]), [0, 2, 1]), [g.k, g.c, kh, kw]);
}

/**
 * Few output channels at stride 1: the input gradient is the convolution of dy with the turned kernel, and dy is what
 * is thin.
 */
export function thinInputGradient(c: EmitContext, [dy, w]: readonly string[], g: Geometry): string | undefined {
  const turned = turnedGeometry(g);
  if (!turned || !isThin(turned)) return undefined;
  const taps = g.kernel[0] * g.kernel[1];
  const last = c.constant(int64(Array.from({ length: taps }, (_, t) => taps - 1 - t)));
  const reversed = c.node("Gather", [reshape(c, w!, [g.k, g.c, taps]), last], { axis: 2 });
  const filter = reshape(c, transpose(c, reversed, [1, 2, 0]), [g.c, taps * g.k]);
  return reshape(c, c.node("MatMul", [filter, tapColumns(c, dy!, turned)]), [g.n, g.c, ...g.size]);
}

/** The convolution from dy to dx at stride 1; undefined at other strides, or where it would need less than no padding. */
function turnedGeometry(g: Geometry): Geometry | undefined {
  const padding = [0, 1].map((axis) => {
    const reach = span(g.kernel[axis]!, g.dilation[axis]!) - 1;
    const before = reach - g.padding[axis]![0];
    return [before, g.size[axis]! + reach - before - g.out[axis]!] as const;
  }) as unknown as Geometry["padding"];
  if (g.stride.some((step) => step !== 1) || padding.flat().some((amount) => amount < 0)) return undefined;
  return { ...g, c: g.k, k: g.c, size: g.out, out: g.size, padding };
}

/** x copied once for each tap (im2col): [N, taps·C, positions]. */
function tapColumns(c: EmitContext, x: string, g: Geometry): string {
  const [kh, kw] = g.kernel;
  const padded = padToReach(c, x, g);
  const copies = Array.from({ length: kh * kw }, (_, t) => {
    const starts = [Math.floor(t / kw) * g.dilation[0], (t % kw) * g.dilation[1]];
    const ends = starts.map((start, axis) => start + (g.out[axis]! - 1) * g.stride[axis]! + 1);
    return c.node("Slice", [padded, c.ints(starts), c.ints(ends), c.ints([2, 3]), c.ints(g.stride)]);
  });
  const columns = copies.length === 1 ? copies[0]! : c.node("Concat", copies, { axis: 1 });
  return reshape(c, columns, [g.n, kh * kw * g.c, -1]);
}

/**
 * The weight gradient at stride 1 by separable shifts: dW[k, c, i, j] = Σ dY[k, r, q−j] · X[c, r+i, q]. Row-shifted copies
 * of the padded x meet column-shifted copies of dy in one batched product [kw·K, kh·C], summed over the batch.
 */
export function shiftedWeightGradient(c: EmitContext, [x, dy]: readonly string[], g: Geometry): string | undefined {
  const [kh, kw] = g.kernel;
  const worth = g.c * kh <= 1024 && g.k * kw <= 1024 && kh * kw <= 25;
  if (g.groups !== 1 || g.stride.some((step) => step !== 1) || !worth) return undefined;
  const [dh, dw] = g.dilation;
  const width = g.size[1] + g.padding[1][0] + g.padding[1][1];
  const padded = padPlane(c, x!, g.padding[0], g.padding[1]);
  const rows = rowShifts(c, padded, g.out[0], kh, dh);
  const shifts = Array.from({ length: kw }, (_, j) => padPlane(c, dy!, [0, 0], [j * dw, width - g.out[1] - j * dw]));
  const columns = kw === 1 ? shifts[0]! : c.node("Concat", shifts, { axis: 1 });
  const right = reshape(c, rows, [g.n, g.c * kh, g.out[0] * width]);
  const left = reshape(c, columns, [g.n, kw * g.k, g.out[0] * width]);
  const sum = c.node("ReduceSum", [product(c, left, right, true, 3), c.ints([0])], { keepdims: 0 });
  return transpose(c, reshape(c, sum, [kw, g.k, g.c, kh]), [1, 2, 3, 0]);
}

/** [N, C, rows, W] → [N, C, kh, out, W]: copy i starts i·dilation rows lower. */
function rowShifts(c: EmitContext, x: string, out: number, kh: number, dilation: number): string {
  const index = Array.from({ length: kh }, (_, i) => Array.from({ length: out }, (_, r) => i * dilation + r)).flat();
  return c.node("Gather", [x, c.constant(int64(index, [kh, out]))], { axis: 2 });
}
