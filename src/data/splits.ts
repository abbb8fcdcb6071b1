import { DataError } from "../base/errors.ts";
import { sameShape, showShape, sizeOf } from "../base/shape.ts";
import { type Key, permutation } from "../random/index.ts";
import type { Examples } from "./examples.ts";
import type { DataSpec, Dataset, Split, SplitName, Values } from "./types.ts";

/** What people call the splits, in lower case. */
export const splitWords: Readonly<Record<string, SplitName>> = {
  train: "train",
  training: "train",
  valid: "valid",
  val: "valid",
  validation: "valid",
  test: "test",
};

/** What splitting gives: the splits and what one example looks like. */
export type Parts = Pick<Dataset, "spec" | "splits">;

/** The examples of `indices`, in that order. */
export function take({ spec, x, labels }: Examples, indices: ArrayLike<number>): Split {
  const size = sizeOf(spec.shape);
  const picked = new (x.constructor as Uint8ArrayConstructor)(indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * size;
    picked.set(x.subarray(from, from + size), i * size);
  }
  if (!labels) return { count: indices.length, x: picked };
  const chosen = new (labels.constructor as Uint8ArrayConstructor)(indices.length);
  for (let i = 0; i < indices.length; i++) chosen[i] = labels[indices[i]!]!;
  return { count: indices.length, x: picked, labels: chosen };
}

/** Examples `from` to `to` (excluded), sharing memory. */
export function slice({ spec, x, labels }: Examples, from: number, to: number): Split {
  const size = sizeOf(spec.shape);
  const part = { count: to - from, x: x.subarray(from * size, to * size) };
  return labels ? { ...part, labels: labels.subarray(from, to) } : part;
}

/** Shuffles by a key and cuts into train, valid and test; valid and test get a tenth each unless counts are given. */
export function randomSplits(examples: Examples, key: Key, counts?: { valid: number; test: number }): Parts {
  const { count, spec } = examples;
  if (count < 3)
    throw new DataError(`${count} examples are too few to split into train, valid and test; 3 are the least.`);
  const tenth = Math.max(1, Math.round(count / 10));
  const { valid, test } = counts ?? { valid: tenth, test: tenth };
  const order = permutation(key, count);
  const end = count - valid - test;
  const splits = {
    train: take(examples, order.subarray(0, end)),
    valid: take(examples, order.subarray(end, end + valid)),
    test: take(examples, order.subarray(end + valid)),
  };
  return { spec, splits };
}

/** Splits that came as separate files; without a valid one, the last sixth of train (10,000 of 60,000) becomes it. */
export function givenSplits(parts: { train: Examples; valid?: Examples; test: Examples }, where: string): Parts {
  const { train, valid, test } = unified(parts, where);
  if (valid) return { spec: train.spec, splits: { train: bare(train), valid: bare(valid), test: bare(test) } };
  if (train.count < 2) throw new DataError(`${where} has too few training examples to set some aside for validation.`);
  const cut = train.count - Math.max(1, Math.min(10_000, Math.floor(train.count / 6)));
  const splits = { train: slice(train, 0, cut), valid: slice(train, cut, train.count), test: bare(test) };
  return { spec: train.spec, splits };
}

const bare = ({ spec: _, ...split }: Examples): Split => split;

/** The same spec for all parts: equal shapes, the widest values, one list of classes. */
function unified<T extends { train: Examples; valid?: Examples; test: Examples }>(parts: T, where: string): T {
  const list = Object.values(parts) as Examples[];
  const { shape } = parts.train.spec;
  const odd = list.find((part) => !sameShape(part.spec.shape, shape));
  if (odd)
    throw new DataError(
      `The splits of ${where} hold different examples: ${showShape(shape)} and ${showShape(odd.spec.shape)}.`,
    );
  const classes = commonClasses(list);
  const values = (["real", "bytes", "binary"] as Values[]).find((kind) =>
    list.some((part) => part.spec.values === kind),
  )!;
  const spec: DataSpec = { shape, values, ...(classes && { classes }) };
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, recast(part, spec)])) as unknown as T;
}

function commonClasses(list: readonly Examples[]): readonly string[] | undefined {
  if (!list.every((part) => part.spec.classes)) return undefined;
  const all = [...new Set(list.flatMap((part) => part.spec.classes!))];
  return all.every((name) => /^\d+$/.test(name)) ? all.sort((a, b) => Number(a) - Number(b)) : all.sort();
}

function recast(part: Examples, spec: DataSpec): Examples {
  const x = spec.values === "real" ? Float32Array.from(part.x) : part.x;
  if (!spec.classes || !part.labels) return { count: part.count, x, spec };
  const places = part.spec.classes!.map((name) => spec.classes!.indexOf(name));
  return { count: part.count, x, spec, labels: Int32Array.from(part.labels, (label) => places[label]!) };
}

/** Real examples shifted and scaled so that every dimension has mean 0 and standard deviation 1 on train. */
export function standardized({ spec, splits }: Parts): Parts {
  const size = sizeOf(spec.shape);
  const { mean, scale } = moments(splits.train, size);
  const apply = (split: Split): Split => ({
    ...split,
    x: Float32Array.from(split.x, (value, i) => (value - mean[i % size]!) / scale[i % size]!),
  });
  return { spec, splits: { train: apply(splits.train), valid: apply(splits.valid), test: apply(splits.test) } };
}

function moments({ x, count }: Split, size: number): { mean: Float64Array; scale: Float64Array } {
  const mean = new Float64Array(size);
  const scale = new Float64Array(size);
  for (let i = 0; i < x.length; i++) mean[i % size]! += x[i]! / count;
  for (let i = 0; i < x.length; i++) scale[i % size]! += (x[i]! - mean[i % size]!) ** 2 / count;
  for (let d = 0; d < size; d++) scale[d] = Math.sqrt(scale[d]!) || 1;
  return { mean, scale };
}
