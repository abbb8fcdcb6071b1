import { sizeOf } from "../../../base/shape.ts";
import type { GraphNode } from "../../node.ts";
import { type ConvAttrs, convSizes, geometry } from "../../ops/conv-shape.ts";
import { concat } from "../../ops/shape.ts";
import { apply, type Tensor } from "../../tensor.ts";
import { limited } from "./functions.ts";

/*
 * Sums that cannot depend on their order: terms are whole multiples of a power of two, and so few and small that every
 * partial sum stays below 2^53 of them, so no addition rounds, whatever the engine's order, threads or fused operations.
 */

/** Bits of the significand of a float64. */
const EXACT = 53;
/** Weights, which depend on parameters only: multiples of 2^−14 up to ±2^6. */
const WEIGHT = { bits: 14, range: 6 };
/** What depends on data: multiples of 2^−12, up to what leaves the sum exact. */
const VALUE_BITS = 12;
/** Terms of other sums: multiples of 2^−20. */
export const SUM_BITS = 20;
/** Shares of a whole (exponentials of what is at most 0): multiples of 2^−36. */
export const SHARE_BITS = 36;

/** Bits that a sum of n equal terms needs beyond those of a term. */
const growth = (n: number) => Math.ceil(Math.log2(Math.max(1, n)));

/** x·2^bits as whole numbers; x is limited to ±2^range. */
function whole(x: Tensor, bits: number, range: number): Tensor {
  return limited(x, -(2 ** range), 2 ** range)
    .mul(2 ** bits)
    .round();
}

/** Applies a reduction of up to n terms (or a scatter) to whole multiples of 2^−bits. */
export function exactly(x: Tensor, n: number, bits: number, reduce: (x: Tensor) => Tensor): Tensor {
  return reduce(whole(x, bits, EXACT - 1 - bits - growth(n))).mul(2 ** -bits);
}

/** Σ x over axes. */
export function sum(x: Tensor, axes: readonly number[], keepDims: boolean, bits = SUM_BITS): Tensor {
  const n = sizeOf(axes.map((axis) => x.shape[axis]!));
  return exactly(x, n, bits, (terms) => terms.sum(axes, keepDims));
}

/** Mean over axes, kept. */
export function mean(x: Tensor, axes: readonly number[]): Tensor {
  return sum(x, axes, true).div(sizeOf(axes.map((axis) => x.shape[axis]!)));
}

/** Both operands of a product of `terms` terms as whole numbers, and the power of two that their products are multiples of. */
function operands(a: Tensor, b: Tensor, terms: number, steady: readonly boolean[]) {
  const room = EXACT - 1 - growth(terms);
  const [isA, isB] = [steady[0]!, steady[1]! && !steady[0]];
  const bits = [isA ? WEIGHT.bits : VALUE_BITS, isB ? WEIGHT.bits : VALUE_BITS];
  const free = room - bits[0]! - bits[1]!;
  const one = isA || isB ? free - WEIGHT.range : Math.floor(free / 2);
  const scaled = [a, b].map((x, i) => whole(x, bits[i]!, (i === 0 ? isA : isB) ? WEIGHT.range : one));
  return { a: scaled[0]!, b: scaled[1]!, scale: 2 ** -(bits[0]! + bits[1]!) };
}

/** A matrix product; `steady` says which operands depend on parameters only. */
export function product({ op, attrs }: GraphNode, [a, b]: readonly Tensor[], steady: readonly boolean[]): Tensor {
  const terms = attrs.transposeA ? a!.shape.at(-2)! : a!.shape.at(-1)!;
  const whole = operands(a!, b!, terms, steady);
  return apply(op, [whole.a, whole.b], attrs)[0]!.mul(whole.scale);
}

/** A convolution as a product with the input copied once for each tap of the kernel: [N, G, C·taps, positions]. */
export function convolution({ attrs }: GraphNode, operands: readonly Tensor[], steady: readonly boolean[]): Tensor {
  return convolve(attrs as unknown as ConvAttrs, operands, steady);
}

