import type { Column } from "../../data/table/types.ts";
import type { Key } from "../../random/index.ts";
import type { Params, Sums } from "../contract.ts";

/** p(inputs | class) with its parameters. Rows hold all columns in order; the target's cell is not looked at. */
export interface Conditional {
  /** Adds log p(known inputs | class) of the row that begins at `at` to the score of every class. */
  rate(x: Float64Array, at: number, scores: Float64Array): void;
  /** Draws the missing inputs of every row given its class and its known inputs; rows of class −1 are left as they are. */
  fill?(x: Float64Array, classes: Int32Array, key: Key): void;
}

/** A law of the inputs given the class: how it is counted, and what it says then. */
export interface Family {
  readonly form: () => Params;
  readonly zeros: () => Sums;
  /** Something that adds the inputs of a row of a class to sums. */
  adder(sums: Sums): (x: Float64Array, at: number, y: number) => void;
  readonly solve: (sums: Sums, classCounts: Float64Array) => Params;
  readonly open: (params: Params) => Conditional;
  /** Why it has no density of the columns and can only classify, as a part of a sentence. */
  readonly classifiesOnly?: string;
  /** Whether classes are scored without their shares. */
  readonly priorless?: boolean;
}

/** What a family is made for. */
export interface Inputs {
  readonly columns: readonly Column[];
  /** Places of all columns but the target. */
  readonly inputs: readonly number[];
  /** Number of classes. */
  readonly classes: number;
}

/** The sentence about a column without a value to learn from. */
export const nothingIn = ({ name }: Column) =>
  `The column "${name}" has no value in the training rows with a known class: leave it out with --drop.`;
