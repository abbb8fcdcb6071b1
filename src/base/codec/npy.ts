import { DataError } from "../errors.ts";
import { sizeOf, stridesOf } from "../shape.ts";
import { bytesOf, checkedCount, type Elements, type ElementType, type FileArray, readElements } from "./elements.ts";

/*
 * The NPY format: magic, version, header length, a Python dictionary as text, then the elements
 * (NumPy, "NEP 1: a simple file format for NumPy arrays", 2007; versions 1.0, 2.0 and 3.0).
 */
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

const descriptors: Readonly<Record<string, ElementType>> = {
  b1: "bool",
  u1: "uint8",
  i1: "int8",
  u2: "uint16",
  i2: "int16",
  u4: "uint32",
  i4: "int32",
  u8: "uint64",
  i8: "int64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
};

/** Whether bytes begin like an NPY file. */
export function isNpy(bytes: Uint8Array): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** Reads an NPY array of any common type, byte order and memory order; `where` names it in error messages. */
export function decodeNpy(bytes: Uint8Array, where = "The NPY file"): FileArray {
  const { text, start } = headerText(bytes, where);
  const { type, bigEndian, fortran, shape } = parseHeader(text, where);
  const available = bytes.length - start;
  const count = checkedCount(shape, type, available, where);
  const extra = available - count * bytesOf[type];
  if (extra > 0) throw new DataError(`${where} has ${extra} bytes more than its shape (${shape.join(", ")}) needs.`);
  const data = readElements(bytes, start, type, count, bigEndian);
  return { type, shape, data: fortran && shape.length > 1 ? toRowMajor(data, shape) : data };
}

function headerText(bytes: Uint8Array, where: string): { text: string; start: number } {
  if (!isNpy(bytes)) throw new DataError(`${where} is not an NPY file: its first bytes are not "\\x93NUMPY".`);
  const version = bytes[6];
  const wide = version !== 1;
  const textStart = wide ? 12 : 10;
  if (bytes.length < textStart) throw new DataError(`${where} is truncated within its NPY header.`);
  if (version === undefined || version < 1 || version > 3)
    throw new DataError(`${where} has NPY version ${version}; versions 1 to 3 are known.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  if (length > bytes.length - textStart) throw new DataError(`${where} is truncated within its NPY header.`);
  const text = new TextDecoder(version === 3 ? "utf-8" : "latin1").decode(
    bytes.subarray(textStart, textStart + length),
  );
  return { text, start: textStart + length };
}

interface Header {
  readonly type: ElementType;
  readonly bigEndian: boolean;
  readonly fortran: boolean;
  readonly shape: number[];
}

function parseHeader(text: string, where: string): Header {
  const descr = /'descr'\s*:\s*'([<>=|])?([a-zA-Z]\d{1,4})'/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const shape = /'shape'\s*:\s*\(([\d\s,L]{0,1000})\)/.exec(text);
  const type = descr && Object.hasOwn(descriptors, descr[2]!) ? descriptors[descr[2]!] : undefined;
  if (type === undefined) {
    const got = /'descr'\s*:\s*([^,}]{1,40})/.exec(text)?.[1] ?? "none";
    throw new DataError(`${where} has the element type ${got}; save it as an ordinary number or truth-value array.`);
  }
  if (!order || !shape) throw new DataError(`${where} has a damaged NPY header.`);
  const parts = shape[1]!.split(",").map((part) => part.trim());
  if (parts.at(-1) === "") parts.pop();
  const dims = parts.map((part) => (/^\d{1,15}L?$/.test(part) ? Number.parseInt(part, 10) : Number.NaN));
  return { type, bigEndian: descr![1] === ">", fortran: order[1] === "True", shape: dims };
}

/** Reorders elements stored with the first axis fastest so that the last one is. */
function toRowMajor(data: Elements, shape: readonly number[]): Elements {
  const strides = stridesOf([...shape].reverse()).reverse();
  const result = data.slice();
  const index = new Array<number>(shape.length).fill(0);
  let source = 0;
  for (let target = 0; target < result.length; target++) {
    result[target] = data[source]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      source += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      source -= index[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

/** The bytes of an NPY 1.0 file holding an array (little-endian, row-major). */
export function encodeNpy(array: FileArray): Uint8Array {
  const { type, shape, data } = array;
  if (data.length !== sizeOf(shape))
    throw new DataError(`${data.length} elements do not fill the shape (${shape.join(", ")}).`);
  const code = Object.entries(descriptors).find(([, known]) => known === storedType(type))![0];
  const mark = bytesOf[storedType(type)] === 1 ? "|" : "<";
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const head = `{'descr': '${mark}${code}', 'fortran_order': False, 'shape': (${dims}), }`;
  const length = Math.ceil((10 + head.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length + data.byteLength).fill(0x20, 10, length);
  bytes.set([...magic, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, length - 10, true);
  bytes.set(new TextEncoder().encode(head), 10);
  bytes[length - 1] = 0x0a;
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), length);
  return bytes;
}

/** Half floats were widened when read, so they are written as float32. */
function storedType(type: ElementType): ElementType {
  return type === "float16" || type === "bfloat16" ? "float32" : type;
}
