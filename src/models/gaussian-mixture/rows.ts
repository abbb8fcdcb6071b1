import type { Examples, Numbers } from "../contract.ts";
import { eachChunk } from "../vectors.ts";
import type { Layout } from "./layout.ts";

/** Rows that can be gone through more than once, always in the same order. */
export interface Rows {
  readonly count: number;
  /** Calls `visit` with all rows, some at a time, [n, width]; what they are is not to be changed. */
  each(visit: (rows: Float64Array) => void): Promise<void>;
}

/** Examples as rows [n, width] of float64. */
export function opened({ space }: Layout, x: Numbers): Float64Array {
  if (space) return space.open(x);
  return x.data instanceof Float64Array ? x.data : Float64Array.from(x.data);
}

/** Most numbers that are held in memory. */
const MOST = 2 ** 28;
/** Numbers that are looked at together, which a cache holds; more where a few rows have more. */
const [BLOCK, FEWEST] = [2 ** 15, 40];

/** Calls `visit` with rows [n, width], some at a time, and with where they start. */
export function eachBlock(rows: Float64Array, width: number, visit: (some: Float64Array, start: number) => void): void {
  const step = width * Math.max(FEWEST, Math.floor(BLOCK / width));
  for (let at = 0; at < rows.length; at += step) visit(rows.subarray(at, at + step), at / width);
}

/** Rows [n, width] in memory. */
export function held(rows: Float64Array, width: number): Rows {
  return { count: rows.length / width, each: async (visit) => eachBlock(rows, width, visit) };
}

/** The rows of some examples: held, or read anew each time where they are kept on disk or are too many to hold. */
export async function rowsOf(layout: Layout, examples: Examples): Promise<Rows> {
  const [{ width }, { count }] = [layout, examples];
  if (examples.stored || count * width > MOST)
    return { count, each: (visit) => eachChunk(examples, (x) => eachBlock(opened(layout, x), width, visit)) };
  const rows = new Float64Array(count * width);
  await eachChunk(examples, (x, start) => rows.set(opened(layout, x), start * width));
  return held(rows, width);
}
