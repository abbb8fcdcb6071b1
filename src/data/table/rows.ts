import type { Column, Table } from "./types.ts";

/** Rows one after the other [count × columns]: bytes where those hold every cell, else doubles with NaN where missing. */
export type Cells = Uint8Array | Float64Array;

/** The rows of a table of those numbers, in that order. */
export function cellsOf({ columns, values, missing }: Table, indices: ArrayLike<number>): Cells {
  const width = columns.length;
  const small = values.every(
    (column, i) => !missing[i] && column.every((v) => v >= 0 && v <= 255 && v === Math.floor(v)),
  );
  const cells = small ? new Uint8Array(indices.length * width) : new Float64Array(indices.length * width);
  for (const [i, column] of values.entries())
    for (let n = 0, at = i; n < indices.length; n++, at += width) cells[at] = column[indices[n]!]!;
  return cells;
}

/** The table that rows make. */
export function tableOfCells(columns: readonly Column[], cells: ArrayLike<number>): Table {
  const width = columns.length;
  const count = cells.length / width;
  const values = columns.map((_, i) => Float64Array.from({ length: count }, (__, n) => cells[n * width + i]!));
  const missing = values.map((column) =>
    column.some(Number.isNaN) ? Uint8Array.from(column, (value) => Number(Number.isNaN(value))) : undefined,
  );
  return { columns, count, values, missing };
}
