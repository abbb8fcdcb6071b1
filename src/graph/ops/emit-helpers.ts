import { type Shape, sameShape } from "../../base/shape.ts";
import type { EmitContext } from "../primitive.ts";

/** Domain of ONNX Runtime's blocked-layout convolution operators. */
export const BLOCKED = "com.microsoft.nchwc";

/** Emits a Reshape; 0 keeps the operand's dimension, −1 is what remains. */
export function reshape(c: EmitContext, x: string, shape: readonly number[]): string {
  return c.node("Reshape", [x, c.ints(shape)]);
}

/** Emits a Transpose, or nothing when the order is the identity. */
export function transpose(c: EmitContext, x: string, perm: readonly number[]): string {
  return perm.every((axis, i) => axis === i) ? x : c.node("Transpose", [x], { perm });
}

/** Emits a zero Pad of the last two axes of a rank-4 value (negative amounts crop), or nothing when there is none. */
export function padPlane(c: EmitContext, x: string, rows: readonly number[], columns: readonly number[]): string {
  if ([...rows, ...columns].every((amount) => amount === 0)) return x;
  return c.node("Pad", [x, c.ints([0, 0, rows[0]!, columns[0]!, 0, 0, rows[1]!, columns[1]!])]);
}

/** Emits a Slice keeping the first `sizes` of the axes from 2 on, or nothing when they are whole. */
export function crop(c: EmitContext, x: string, from: Shape, sizes: Shape): string {
  if (sameShape(from, sizes)) return x;
  const axes = sizes.map((_, i) => i + 2);
  return c.node("Slice", [x, c.ints(sizes.map(() => 0)), c.ints(sizes), c.ints(axes)]);
}

/** Emits a product with its operands optionally read transposed (last two axes), as fast as the device allows. */
export function product(c: EmitContext, a: string, b: string, transB: boolean, rank: number): string {
  if (!transB) return c.node("MatMul", [a, b]);
  if (c.device.contrib && c.device.kind !== "webgpu")
    return c.node("FusedMatMul", [a, b], { transA: 0, transB: 1, alpha: { float: 1 } }, "com.microsoft");
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return c.node("MatMul", [a, transpose(c, b, [...axes.slice(0, -2), rank - 1, rank - 2])]);
}
