import { fillBits, type Key } from "./philox.ts";
import { naturalLog, normalQuantile } from "./quantile.ts";

/** Words are drawn a chunk at a time into this buffer, which stays in the processor's first cache. */
const CHUNK = 4096;
const chunk = new Uint32Array(CHUNK);

function inChunks(k: Key, length: number, offset: number, write: (start: number, count: number) => void): void {
  for (let start = 0; start < length; start += CHUNK) {
    const count = Math.min(CHUNK, length - start);
    fillBits(k, chunk, offset + start, count);
    write(start, count);
  }
}

/** Fills `out` with uniforms on [0, 1): the upper 24 bits of each word of the key's stream, from word `offset` on. */
export function fillUniform(k: Key, out: Float32Array, offset = 0): void {
  inChunks(k, out.length, offset, (start, count) => {
    for (let i = 0; i < count; i++) out[start + i] = (chunk[i]! >>> 8) * 2 ** -24;
  });
}

/**
 * Fills `out` with standard normals, z = Φ⁻¹((w + ½) 2⁻³²) of each word w, from word `offset` on. Largest |z|: 6.34;
 * rounded once from a value with relative error about 1e-16. It rises with the uniform of the same word.
 */
export function fillNormal(k: Key, out: Float32Array, offset = 0): void {
  inChunks(k, out.length, offset, (start, count) => {
    for (let i = 0; i < count; i++) out[start + i] = normalQuantile(chunk[i]! * 2 ** -32 + (2 ** -33 - 0.5));
  });
}

/** Fills `out` with standard Gumbel variates, -log(-log((w + ½) 2⁻³²)) of each word w: between -3.13 and 22.87. */
export function fillGumbel(k: Key, out: Float32Array, offset = 0): void {
  inChunks(k, out.length, offset, (start, count) => {
    for (let i = 0; i < count; i++) out[start + i] = -naturalLog(-naturalLog(chunk[i]! * 2 ** -32 + 2 ** -33));
  });
}

/**
 * Fills `out` with uniforms on 0, 1/256, …, 255/256: the four bytes of each word of the key's stream, lowest first, from
 * byte `offset` on.
 */
export function fillBytes(k: Key, out: Float32Array, offset = 0): void {
  const skip = offset % 4;
  const byteOf = (word: number, byte: number) => ((word >>> (8 * byte)) & 255) * 2 ** -8;
  inChunks(k, Math.ceil((out.length + skip) / 4), (offset - skip) / 4, (start, count) => {
    for (let i = 0, at = 4 * start - skip; i < count; i++, at += 4) {
      const word = chunk[i]!;
      if (at >= 0 && at + 4 <= out.length) {
        out[at] = (word & 255) * 2 ** -8;
        out[at + 1] = ((word >>> 8) & 255) * 2 ** -8;
        out[at + 2] = ((word >>> 16) & 255) * 2 ** -8;
        out[at + 3] = (word >>> 24) * 2 ** -8;
      } else for (let b = Math.max(0, -at); b < Math.min(4, out.length - at); b++) out[at + b] = byteOf(word, b);
    }
  });
}
