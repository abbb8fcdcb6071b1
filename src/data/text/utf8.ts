/** Exact text of any bytes: bytes that are not UTF-8 become lone surrogates U+DC80 to U+DCFF, and back (Python's "surrogateescape", PEP 383). */

const fatal = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const ESCAPE = 0xdc00;

/** Length of the well-formed UTF-8 sequence that begins at `at`, 0 where there is none (Unicode 15, table 3-7). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first <= 0xf4 ? 4 : 0;
  if (first < 0xc2 || length === 0 || at + length > bytes.length) return 0;
  const second = bytes[at + 1]!;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  return length;
}

/** Offset of the first byte that belongs to no UTF-8 character, −1 where all is well. */
export function firstInvalid(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return -1;
}

/** The text of UTF-8 bytes, undefined where they are none. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return fatal.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Bytes as text that `bytesOfText` turns back into exactly these bytes, whatever they are. */
export function escapedText(bytes: Uint8Array): string {
  const whole = textOf(bytes);
  if (whole !== undefined) return whole;
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      parts.push(fatal.decode(bytes.subarray(start, at)), String.fromCharCode(ESCAPE + bytes[at]!));
      start = at + 1;
    }
    at += length || 1;
  }
  return parts.join("") + fatal.decode(bytes.subarray(start));
}

const isEscape = (code: number) => code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff;

/** The bytes of a text made by `escapedText`, or of any text. */
export function bytesOfText(text: string): Uint8Array {
  if (!/[\udc80-\udcff]/u.test(text)) return encoder.encode(text);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (isEscape(code)) bytes.push(code - ESCAPE);
    else bytes.push(...encoder.encode(character));
  }
  return Uint8Array.from(bytes);
}

/** Number of characters in UTF-8 bytes: those that do not continue one. Additive, so parts of a text can be counted apart. */
export function countCharacters(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if ((byte & 0xc0) !== 0x80) count++;
  return count;
}

/** The last place at or before `at` where a character begins, so that a cut there harms none. */
export function characterStart(bytes: Uint8Array, at: number): number {
  let place = at;
  while (place > 0 && place < bytes.length && (bytes[place]! & 0xc0) === 0x80) place--;
  return place;
}
