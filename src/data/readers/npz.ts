import type { FileArray } from "../../base/codec/elements.ts";
import { decodeNpy } from "../../base/codec/npy.ts";
import { DataError } from "../../base/errors.ts";
import { crc32, defaultLimit, inflate } from "./inflate.ts";

/** One file within a zip archive, as its central directory describes it. */
interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly offset: number;
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;

/** Whether bytes begin like a zip archive. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
}

/** All arrays of an NPZ archive by name; together they may unpack to at most `limit` bytes. */
export function readNpz(bytes: Uint8Array, where = "The NPZ file", limit = defaultLimit): Map<string, FileArray> {
  const arrays = new Map<string, FileArray>();
  let left = limit;
  for (const entry of directory(bytes, where)) {
    if (!entry.name.endsWith(".npy")) continue;
    const name = entry.name.slice(0, -4);
    if (arrays.has(name)) throw new DataError(`${where} holds the array "${name}" twice.`);
    const content = unpack(bytes, entry, where, left);
    left -= content.length;
    arrays.set(name, decodeNpy(content, `Array "${name}" of ${where}`));
  }
  if (arrays.size === 0) throw new DataError(`${where} holds no .npy array.`);
  return arrays;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Position of the record that ends every archive; a comment of up to 65535 bytes may follow it. */
function endRecord(bytes: Uint8Array, where: string): number {
  const view = viewOf(bytes);
  const lowest = Math.max(0, bytes.length - 22 - 65535);
  for (let at = bytes.length - 22; at >= lowest; at--) if (view.getUint32(at, true) === endSignature) return at;
  throw new DataError(`${where} is truncated or not a zip archive: its directory is missing.`);
}

function directory(bytes: Uint8Array, where: string): Entry[] {
  const end = endRecord(bytes, where);
  const view = viewOf(bytes);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const entries: Entry[] = [];
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== entrySignature)
      throw new DataError(
        `${where} has a damaged zip directory (entry ${i + 1} of ${count}), or is larger than 4 GiB.`,
      );
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + 46, nameEnd)),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      offset: view.getUint32(at + 42, true),
    });
    at = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

/** The content of an entry. The unpacked size it declares is not believed: growth is bounded by `limit`. */
function unpack(bytes: Uint8Array, entry: Entry, file: string, limit: number): Uint8Array {
  const where = `"${entry.name}" of ${file}`;
  const view = viewOf(bytes);
  if (entry.offset + 30 > bytes.length || view.getUint32(entry.offset, true) !== localSignature)
    throw new DataError(`${where} is not where the zip directory says; the file is damaged.`);
  const start = entry.offset + 30 + view.getUint16(entry.offset + 26, true) + view.getUint16(entry.offset + 28, true);
  if (start + entry.packed > bytes.length) throw new DataError(`${where} is truncated.`);
  const packed = bytes.subarray(start, start + entry.packed);
  if (entry.method !== 0 && entry.method !== 8)
    throw new DataError(
      `${where} is packed with zip method ${entry.method}; only stored and deflated entries are read.`,
    );
  const content = entry.method === 0 ? packed : inflate(packed, where, limit);
  if (content.length > limit) throw new DataError(`${where} makes the archive larger than its limit of bytes.`);
  if (crc32(content) !== entry.crc) throw new DataError(`${where} is damaged: its checksum does not fit.`);
  return content;
}