function convolve(attrs: ConvAttrs, [x, w, bias]: readonly Tensor[], steady: readonly boolean[]): Tensor {
  const out = [x!.shape[0]!, w!.shape[0]!, ...convSizes(x!.shape.slice(2), w!.shape.slice(2), attrs)];
  const { groups } = attrs;
  const terms = sizeOf(w!.shape.slice(1));
  const whole = operands(x!, w!, terms, steady);
  const [n, k] = out as [number, number];
  const columns = taps(whole.a, w!, out, attrs).reshape([n, groups, terms, -1]);
  const filters = channelsLast(whole.b).reshape([groups, k / groups, terms]);
  const y = (groups === 1 ? filters.squeeze(0).matmul(columns.squeeze(1)) : filters.matmul(columns))
    .mul(whole.scale)
    .reshape(out);
  return bias ? y.add(bias.reshape([-1, ...out.slice(2).map(() => 1)])) : y;
}

/**
 * The input gradient of a convolution, which transposed convolutions are: the convolution of dy, with zeros between its
 * elements where the stride is above 1, with the kernel turned round and its channels exchanged.
 */
export function transposed(node: GraphNode, [dy, w]: readonly Tensor[], steady: readonly boolean[]): Tensor {
  const { stride, padding, dilation, groups, size } = node.attrs as unknown as ConvAttrs & { size: readonly number[] };
  const axes = size.map((_, axis) => axis + 2);
  const spread = axes.reduce((x, axis) => spaced(x, axis, stride[axis - 2]!), dy!);
  const [k, perGroup, ...kernel] = w!.shape as [number, number, ...number[]];
  const turned = axes.reduce((x, axis) => x.flip(axis), w!);
  const exchanged = turned.reshape([groups, k / groups, perGroup, ...kernel]).swapAxes(1, 2);
  const reach = kernel.map((taps, axis) => dilation[axis]! * (taps - 1));
  const amounts = size.map((length, axis): [number, number] => {
    const before = reach[axis]! - padding[axis]![0];
    return [before, length + reach[axis]! - before - spread.shape[axis + 2]!];
  });
  const padded = spread.pad([[0, 0], [0, 0], ...amounts]);
  const attrs: ConvAttrs = { stride: size.map(() => 1), padding: size.map(() => [0, 0]), dilation, groups };
  return convolve(attrs, [padded, exchanged.reshape([groups * perGroup, k / groups, ...kernel])], steady);
}

/** x with stride − 1 zeros after each element along an axis. */
function spaced(x: Tensor, axis: number, stride: number): Tensor {
  if (stride === 1) return x;
  const amounts = [...x.shape.map((): [number, number] => [0, 0]), [0, 0] as [number, number]];
  amounts[axis + 1] = [0, stride - 1];
  return x
    .expandDims(axis + 1)
    .pad(amounts)
    .reshape(x.shape.map((dim, i) => (i === axis ? dim * stride : dim)));
}

/** Weights [K, C, taps…] as [K, taps…, C]. */
function channelsLast(w: Tensor): Tensor {
  const axes = w.shape.map((_, axis) => axis);
  return w.transpose([0, ...axes.slice(2), 1]);
}

/** x [N, C, …] for each tap, as [N, G, taps·C/G, positions…]. */
function taps(x: Tensor, w: Tensor, out: readonly number[], attrs: ConvAttrs): Tensor {
  const g = geometry(x.shape, w.shape, out, attrs);
  const plane = x.reshape([g.n, g.c, ...g.size]);
  const reach = [0, 1].map(
    (axis) => (g.out[axis]! - 1) * g.stride[axis]! + g.dilation[axis]! * (g.kernel[axis]! - 1) + 1,
  );
  const padding = [0, 1].map((axis): [number, number] => {
    const before = g.padding[axis]![0];
    return [before, reach[axis]! - before - g.size[axis]!];
  });
  const padded = padding.flat().some((amount) => amount !== 0) ? plane.pad([[0, 0], [0, 0], ...padding]) : plane;
  const grouped = padded.reshape([g.n, g.groups, g.c / g.groups, ...padded.shape.slice(2)]);
  const copies = Array.from({ length: g.kernel[0] * g.kernel[1] }, (_, t) => {
    const at = [Math.floor(t / g.kernel[1]) * g.dilation[0], (t % g.kernel[1]) * g.dilation[1]];
    return [0, 1].reduce(
      (part, axis) =>
        part.slice(axis + 3, at[axis]!, at[axis]! + (g.out[axis]! - 1) * g.stride[axis]! + 1, g.stride[axis]!),
      grouped,
    );
  });
  return copies.length === 1 ? copies[0]! : concat(copies, 2);
}
