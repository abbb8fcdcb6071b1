import { DataError } from "../errors.ts";
import { HostArray } from "../host.ts";
import type { Shape } from "../shape.ts";

/** Element types that array files hold; float16 and bfloat16 are widened to float32 when read. */
export type ElementType =
  | "bool"
  | "uint8"
  | "int8"
  | "uint16"
  | "int16"
  | "uint32"
  | "int32"
  | "uint64"
  | "int64"
  | "float16"
  | "bfloat16"
  | "float32"
  | "float64";

/** What holds the elements of an array file in memory. */
export type Elements =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** An array as a file holds it: narrow types stay narrow, so 8-bit images cost one byte a pixel. */
export interface FileArray {
  readonly type: ElementType;
  readonly shape: Shape;
  readonly data: Elements;
}

/** Bytes of one element of each type, as stored. */
export const bytesOf: Readonly<Record<ElementType, number>> = {
  bool: 1,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  uint64: 8,
  int64: 8,
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
};

const maximalRank = 32;
const maximalDim = 2 ** 31 - 1;

/** The number of elements a header claims, once it is certain that `available` bytes can hold them; allocates nothing. */
export function checkedCount(shape: Shape, type: ElementType, available: number, where: string): number {
  if (shape.length > maximalRank)
    throw new DataError(`${where} claims ${shape.length} axes, more than ${maximalRank}.`);
  let count = 1;
  for (const dim of shape) {
    if (!Number.isInteger(dim) || dim < 0 || dim > maximalDim)
      throw new DataError(`${where} claims an axis of size ${dim}; sizes are whole numbers from 0 to ${maximalDim}.`);
    count *= dim;
  }
  if (count * bytesOf[type] > available)
    throw new DataError(
      `${where} is truncated: its header claims ${count} elements of ${type} (${count * bytesOf[type]} bytes), but only ${available} bytes follow.`,
    );
  return count;
}

/** Copies `count` elements from `offset` into an array of their type; big-endian files are turned around. */
export function readElements(
  bytes: Uint8Array,
  offset: number,
  type: ElementType,
  count: number,
  bigEndian: boolean,
): Elements {
  const width = bytesOf[type];
  const copy = new Uint8Array(count * width);
  copy.set(bytes.subarray(offset, offset + copy.length)); // slice() of a Node Buffer would share memory
  if (bigEndian && width > 1) swapBytes(copy, width);
  return view(copy.buffer, type);
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let start = 0; start < bytes.length; start += width) bytes.subarray(start, start + width).reverse();
}

function view(buffer: ArrayBuffer, type: ElementType): Elements {
  switch (type) {
    case "bool":
    case "uint8":
      return new Uint8Array(buffer);
    case "int8":
      return new Int8Array(buffer);
    case "uint16":
      return new Uint16Array(buffer);
    case "int16":
      return new Int16Array(buffer);
    case "uint32":
      return new Uint32Array(buffer);
    case "int32":
      return new Int32Array(buffer);
    case "uint64":
      return new BigUint64Array(buffer);
    case "int64":
      return new BigInt64Array(buffer);
    case "float32":
      return new Float32Array(buffer);
    case "float64":
      return new Float64Array(buffer);
    case "float16":
      return Float32Array.from(new Uint16Array(buffer), halfToNumber);
    case "bfloat16":
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
  }
}

/** The value of an IEEE 754 half-precision bit pattern. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A file's array as a host array: integers become int64, half floats float32; bool, float32 and float64 stay. */
export function toHostArray(array: FileArray, where: string): HostArray {
  const { type, shape, data } = array;
  if (type === "bool") return new HostArray("bool", shape, checkedBooleans(data as Uint8Array, where));
  if (data instanceof Float32Array) return new HostArray("float32", shape, data);
  if (data instanceof Float64Array) return new HostArray("float64", shape, data);
  if (data instanceof BigInt64Array) return new HostArray("int64", shape, data);
  return new HostArray("int64", shape, BigInt64Array.from(data as Uint8Array, BigInt));
}

function checkedBooleans(data: Uint8Array, where: string): Uint8Array {
  const wrong = data.findIndex((value) => value > 1);
  if (wrong >= 0) throw new DataError(`${where} holds ${data[wrong]} where a truth value (0 or 1) is expected.`);
  return data;
}
