import { UsageError } from "../base/errors.ts";

/**
 * Philox 4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as
 * 1, 2, 3" (SC 2011): ten rounds of multiplication and exclusive or turn a 128-bit counter and a 64-bit key into four
 * 32-bit words. Integer arithmetic only, so the words are the same on every machine.
 */

const M0 = 0xd2511f53; // the multipliers of the first and third counter word, and their halves
const M0H = 0xd251;
const M0L = 0x1f53;
const M1 = 0xcd9e8d57;
const M1H = 0xcd9e;
const M1L = 0x8d57;
const W0 = 0x9e3779b9; // what the two key words grow by in each round
const W1 = 0xbb67ae85;
const ROUNDS = 10;

/** A 64-bit Philox key as two unsigned 32-bit words: the name of one endless stream of random words. */
export interface Key {
  readonly hi: number;
  readonly lo: number;
}

/**
 * Writes the four words of each of `blocks` consecutive counters into `out` from `position` on. The first counter is
 * (c0, c1, c2, c3), lowest word first; counting carries from c0 into c1.
 */
export function philoxBlocks(
  out: Uint32Array,
  position: number,
  blocks: number,
  key: Key,
  c0: number,
  c1: number,
  c2 = 0,
  c3 = 0,
): void {
  let low = c0 >>> 0;
  let high = c1 >>> 0;
  for (const end = position + 4 * blocks; position < end; position += 4) {
    let x0 = low | 0;
    let x1 = high | 0;
    let x2 = c2 | 0;
    let x3 = c3 | 0;
    let k0 = key.lo | 0;
    let k1 = key.hi | 0;
    for (let round = 0; round < ROUNDS; round++) {
      // The high word of M·x from products of halves: each sum below stays under 2^32, so wrapping loses nothing.
      const l0 = x0 & 0xffff;
      const h0 = x0 >>> 16;
      const a0 = (Math.imul(h0, M0L) + (Math.imul(l0, M0L) >>> 16)) | 0;
      const b0 = (Math.imul(l0, M0H) + (a0 & 0xffff)) | 0;
      const high0 = (Math.imul(h0, M0H) + (a0 >>> 16) + (b0 >>> 16)) | 0;
      const l2 = x2 & 0xffff;
      const h2 = x2 >>> 16;
      const a2 = (Math.imul(h2, M1L) + (Math.imul(l2, M1L) >>> 16)) | 0;
      const b2 = (Math.imul(l2, M1H) + (a2 & 0xffff)) | 0;
      const high2 = (Math.imul(h2, M1H) + (a2 >>> 16) + (b2 >>> 16)) | 0;
      const low0 = Math.imul(x0, M0);
      const low2 = Math.imul(x2, M1);
      x0 = high2 ^ x1 ^ k0;
      x1 = low2;
      x2 = high0 ^ x3 ^ k1;
      x3 = low0;
      k0 = (k0 + W0) | 0;
      k1 = (k1 + W1) | 0;
    }
    out[position] = x0;
    out[position + 1] = x1;
    out[position + 2] = x2;
    out[position + 3] = x3;
    low = (low + 1) >>> 0;
    if (low === 0) high = (high + 1) >>> 0;
  }
}

const lanes = new Uint32Array(4);

/** The upper word of a whole number below 2^64; the lower is `value >>> 0`. */
export function upperWord(value: number): number {
  return Math.floor(value / 4294967296);
}

/** Fills `out` with the words offset, offset+1, … of a key's stream: word i is lane i mod 4 of the counter ⌊i/4⌋. */
export function fillBits(key: Key, out: Uint32Array, offset = 0, length = out.length): void {
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new UsageError(`An offset into a stream is a whole number from 0 on; got ${offset}.`);
  let block = Math.floor(offset / 4);
  let done = 0;
  const skip = offset - 4 * block;
  if (skip > 0) {
    philoxBlocks(lanes, 0, 1, key, block >>> 0, upperWord(block));
    block += 1;
    for (let lane = skip; lane < 4 && done < length; lane++) out[done++] = lanes[lane]!;
  }
  const whole = (length - done) >>> 2;
  philoxBlocks(out, done, whole, key, block >>> 0, upperWord(block));
  block += whole;
  done += 4 * whole;
  if (done === length) return;
  philoxBlocks(lanes, 0, 1, key, block >>> 0, upperWord(block));
  for (let lane = 0; done < length; lane++) out[done++] = lanes[lane]!;
}
