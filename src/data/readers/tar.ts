import { DataError } from "../../base/errors.ts";

const block = 512;

/** The plain files of a tar archive (POSIX ustar) by their last path component; contents share the archive's memory. */
export function readTar(bytes: Uint8Array, where = "The tar archive"): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let at = 0;
  while (at + block <= bytes.length && bytes[at] !== 0) {
    const header = bytes.subarray(at, at + block);
    if (!checksumFits(header))
      throw new DataError(`${where} is damaged: the header at byte ${at} has a wrong checksum.`);
    const size = octal(header, 124, 12);
    const start = at + block;
    if (!(size <= bytes.length - start)) throw new DataError(`${where} is truncated within the file at byte ${at}.`);
    const kind = header[156];
    if (kind === 0x30 || kind === 0)
      files.set(text(header, 0, 100).split("/").at(-1)!, bytes.subarray(start, start + size));
    at = start + Math.ceil(size / block) * block;
  }
  if (files.size === 0) throw new DataError(`${where} holds no file.`);
  return files;
}

function text(header: Uint8Array, from: number, length: number): string {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** An octal number, or NaN when the field is none. */
function octal(header: Uint8Array, from: number, length: number): number {
  const digits = text(header, from, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

/** The sum of all header bytes, the checksum field itself counted as spaces. */
function checksumFits(header: Uint8Array): boolean {
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  return sum === octal(header, 148, 8);
}
