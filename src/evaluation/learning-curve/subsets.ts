import { UsageError } from "../../base/errors.ts";
import { fold, type Key, permutation } from "../../random/index.ts";

/** Rows of each class that every subset holds, so that each class has a mean and a spread. */
const OF_EACH = 2;

/**
 * Whole numbers of rows from few to all, evenly spaced in their logarithm: from twice the number of classes, at least 10, on.
 */
export function curveSizes(rows: number, classes: number, count: number): number[] {
  const first = Math.min(rows, Math.max(10, OF_EACH * classes));
  const ratio = Math.log(rows / first) / Math.max(1, count - 1);
  const sizes = Array.from({ length: count }, (_, i) => Math.round(first * Math.exp(i * ratio)));
  return [...new Set(sizes)];
}

/**
 * An order of the rows whose beginnings are the subsets of one repetition: random, but that it begins with two rows of every
 * class (the first of each in that random order). `labels` says the class of every row, −1 where it is not known.
 */
export function nestedOrder(labels: ArrayLike<number>, classes: number, key: Key): Uint32Array {
  const order = permutation(key, labels.length).filter((row) => labels[row]! >= 0);
  const seen = new Uint32Array(classes);
  const first = order.filter((row) => seen[labels[row]!]!++ < OF_EACH);
  const chosen = new Set(first);
  const rest = order.filter((row) => !chosen.has(row));
  return Uint32Array.from([...first, ...rest]);
}

/** Throws unless sizes are in order and rows suffice for them. */
export function checkSizes(sizes: readonly number[], rows: number, classes: number): void {
  const least = OF_EACH * classes;
  const small = sizes.find((size) => size < least);
  if (small !== undefined)
    throw new UsageError(
      `A learning curve of ${classes} classes begins with ${least} rows, two of each class; ${small} are too few.`,
    );
  const large = sizes.find((size) => size > rows);
  if (large !== undefined)
    throw new UsageError(
      `There are ${rows} training rows with a known class, and a learning curve to ${large} needs more.`,
    );
  if (sizes.length < 2)
    throw new UsageError(
      `A learning curve needs two sizes or more from ${least} to ${rows}, the training rows with a known class: give more rows, or sizes between.`,
    );
  if (sizes.some((size, i) => i > 0 && size <= sizes[i - 1]!))
    throw new UsageError("The sizes of a learning curve grow: give them in order, each once.");
}

/** A random part of the rows to test on, and the others; the same for everyone who asks with that key. */
export function drawnTest(count: number, share: number, key: Key): { test: Uint32Array; rest: Uint32Array } {
  const order = permutation(fold(key, "test"), count);
  const held = Math.max(1, Math.round(share * count));
  return { test: order.slice(0, held), rest: order.slice(held) };
}
