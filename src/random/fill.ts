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
