import { UsageError } from "../../base/errors.ts";
import type { Examples } from "../contract.ts";
import { roomFor } from "../held.ts";
import type { Features } from "./features.ts";
import type { LogisticConfig } from "./options.ts";

/** What is fitted. */
export interface Fitting {
  readonly features: Features;
  readonly width: number;
  readonly target: { readonly place: number; readonly name: string; readonly classes: readonly string[] };
  readonly columnNames: readonly string[];
  readonly config: LogisticConfig;
}

const CHUNK = 4096;
/** The training rows as features of mean 0 and deviation 1 (those of levels stay 0 and 1), with what that took. */
export interface Prepared {
  readonly x: Float64Array;
  readonly labels: Uint16Array;
  /** The classes that occur, as places among all classes. */
  readonly present: readonly number[];
  readonly mean: Float64Array;
  readonly centre: Float64Array;
  readonly scale: Float64Array;
}

/** Reads the training rows whose class is known; throws where there are no two classes, or a column says nothing. */
export async function prepared(train: Examples, fitting: Fitting): Promise<Prepared> {
  const { features, width, target } = fitting;
  const size = features.names.length;
  const all = roomFor("logistic-regression", train.count, size);
  const classes = new Uint16Array(train.count);
  let rows = 0;
  for (let start = 0; start < train.count; start += CHUNK) {
    const { data } = await train.read(start, Math.min(train.count, start + CHUNK));
    for (let at = 0; at < data.length; at += width) {
      const y = data[at + target.place]!;
      if (Number.isNaN(y)) continue;
      features.write(data, at, all, rows * size);
      classes[rows++] = y;
    }
  }
  const x = all.subarray(0, rows * size);
  const present = target.classes.map((_, y) => y).filter((y) => classes.subarray(0, rows).includes(y));
  if (present.length < 2)
    throw new UsageError(
      `logistic-regression tells classes apart, and the training rows ${present.length === 0 ? `have no value of "${target.name}"` : `all have "${target.name}" = ${target.classes[present[0]!]}`}.`,
    );
  const labels = classes.subarray(0, rows).map((y) => present.indexOf(y));
  return { x, labels, present, ...standardized(x, rows, fitting) };
}

/** Brings numbers to mean 0 and deviation 1 in place; gaps become the mean. */
function standardized(x: Float64Array, rows: number, { features, columnNames }: Fitting) {
  const size = features.names.length;
  const mean = new Float64Array(size);
  const centre = new Float64Array(size);
  const scale = new Float64Array(size).fill(1);
  for (let f = 0; f < size; f++) {
    let [count, at, squares] = [0, 0, 0];
    for (let n = 0; n < rows; n++) {
      const value = x[n * size + f]!;
      if (Number.isNaN(value)) continue;
      const delta = value - at;
      at += delta / ++count;
      squares += delta * (value - at);
    }
    if (count === 0)
      throw new UsageError(
        `The column "${columnNames[features.column[f]!]}" has no value in the training rows with a known class: leave it out with --drop.`,
      );
    mean[f] = at;
    if (features.numeric[f]) {
      centre[f] = at;
      const deviation = Math.sqrt(squares / count);
      scale[f] = deviation > 1e-12 * Math.abs(at) ? deviation : 1;
    }
    for (let n = 0; n < rows; n++) {
      const value = x[n * size + f]!;
      x[n * size + f] = Number.isNaN(value) ? (mean[f]! - centre[f]!) / scale[f]! : (value - centre[f]!) / scale[f]!;
    }
  }
  return { mean, centre, scale };
}
