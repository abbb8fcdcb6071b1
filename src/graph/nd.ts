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

/** For every element of `shape` in row-major order, its position in an array with these strides. */
export function stridedIndices(shape: Shape, strides: readonly number[], start = 0): Int32Array {
  const size = sizeOf(shape);
  const indices = new Int32Array(size);
  const counter = new Array<number>(shape.length).fill(0);
  let position = start;
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

/** For every element of `shape` in row-major order, its position in an operand that broadcasts to it. */
export function broadcastIndices(operand: Shape, shape: Shape): Int32Array {
  return stridedIndices(shape, broadcastStrides(operand, shape));
}

/** The elements of an array at the given positions. */
export function pick(x: NdArray, positions: Int32Array, shape: Shape): NdArray {
  const data = new Float64Array(positions.length);
  for (let i = 0; i < data.length; i++) data[i] = x.data[positions[i]!]!;
  return nd(shape, x.dtype, data);
}

/** Elementwise function of one array. */
export function map(x: NdArray, dtype: DType, fn: (x: number) => number): NdArray {
  const data = new Float64Array(x.data.length);
  for (let i = 0; i < data.length; i++) data[i] = fn(x.data[i]!);
  return nd(x.shape, dtype, data);
}

/** Elementwise function of two arrays with broadcasting. */
export function broadcastMap(a: NdArray, b: NdArray, dtype: DType, fn: (a: number, b: number) => number): NdArray {
  const shape = broadcastShapes(a.shape, b.shape);
  const data = new Float64Array(sizeOf(shape));
  const [x, y] = [stretched(a, shape), stretched(b, shape)];
  for (let i = 0; i < data.length; i++) data[i] = fn(x[i]!, y[i]!);
  return nd(shape, dtype, data);
}

/** The numbers of an operand broadcast to a shape. */
function stretched(x: NdArray, shape: Shape): Float64Array {
  const size = sizeOf(shape);
  if (x.data.length === size) return x.data;
  if (x.data.length === 1) return new Float64Array(size).fill(x.data[0]!);
  return pick(x, broadcastIndices(x.shape, shape), shape).data;
}

/** A shape seen as [outer, n, inner] around one axis: lines along the axis start at outer·n·inner + inner and step by `inner`. */
export function lines(shape: Shape, axis: number): { outer: number; n: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), n: shape[axis]!, inner: sizeOf(shape.slice(axis + 1)) };
}
