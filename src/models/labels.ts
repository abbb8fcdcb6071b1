import { UsageError } from "../base/errors.ts";
import { HostArray } from "../base/host.ts";
import type { DataSpec } from "../data/types.ts";

/** Number of classes a model is conditioned on: those of the data, 0 when it is not conditional. */
export function classesOf(conditional: boolean, data: DataSpec, name: string): number {
  if (!conditional) return 0;
  if (!data.classes?.length)
    throw new UsageError(`${name}: conditional needs labels, and this data set has none; leave conditional out.`);
  return data.classes.length;
}

/** Class numbers as one-hot rows [n, classes]; throws where a number is no class. */
export function oneHotRows(labels: ArrayLike<number>, classes: number): HostArray<"float32"> {
  const data = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes)
      throw new UsageError(`label ${label} of example ${i} is not a class: labels run from 0 to ${classes - 1}`);
    data[i * classes + label] = 1;
  }
  return new HostArray("float32", [labels.length, classes], data);
}

/**
 * One-hot labels for `count` examples of a model with that many classes, undefined for a model without (0 classes);
 * throws where a conditional model does not get one label for each example.
 */
export function labelRows(
  classes: number,
  labels: ArrayLike<number> | undefined,
  count: number,
): HostArray<"float32"> | undefined {
  if (classes === 0) return undefined;
  if (labels === undefined) throw new UsageError("this model is conditioned on labels: give one for each example");
  if (labels.length !== count) throw new UsageError(`${labels.length} labels for ${count} examples; give one for each`);
  return oneHotRows(labels, classes);
}
