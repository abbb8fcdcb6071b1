import { bytesOf, checkedCount, type ElementType, type FileArray, readElements } from "../../base/codec/elements.ts";
import { DataError } from "../../base/errors.ts";
import { defaultLimit, unzipped } from "./inflate.ts";

/** Type codes of the IDX format (LeCun, Cortes and Burges, "The MNIST database of handwritten digits"). */
const typeCodes: Readonly<Record<number, ElementType>> = {
  8: "uint8",
  9: "int8",
  11: "int16",
  12: "int32",
  13: "float32",
  14: "float64",
};

/** Whether bytes begin like an IDX file: two zeros, a known type, one to eight axes. */
export function isIdx(bytes: Uint8Array): boolean {
  return (
    bytes.length >= 8 && bytes[0] === 0 && bytes[1] === 0 && bytes[2]! in typeCodes && bytes[3]! > 0 && bytes[3]! < 9
  );
}

/** Reads an IDX array, gzip-compressed or not; `where` names it in error messages. */
export function readIdx(packed: Uint8Array, where = "The IDX file", limit = defaultLimit): FileArray {
  const bytes = unzipped(packed, where, limit);
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0)
    throw new DataError(`${where} is not an IDX file: it does not begin with two zero bytes.`);
  const type = typeCodes[bytes[2]!];
  if (type === undefined)
    throw new DataError(`${where} has the IDX type code ${bytes[2]}; known: 8, 9, 11, 12, 13, 14.`);
  const rank = bytes[3]!;
  const start = 4 + 4 * rank;
  if (bytes.length < start) throw new DataError(`${where} is truncated within its header of ${rank} sizes.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = checkedCount(shape, type, bytes.length - start, where);
  const extra = bytes.length - start - count * bytesOf[type];
  if (extra > 0) throw new DataError(`${where} has ${extra} bytes more than its shape (${shape.join(", ")}) needs.`);
  return { type, shape, data: readElements(bytes, start, type, count, true) };
}

/** The bytes of an IDX file holding an array of bytes. */
export function encodeIdx(shape: readonly number[], data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, 8, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((dim, axis) => {
    view.setUint32(4 + 4 * axis, dim);
  });
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}
