import { ByteWriter } from "./bytes.ts";

/** Widths of the interval between renormalisations; sums of both fit into the 53 bits of a number. */
const TOP = 2 ** 48;
const BOTTOM = 2 ** 40;

/**
 * Range coder (Martin 1979) with a 48-bit interval, bytes as digits and the carry handled as in LZMA: a byte is held back
 * until no carry can reach it. Coding frequencies f of 2^bits costs log₂(2^bits/f) bits plus at most 2^(bits − 40)·1.5 for
 * rounding, and one to two bytes at the end. Numbers stay below 2^53 and are exact.
 */
export class RangeEncoder {
  readonly #out = new ByteWriter();
  #low = 0;
  #range = TOP;
  #held = -1;
  #waiting = 0;

  /** Codes a symbol that owns [start, start + frequency) of [0, 2^bits). */
  encode(start: number, frequency: number, bits: number): void {
    const unit = Math.floor(this.#range / 2 ** bits);
    this.#low += unit * start;
    this.#range = unit * frequency;
    while (this.#range < BOTTOM) {
      this.#shift();
      this.#range *= 256;
    }
  }

  /** Ends the stream: the shortest number inside the interval, without the zeros at its end. */
  finish(): Uint8Array {
    this.#low = Math.ceil(this.#low / BOTTOM) * BOTTOM;
    for (let i = 0; i < 6; i++) this.#shift();
    this.#shift();
    const bytes = this.#out.bytes();
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === 0) end--;
    return bytes.slice(0, end);
  }

  /** Takes the first byte off `low`; a byte 255 waits, as a carry would pass through it. */
  #shift(): void {
    const carry = this.#low >= TOP ? 1 : 0;
    const low = this.#low - carry * TOP;
    const byte = Math.floor(low / BOTTOM);
    if (byte === 255 && carry === 0) this.#waiting++;
    else {
      if (this.#held >= 0) this.#out.push(this.#held + carry);
      for (; this.#waiting > 0; this.#waiting--) this.#out.push((255 + carry) & 255);
      this.#held = byte;
    }
    this.#low = (low - byte * BOTTOM) * 256;
  }
}

/** Reads what `RangeEncoder` wrote; past the end of the stream it reads zeros, so what is wrong with a file is told by its checksum. */
export class RangeDecoder {
  readonly #bytes: Uint8Array;
  #at = 0;
  #code = 0;
  #range = TOP;
  #unit = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    for (let i = 0; i < 6; i++) this.#code = this.#code * 256 + this.#next();
  }

  /** A number in [0, 2^bits) that lies in what the next symbol owns; `take` must follow. */
  peek(bits: number): number {
    this.#unit = Math.floor(this.#range / 2 ** bits);
    return Math.min(Math.floor(this.#code / this.#unit), 2 ** bits - 1);
  }

  /** Removes the symbol that owns [start, start + frequency). */
  take(start: number, frequency: number): void {
    this.#code -= this.#unit * start;
    this.#range = this.#unit * frequency;
    while (this.#range < BOTTOM) {
      this.#code = this.#code * 256 + this.#next();
      this.#range *= 256;
    }
  }

  #next(): number {
    return this.#bytes[this.#at++] ?? 0;
  }
}
