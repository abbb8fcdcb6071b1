import type { FileArray } from "../base/codec/elements.ts";
import { DataError } from "../base/errors.ts";
import { type Examples, examplesOfArray, withLabels } from "./examples.ts";

/** Examples in one heap, or in the splits that the file itself makes. */
export type Found =
  | { readonly all: Examples }
  | { readonly train: Examples; readonly valid?: Examples; readonly test: Examples };

const wholeNames = ["x", "X", "images", "data", "samples", "arr_0"];
const labelNames = ["y", "Y", "labels", "label", "targets", "target"];
const splitWords = { train: ["train"], valid: ["valid", "val", "validation"], test: ["test"] } as const;

/** Which arrays of an archive hold examples, splits and labels, judged by the names people use for them. */
export function examplesOfArchive(arrays: ReadonlyMap<string, FileArray>, where: string): Found {
  const train = splitOf(arrays, "train", where);
  const test = splitOf(arrays, "test", where);
  if (train && test) {
    const valid = splitOf(arrays, "valid", where);
    return valid ? { train, valid, test } : { train, test };
  }
  const known = wholeNames.find((name) => arrays.has(name));
  const only = arrays.size === 1 ? [...arrays.keys()][0] : undefined;
  const name = known ?? only;
  if (name === undefined)
    throw new DataError(
      `${where} holds the arrays ${[...arrays.keys()].join(", ")}; name the examples "x", or "x_train" and "x_test".`,
    );
  return { all: labelled(arrays, name, labelNames, where) };
}

function splitOf(
  arrays: ReadonlyMap<string, FileArray>,
  split: keyof typeof splitWords,
  where: string,
): Examples | undefined {
  const words = splitWords[split];
  const names = words.flatMap((word) => [
    `x_${word}`,
    `X_${word}`,
    `${word}_x`,
    `${word}_images`,
    `${word}_data`,
    word,
  ]);
  const name = names.find((candidate) => arrays.has(candidate));
  if (name === undefined) return undefined;
  const labels = words.flatMap((word) => [`y_${word}`, `Y_${word}`, `${word}_y`, `${word}_labels`]);
  return labelled(arrays, name, labels, where);
}

function labelled(
  arrays: ReadonlyMap<string, FileArray>,
  name: string,
  labels: readonly string[],
  where: string,
): Examples {
  const examples = examplesOfArray(arrays.get(name)!, `Array "${name}" of ${where}`);
  const found = labels.find((label) => arrays.has(label));
  return found ? withLabels(examples, arrays.get(found)!, `Array "${found}" of ${where}`) : examples;
}
