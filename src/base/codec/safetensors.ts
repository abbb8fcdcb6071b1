import { DataError } from "../errors.ts";
import type { DType, HostArray } from "../host.ts";
import { type Shape, sameShape, showShape } from "../shape.ts";
import { type MapLeaves, mapTree, namedLeaves } from "../tree.ts";
import { bytesOf, checkedCount, type ElementType, readElements, toHostArray } from "./elements.ts";
import { parseJson } from "./json.ts";

/**
 * The safetensors file format: 8 bytes little-endian header length, a JSON header, then the tensors' bytes one after
 * another (https://github.com/huggingface/safetensors, README "Format"). Names are the leaf paths of trees.
 */
export interface Safetensors {
  /** Every tensor by its name, in the order of the file's bytes. */
  readonly tensors: ReadonlyMap<string, HostArray>;
  readonly metadata: Readonly<Record<string, string>>;
}

const maximalHeader = 100_000_000;

const typeCodes: Readonly<Record<string, ElementType>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  U64: "uint64",
  I32: "int32",
  U32: "uint32",
  I16: "int16",
  U16: "uint16",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};
const codeOf: Readonly<Record<DType, string>> = { float64: "F64", float32: "F32", int64: "I64", bool: "BOOL" };

/** The bytes of a tree of host arrays, and of strings that describe it. */
export function encodeSafetensors(tree: unknown, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const named = inFileOrder(namedLeaves<HostArray>(tree));
  const entries: [string, unknown][] = Object.keys(metadata).length > 0 ? [["__metadata__", metadata]] : [];
  let end = 0;
  for (const { path, leaf } of named) {
    const begin = end;
    end += leaf.data.byteLength;
    entries.push([path, { dtype: codeOf[leaf.dtype], shape: leaf.shape, data_offsets: [begin, end] }]);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const header = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + header + end).fill(0x20, 8, 8 + header);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header), true);
  bytes.set(json, 8);
  writeTensors(bytes, 8 + header, named);
  return bytes;
}

type Named = { readonly path: string; readonly leaf: HostArray };

/** Widest elements first, then by name: every tensor is aligned and equal trees give equal bytes. */
function inFileOrder(named: readonly Named[]): Named[] {
  const seen = new Set<string>(["__metadata__"]);
  for (const { path } of named) {
    if (seen.has(path)) throw new DataError(`The tensor name "${path}" cannot be written twice; rename one branch.`);
    seen.add(path);
  }
  return [...named].sort(
    (a, b) => bytesOf[b.leaf.dtype] - bytesOf[a.leaf.dtype] || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
  );
}

function writeTensors(bytes: Uint8Array, start: number, named: readonly Named[]): void {
  let offset = start;
  for (const { leaf } of named) {
    const { buffer, byteOffset, byteLength } = leaf.data;
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), offset);
    offset += byteLength;
  }
}

interface Entry {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

/** Reads and checks safetensors bytes; `where` names them in error messages. */
export function decodeSafetensors(bytes: Uint8Array, where = "The safetensors file"): Safetensors {
  const start = dataStart(bytes, where);
  const header = parseJson(bytes.subarray(8, start), `The header of ${where}`);
  if (!isRecord(header)) throw new DataError(`The header of ${where} is not a JSON object.`);
  const { __metadata__: metadata = {}, ...rest } = header;
  const available = bytes.length - start;
  const entries = Object.entries(rest).map(([name, value]) => readEntry(name, value, available, where));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, available, where);
  const tensors = new Map(entries.map((entry) => [entry.name, readTensor(bytes, start, entry, where)]));
  return { tensors, metadata: checkedMetadata(metadata, where) };
}

