import type { DType } from "../base/host.ts";
import { broadcastShapes, type Shape, sizeOf, stridesOf } from "../base/shape.ts";
import type { NdArray } from "./primitive.ts";

/** A reference array of a shape and dtype from its numbers. */
export function nd(shape: Shape, dtype: DType, data: Float64Array = new Float64Array(sizeOf(shape))): NdArray {
  return { shape, dtype, data };
}

/** Strides with which an operand is read as if it had the (larger) result shape: 0 along stretched axes. */
function broadcastStrides(operand: Shape, shape: Shape): number[] {
  const own = stridesOf(operand);
  const offset = shape.length - operand.length;
  return shape.map((_, axis) => (axis < offset || operand[axis - offset] === 1 ? 0 : own[axis - offset]!));
}

/** For every element of `shape` in row-major order, its position in an operand that broadcasts to it. */
export function broadcastIndices(operand: Shape, shape: Shape): Int32Array {
  const strides = broadcastStrides(operand, shape);
  const size = sizeOf(shape);
  const indices = new Int32Array(size);
  const counter = new Array<number>(shape.length).fill(0);
  let position = 0;
  for (let i = 0; i < size; i++) {
    indices[i] = position;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position += strides[axis]!;
      if (++counter[axis]! < shape[axis]!) break;
      position -= strides[axis]! * shape[axis]!;
      counter[axis] = 0;
    }
  }
  return indices;
}

/** Elementwise function of two arrays with broadcasting. */
export function broadcastMap(a: NdArray, b: NdArray, dtype: DType, fn: (a: number, b: number) => number): NdArray {
  const shape = broadcastShapes(a.shape, b.shape);
  const [ia, ib] = [broadcastIndices(a.shape, shape), broadcastIndices(b.shape, shape)];
  return nd(
    shape,
    dtype,
    Float64Array.from({ length: ia.length }, (_, i) => fn(a.data[ia[i]!]!, b.data[ib[i]!]!)),
  );
}
