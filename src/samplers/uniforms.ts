import { fillUniform, type Key } from "../random/index.ts";

/** How many uniforms are drawn at a time. */
const CHUNK = 32;

/** The uniforms of a key one after the other. */
export class Uniforms {
  private readonly key: Key;
  private readonly chunk = new Float32Array(CHUNK);
  private used = CHUNK;
  private offset = 0;

  constructor(key: Key) {
    this.key = key;
  }

  /** The next uniform on [0, 1). */
  next(): number {
    if (this.used === CHUNK) {
      fillUniform(this.key, this.chunk, this.offset);
      this.offset += CHUNK;
      this.used = 0;
    }
    return this.chunk[this.used++]!;
  }
}
