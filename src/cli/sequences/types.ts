import type { HostArray } from "../../base/host.ts";
import { sequenceLength } from "../../base/sequence-length.ts";
import type { Numbers } from "../../models/contract.ts";

/** Options of a command line. */
export type Options = Readonly<Record<string, unknown>>;

/** Sequences with their names, lengths and, where they come from a file, the place of each of its rows. */
export interface Sequences {
  /** [n, T, columns], NaN where missing and beyond the ends. */
  readonly x: HostArray<"float64">;
  readonly names: readonly string[];
  readonly lengths: readonly number[];
  /** For each step of the file in its order: the sequence, and the step in it. */
  readonly order: readonly (readonly [sequence: number, step: number])[];
  /** Columns of the model that the file has. */
  readonly present: readonly boolean[];
  readonly from: string;
}

/** Length of each sequence of [n, T, columns]: up to the last step that holds anything. */
export function lengthsOf(x: Numbers): number[] {
  const [count, most, width] = x.shape as [number, number, number];
  const size = most * width;
  return Array.from({ length: count }, (_, n) => sequenceLength(x.data.subarray(n * size, (n + 1) * size), width));
}

/** `1 sequence`, `2 sequences`. */
export const counted = (count: number) => `${count} ${count === 1 ? "sequence" : "sequences"}`;
