import type { Split } from "./types.ts";

/** Numbers that are read at once where rows are stored: 8 MiB of them. */
const PIECE = 2 ** 20;

/** The numbers of examples `start` to `end` (excluded) of a split, `size` each: a view where they are in memory. */
export function cellsBetween({ x, stored, stride }: Split, size: number, start: number, end: number): Split["x"] {
  if (stored) return stored.read(start, end);
  const step = stride ?? size;
  return x.subarray(start * step, Math.max(start, end - 1) * step + size);
}

/** Every number of a split's examples in their order, piece by piece; `first` is the example that a piece begins with. */
export function* pieces(split: Split, size: number): Generator<{ readonly cells: Split["x"]; readonly first: number }> {
  if (!split.stored) {
    yield { cells: split.x, first: 0 };
    return;
  }
  const rows = Math.max(1, Math.floor(PIECE / size));
  for (let first = 0; first < split.count; first += rows)
    yield { cells: split.stored.read(first, Math.min(split.count, first + rows)), first };
}
