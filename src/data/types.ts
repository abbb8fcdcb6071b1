import type { Shape } from "../base/shape.ts";
import type { Column } from "./table/types.ts";
import type { Tokenizer } from "./text/tokenizer.ts";

/**
 * What the numbers of a data set are: `binary` 0 or 1 per byte, `bytes` 0 to 255, `real` float32, `tokens` of text, rows
 * of a `table` of typed columns, or `sequences` of such rows.
 */
export type Values = "binary" | "bytes" | "real" | "tokens" | "table" | "sequences";

/** What one example looks like. */
export interface DataSpec {
  /** Shape of ONE example: [C, H, W] for images, [D] for vectors. */
  readonly shape: Shape;
  readonly values: Values;
  /** Names of the labels, when there are labels. */
  readonly classes?: readonly string[];
  /**
   * Number of tokens, for `tokens` and nothing else. Such an example has the shape [T + 1]: the first token is given,
   * the T after it are modelled; in model units a token is its number as it is.
   */
  readonly vocabulary?: number;
  /**
   * The token that frames examples shorter than their shape (a name of a list): it is the first one, the one after the
   * last, and fills the rest. Its second occurrence is modelled as the end; what follows counts for nothing.
   */
  readonly boundary?: number;
  /**
   * The columns of a table, for `table`, where an example has the shape [columns.length], and for `sequences`, where it has
   * the shape [T, columns.length]: rows one after the other in doubles, NaN where missing and beyond the end of those
   * shorter than T.
   */
  readonly columns?: readonly Column[];
  /** The column whose equal values make the rows of a file one sequence; without it each row of the file is one. */
  readonly sequence?: string;
  /** The place of the column to be predicted among `columns`, where there is one; `classes` are then its levels. */
  readonly target?: number;
}

/** Rows of a table that are kept outside memory: read with `cellsBetween`, never through `Split.x`. */
export interface StoredRows {
  /** The numbers of rows `start` to `end` (excluded), NaN where missing. */
  read(start: number, end: number): Float64Array;
  /** Whether bytes would hold every cell, as where rows are in memory; the hash of the contents is then the same. */
  readonly small: boolean;
}

/** One part of a data set: `count` examples one after the other. */
export interface Split {
  readonly count: number;
  /**
   * count × size(shape) numbers, row-major, images as CHW: bytes for `binary`, `bytes` and tokens below 256, floats for
   * `real` and larger vocabularies. Rows of a table are doubles, NaN where missing, or bytes where those hold every cell; none where they are stored.
   */
  readonly x: Uint8Array | Float32Array | Float64Array;
  /** Where the rows of a table are that is too large for memory. */
  readonly stored?: StoredRows;
  /** Numbers from the start of an example to the start of the next: size(shape) unless windows of a text overlap. */
  readonly stride?: number;
  readonly labels?: Uint8Array | Int32Array;
  /** What each example was generated from, one number per example and factor. */
  readonly factors?: Readonly<Record<string, Float32Array>>;
}

/** The three splits every data set has. */
export const splitNames = ["train", "valid", "test"] as const;

/** The name of a split. */
export type SplitName = (typeof splitNames)[number];

/** A data set in memory, with what is needed to say exactly which data it was. */
export interface Dataset {
  readonly name: string;
  readonly spec: DataSpec;
  readonly splits: Readonly<Record<SplitName, Split>>;
  /** One sentence: source, split, binarisation. */
  readonly protocol: string;
  /** SHA-256 of the contents, lower-case hexadecimal. */
  readonly hash: string;
  /** How the text became tokens, where it did. */
  readonly tokenizer?: Tokenizer;
}
