import type { Shape } from "../base/shape.ts";
import type { Column } from "./table/types.ts";
import type { Tokenizer } from "./text/tokenizer.ts";

/**
 * What the numbers of a data set are: `binary` 0 or 1 per byte, `bytes` 0 to 255, `real` float32, `tokens` of text, rows
 * of a `table` of typed columns.
 */
export type Values = "binary" | "bytes" | "real" | "tokens" | "table";

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
  /** The columns of a table, for `table` and nothing else: an example has the shape [columns.length]. */
  readonly columns?: readonly Column[];
  /** The place of the column to be predicted among `columns`, where there is one; `classes` are then its levels. */
  readonly target?: number;
}

/** One part of a data set: `count` examples one after the other. */
export interface Split {
  readonly count: number;
  /**
   * count × size(shape) numbers, row-major, images as CHW: bytes for `binary`, `bytes` and tokens below 256, floats for
   * `real` and larger vocabularies. Rows of a table are doubles, NaN where missing, or bytes where those hold every cell.
   */
  readonly x: Uint8Array | Float32Array | Float64Array;
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