function dataStart(bytes: Uint8Array, where: string): number {
  if (bytes.length < 8) throw new DataError(`${where} is truncated: ${bytes.length} bytes hold no safetensors header.`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > maximalHeader)
    throw new DataError(`${where} claims a header of ${length} bytes; it is not safetensors.`);
  if (Number(length) > bytes.length - 8)
    throw new DataError(`${where} is truncated: its header claims ${length} bytes, but ${bytes.length - 8} follow.`);
  return 8 + Number(length);
}

function readEntry(name: string, value: unknown, available: number, file: string): Entry {
  const where = `Tensor "${name}" of ${file}`;
  if (!isRecord(value)) throw new DataError(`${where} is not described by a JSON object.`);
  const type =
    typeof value.dtype === "string" && Object.hasOwn(typeCodes, value.dtype) ? typeCodes[value.dtype] : undefined;
  if (type === undefined)
    throw new DataError(
      `${where} has the unknown dtype ${JSON.stringify(value.dtype)}; known: ${Object.keys(typeCodes).join(", ")}.`,
    );
  const { shape, data_offsets: offsets } = value;
  if (!isNumbers(shape)) throw new DataError(`${where} has no shape.`);
  if (!isNumbers(offsets) || offsets.length !== 2) throw new DataError(`${where} has no pair of data_offsets.`);
  const [begin, end] = offsets as [number, number];
  if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end) || begin < 0 || end < begin || end > available)
    throw new DataError(`${where} lies at bytes ${begin} to ${end}, outside the ${available} bytes of data.`);
  const count = checkedCount(shape, type, end - begin, where);
  if (count * bytesOf[type] !== end - begin)
    throw new DataError(`${where} takes ${end - begin} bytes where its shape needs ${count * bytesOf[type]}.`);
  return { name, type, shape, begin, end };
}

/** Tensors must follow each other without overlap or hole and fill the data exactly. */
function checkCoverage(entries: readonly Entry[], available: number, where: string): void {
  let position = 0;
  for (const { name, begin, end } of entries) {
    if (begin < position) throw new DataError(`Tensor "${name}" of ${where} overlaps the tensor before it.`);
    if (begin > position)
      throw new DataError(`${where} has a hole of ${begin - position} bytes before tensor "${name}".`);
    position = end;
  }
  if (position !== available) throw new DataError(`${where} has ${available - position} bytes after its last tensor.`);
}

function readTensor(bytes: Uint8Array, start: number, entry: Entry, where: string): HostArray {
  const { name, type, shape, begin, end } = entry;
  const count = (end - begin) / bytesOf[type];
  return toHostArray(
    { type, shape, data: readElements(bytes, start + begin, type, count, false) },
    `Tensor "${name}" of ${where}`,
  );
}

function checkedMetadata(value: unknown, where: string): Record<string, string> {
  if (!isRecord(value) || !Object.values(value).every((item) => typeof item === "string"))
    throw new DataError(`The metadata of ${where} is not an object of strings.`);
  return value as Record<string, string>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}

/** The tree `like` with every leaf taken from `tensors` by its path; names, shapes and dtypes must fit exactly. */
export function fillTree<T>(
  like: T,
  tensors: ReadonlyMap<string, HostArray>,
  where = "The safetensors file",
): MapLeaves<T, HostArray, HostArray> {
  const wanted = new Set<string>();
  const result = mapTree<HostArray, HostArray, T>(like, (leaf, path) => {
    wanted.add(path);
    const found = tensors.get(path);
    if (!found) throw new DataError(`${where} has no tensor "${path}"; it belongs to another model or preset.`);
    if (found.dtype !== leaf.dtype || !sameShape(found.shape, leaf.shape))
      throw new DataError(
        `Tensor "${path}" of ${where} is ${found.dtype}${showShape(found.shape)} where ${leaf.dtype}${showShape(leaf.shape)} is expected.`,
      );
    return found;
  });
  const extra = [...tensors.keys()].find((name) => !wanted.has(name));
  if (extra !== undefined) throw new DataError(`${where} has the tensor "${extra}", which the model does not know.`);
  return result;
}
