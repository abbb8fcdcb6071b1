import { sequenceLength } from "../base/sequence-length.ts";
import { sizeOf } from "../base/shape.ts";
import type { DataSpec, Split } from "./types.ts";

/** The steps of sequences [n, T, width] one after the other, without what lies beyond their ends. */
function stepsOfSequences(x: Float64Array | Float32Array, size: number, width: number): Float64Array {
  const kept: Float64Array[] = [];
  for (let at = 0; at < x.length; at += size) {
    const row = x.subarray(at, at + size);
    kept.push(Float64Array.from(row.subarray(0, sequenceLength(row, width) * width)));
  }
  const all = new Float64Array(kept.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const steps of kept) {
    all.set(steps, at);
    at += steps.length;
  }
  return all;
}

/** The rows of a table; of sequences their steps, without what lies beyond the ends. */
export function rowsOfSplit({ values, shape, columns }: DataSpec, split: Split): Split {
  if (values !== "sequences") return split;
  const x = stepsOfSequences(split.x as Float64Array, sizeOf(shape), columns!.length);
  return { count: x.length / columns!.length, x };
}
