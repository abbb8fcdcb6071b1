import type { Key } from "../../random/index.ts";
import { openUniforms } from "../uniforms.ts";
import type { Matrix } from "./matrix.ts";

/** The law of a vector, in float64 on the host; logarithms are natural. */
export interface Multivariate {
  readonly family: string;
  readonly kind: "continuous" | "discrete";
  readonly dimension: number;
  readonly mean: Float64Array;
  logProb(x: ArrayLike<number>): number;
  covariance(): Matrix;
  /** In nats. */
  entropy(): number;
  /** Draws [count, dimension], row-major, from uniforms by inverse distribution functions alone. */
  sample(key: Key, count: number): Float64Array;
}

/** Calls `draw` for every row of a sample with its own `words` uniforms of the open unit interval. */
export function sampleRows(
  key: Key,
  count: number,
  dimension: number,
  words: number,
  draw: (u: Float64Array, row: Float64Array) => void,
): Float64Array {
  const uniforms = openUniforms(key, count * words);
  const rows = new Float64Array(count * dimension);
  for (let i = 0; i < count; i++) {
    const u = uniforms.subarray(i * words, (i + 1) * words);
    draw(u, rows.subarray(i * dimension, (i + 1) * dimension));
  }
  return rows;
}
