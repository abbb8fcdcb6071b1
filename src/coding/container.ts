import { DataError } from "../base/errors.ts";
import { Sha256 } from "../base/sha256.ts";

/** What a compressed file begins with: like PNG's, it does not survive being treated as text. */
const MAGIC = Uint8Array.of(0x89, 0x53, 0x41, 0x4d, 0x50, 0x4f, 0x0d, 0x0a);
const VERSION = 1;
/** Bytes of SHA-256 that are kept. */
const CHECK = 16;
/** Magic, version, length of the header (uint32). */
const FIXED = MAGIC.length + 1 + 4;

/** A compressed file: a header of plain values and streams of bytes. */
export interface Container {
  readonly header: Readonly<Record<string, unknown>>;
  readonly streams: readonly Uint8Array[];
}

/** Magic, version, header length, header (JSON with the streams' lengths), streams, first 16 bytes of the SHA-256 of all before. */
export function packContainer({ header, streams }: Container): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify({ ...header, streams: streams.map(({ length }) => length) }));
  const payload = streams.reduce((sum, { length }) => sum + length, 0);
  const file = new Uint8Array(FIXED + text.length + payload + CHECK);
  file.set(MAGIC);
  file[MAGIC.length] = VERSION;
  new DataView(file.buffer).setUint32(MAGIC.length + 1, text.length);
  file.set(text, FIXED);
  let at = FIXED + text.length;
  for (const stream of streams) {
    file.set(stream, at);
    at += stream.length;
  }
  file.set(digest(file.subarray(0, at)), at);
  return file;
}

/** The header and streams of a file; throws one sentence where it is no such file, of another version, truncated or altered. */
export function unpackContainer(file: Uint8Array, where: string): Container {
  if (file.length < MAGIC.length || MAGIC.some((byte, i) => file[i] !== byte))
    throw new DataError(`${where} is not a file that compress wrote: it begins otherwise.`);
  if (file.length < FIXED + CHECK) throw new DataError(`${where} is truncated: it ends within its header.`);
  const version = file[MAGIC.length]!;
  if (version !== VERSION)
    throw new DataError(`${where} has the format version ${version}; this program reads version ${VERSION}.`);
  const end = file.length - CHECK;
  const expected = digest(file.subarray(0, end));
  if (expected.some((byte, i) => file[end + i] !== byte))
    throw new DataError(`${where} is truncated or was altered: its checksum does not fit; copy the file again.`);
  const { streams, ...header } = headerOf(file);
  return { header, streams: cut(file, streams as number[]) };
}

function headerOf(file: Uint8Array): Record<string, unknown> {
  const length = new DataView(file.buffer, file.byteOffset).getUint32(MAGIC.length + 1);
  return JSON.parse(new TextDecoder().decode(file.subarray(FIXED, FIXED + length))) as Record<string, unknown>;
}

function cut(file: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  let at = file.length - CHECK - lengths.reduce((sum, length) => sum + length, 0);
  return lengths.map((length) => {
    at += length;
    return file.subarray(at - length, at);
  });
}

function digest(bytes: Uint8Array): Uint8Array {
  const hex = new Sha256().update(bytes).hex();
  return Uint8Array.from({ length: CHECK }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}
