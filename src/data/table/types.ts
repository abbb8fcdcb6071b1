/** What the numbers of a column are: names without or with an order, counts 0, 1, 2, …, or real numbers. */
export type ColumnKind = "categorical" | "ordinal" | "count" | "real";

/** A named column of a table. */
export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  /** The names of the values of a categorical or ordinal column: a cell is a place in this list. */
  readonly levels?: readonly string[];
}

/** Rows of typed columns in memory, column by column, in double precision. */
export interface Table {
  readonly columns: readonly Column[];
  readonly count: number;
  /** One array of `count` numbers for each column; NaN where the value is missing. */
  readonly values: readonly Float64Array[];
  /** For each column 1 where the value is missing, `count` bytes; undefined where none is. */
  readonly missing: readonly (Uint8Array | undefined)[];
}
