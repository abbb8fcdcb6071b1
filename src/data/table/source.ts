import type { Wishes } from "./wishes.ts";

/** Rows of text from a file of any format, with what the file itself says of its columns. */
export interface RowSource {
  /** Names of the columns, where the file gives them apart from its rows. */
  readonly names?: readonly string[];
  /** Kinds of columns, where the file declares them. */
  readonly columns?: Wishes;
  readonly rows: AsyncIterable<string[]> | Iterable<string[]>;
}
