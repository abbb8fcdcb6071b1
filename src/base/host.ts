import { ShapeError } from "./errors.ts";
import { type Shape, showShape, sizeOf } from "./shape.ts";

/** Element types. float64 lives on the host and in the reference runtime; engines compute in float32. */
export type DType = "float32" | "float64" | "int64" | "bool";

/** What holds the elements of each dtype on the host; bool is 0 or 1 per byte. */
export interface DataOf {
  float32: Float32Array;
  float64: Float64Array;
  int64: BigInt64Array;
  bool: Uint8Array;
}

const constructors = { float32: Float32Array, float64: Float64Array, int64: BigInt64Array, bool: Uint8Array } as const;

/** A dense row-major array in host memory: what goes into and comes out of compiled graph functions. */
export class HostArray<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: Shape;
  readonly data: DataOf[D];

  constructor(dtype: D, shape: Shape, data: DataOf[D]) {
    if (data.length !== sizeOf(shape))
      throw new ShapeError(`${data.length} elements do not fill shape ${showShape(shape)} (${sizeOf(shape)} elements)`);
    this.dtype = dtype;
    this.shape = shape;
    this.data = data;
  }

  get size(): number {
    return this.data.length;
  }
}

/** An uninitialised (zero) buffer for `size` elements of a dtype. */
export function allocate<D extends DType>(dtype: D, size: number): DataOf[D] {
  return new constructors[dtype](size) as DataOf[D];
}

/** A host array filled with one value. */
export function full<D extends DType>(dtype: D, shape: Shape, value: number): HostArray<D> {
  const data = allocate(dtype, sizeOf(shape));
  if (!Object.is(value, 0)) {
    if (data instanceof BigInt64Array) data.fill(BigInt(value));
    else (data as Float64Array).fill(value);
  }
  return new HostArray(dtype, shape, data);
}

/** A host array of zeros. */
export function zeros<D extends DType>(dtype: D, shape: Shape): HostArray<D> {
  return full(dtype, shape, 0);
}

/** A float32 host array from numbers. */
export function float32(values: ArrayLike<number>, shape: Shape = [values.length]): HostArray<"float32"> {
  return new HostArray("float32", shape, Float32Array.from(values));
}

/** An int64 host array from numbers. */
export function int64(values: ArrayLike<number>, shape: Shape = [values.length]): HostArray<"int64"> {
  return new HostArray("int64", shape, BigInt64Array.from(Array.from(values, BigInt)));
}

/** A float32 scalar. */
export function scalar(value: number): HostArray<"float32"> {
  return float32([value], []);
}

/** The elements of any host array as ordinary numbers. */
export function toNumbers(array: HostArray): number[] {
  return Array.from(array.data as ArrayLike<number | bigint>, Number);
}

/** The same elements in another dtype (bool: zero or not). */
export function castHost<D extends DType>(array: HostArray, dtype: D): HostArray<D> {
  if ((array.dtype as DType) === dtype) return array as unknown as HostArray<D>;
  const source = array.data as ArrayLike<number | bigint>;
  const data = allocate(dtype, source.length);
  for (let i = 0; i < source.length; i++) {
    const value = Number(source[i]);
    if (data instanceof BigInt64Array) data[i] = BigInt(Math.trunc(value));
    else (data as Float64Array)[i] = dtype === "bool" ? Number(value !== 0) : value;
  }
  return new HostArray(dtype, array.shape, data);
}

/** Nested JavaScript arrays of numbers, for printing and for JSON. */
export function toNested(array: HostArray): unknown {
  const numbers = toNumbers(array);
  const build = (axis: number, offset: number, stride: number): unknown => {
    if (axis === array.shape.length) return numbers[offset];
    const inner = stride / array.shape[axis]!;
    return Array.from({ length: array.shape[axis]! }, (_, i) => build(axis + 1, offset + i * inner, inner));
  };
  return build(0, 0, array.size);
}
