import { ByteWriter } from "./bytes.ts";

/** States live in [LOW, 256·LOW): 40 to 48 bits, exact in a number. */
const LOW = 2 ** 40;

/**
 * Asymmetric numeral system, range variant (Duda 2013, arXiv 1311.2540), with bytes as digits. Last in, first out: what is
 * decoded comes out in the opposite order, which is what bits-back coding needs; popping from it may also *draw* symbols.
 */
export class Rans {
  #state: number;
  readonly #bytes: number[];

  /** An empty stack, or one that goes on from `bytes()` of another. */
  constructor(bytes?: Uint8Array) {
    this.#bytes = [];
    this.#state = LOW;
    if (!bytes) return;
    this.#bytes = Array.from(bytes.subarray(0, Math.max(0, bytes.length - 6)));
    this.#state = bytes.subarray(-6).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  /** Puts a symbol on top that owns [start, start + frequency) of [0, 2^bits). */
  push(start: number, frequency: number, bits: number): void {
    const limit = (LOW / 2 ** bits) * 256 * frequency;
    while (this.#state >= limit) {
      this.#bytes.push(this.#state % 256);
      this.#state = Math.floor(this.#state / 256);
    }
    const quotient = Math.floor(this.#state / frequency);
    this.#state = quotient * 2 ** bits + (this.#state - quotient * frequency) + start;
  }

  /** A number in [0, 2^bits) that lies in what the symbol on top owns. */
  peek(bits: number): number {
    return this.#state % 2 ** bits;
  }

  /** Takes the symbol off the top that owns [start, start + frequency). */
  pop(start: number, frequency: number, bits: number): void {
    const total = 2 ** bits;
    const slot = this.#state % total;
    this.#state = frequency * Math.floor(this.#state / total) + slot - start;
    while (this.#state < LOW && this.#bytes.length > 0) this.#state = this.#state * 256 + this.#bytes.pop()!;
  }

  /** The stack as bytes: the digits, then six bytes of state. */
  bytes(): Uint8Array {
    const writer = new ByteWriter();
    for (const byte of this.#bytes) writer.push(byte);
    for (let i = 5; i >= 0; i--) writer.push(Math.floor(this.#state / 256 ** i) % 256);
    return writer.bytes();
  }
}
