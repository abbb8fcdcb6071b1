import { Gunzip, Inflate } from "fflate";
import { DataError } from "../../base/errors.ts";

/** Most bytes a compressed file may unpack to unless the caller says otherwise: 1 GiB. */
export const defaultLimit = 2 ** 30;

/** Input handed over at a time; deflate grows at most 1032-fold, so one step makes at most 16 MiB. */
const step = 2 ** 14;

const table = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** The CRC-32 checksum that gzip and zip use (IEEE 802.3, reflected). */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Whether bytes begin like a gzip file. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/** Unpacks gzip bytes, checks their sum, and stops as soon as they grow beyond `limit` bytes. */
export function gunzip(bytes: Uint8Array, where: string, limit = defaultLimit): Uint8Array {
  if (!isGzip(bytes) || bytes.length < 18) throw new DataError(`${where} is not a whole gzip file.`);
  let members = 1;
  const stream = new Gunzip();
  stream.onmember = () => members++;
  const result = collect(stream, bytes, where, limit);
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8);
  if (members === 1 && (trailer.getUint32(0, true) !== crc32(result) || trailer.getUint32(4, true) !== result.length))
    throw new DataError(`${where} is damaged or truncated: its gzip checksum does not fit; fetch the file again.`);
  return result;
}

/** The bytes themselves, or what they unpack to when they are gzip. */
export function unzipped(bytes: Uint8Array, where: string, limit = defaultLimit): Uint8Array {
  return isGzip(bytes) ? gunzip(bytes, where, limit) : bytes;
}

/** Unpacks a raw deflate stream, stopping as soon as it grows beyond `limit` bytes. */
export function inflate(bytes: Uint8Array, where: string, limit = defaultLimit): Uint8Array {
  return collect(new Inflate(), bytes, where, limit);
}

function collect(stream: Gunzip | Inflate, bytes: Uint8Array, where: string, limit: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let total = 0;
  stream.ondata = (part) => {
    total += part.length;
    if (total > limit) throw new DataError(`${where} unpacks to more than ${limit} bytes, which is refused.`);
    parts.push(part);
  };
  try {
    for (let at = 0; at < bytes.length || at === 0; at += step)
      stream.push(bytes.subarray(at, at + step), at + step >= bytes.length);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`${where} is damaged or truncated (${(error as Error).message}); fetch the file again.`);
  }
  return concatenate(parts, total);
}

function concatenate(parts: readonly Uint8Array[], total: number): Uint8Array {
  const result = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
