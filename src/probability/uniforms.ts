import { fillBits, type Key } from "../random/index.ts";

/** Whole numbers of 53 random bits, two words of the key's stream each, from number `offset` on. */
export function bits53(key: Key, count: number, offset = 0): Float64Array {
  const words = new Uint32Array(2 * count);
  fillBits(key, words, 2 * offset);
  return Float64Array.from({ length: count }, (_, i) => words[2 * i]! * 2 ** 21 + (words[2 * i + 1]! >>> 11));
}

/** Uniforms of the open unit interval, middles of 2⁵² equal parts: no nearer to 1 than to 0. */
export function openUniforms(key: Key, count: number): Float64Array {
  return bits53(key, count).map((k) => (Math.floor(k / 2) + 0.5) * 2 ** -52);
}
