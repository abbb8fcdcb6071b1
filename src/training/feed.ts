import { allocate, HostArray, scalar } from "../base/host.ts";
import { sizeOf } from "../base/shape.ts";
import { mapTree } from "../base/tree.ts";
import { type Encoding, fillExamples, fillOneHot } from "../data/encoding.ts";
import type { DataSpec, Dataset, SplitName } from "../data/types.ts";
import { drawNoise } from "../models/bound.ts";
import type { AnyModel, Named, Numbers, Phase } from "../models/contract.ts";
import { fold, type Key } from "../random/index.ts";

/** A data set and how its numbers reach the model. */
export interface TrainingData {
  readonly dataset: Dataset;
  readonly encoding: Encoding;
}

/** Examples as a model sees them, with their labels. */
export interface Examples {
  readonly x: Numbers;
  /** One-hot [n, classes], for models that are conditioned on labels. */
  readonly labels?: HostArray<"float32">;
}

/** What the model sees: bytes that are binarised as they are fed count as binary. */
export function modelSpec({ dataset, encoding }: TrainingData): DataSpec {
  return encoding.binarize && dataset.spec.values === "bytes" ? { ...dataset.spec, values: "binary" } : dataset.spec;
}

/** The encoding a data set asks for together with the one the model asks for. */
export function encodingFor(model: AnyModel, data: TrainingData): Encoding {
  return { ...data.encoding, ...model.encoding };
}

/** The chosen examples of a split, encoded; random encodings are keyed by example, so any batching gives the same numbers. */
export function examples(
  model: AnyModel,
  data: TrainingData,
  split: SplitName,
  indices: ArrayLike<number>,
  noise: { key: Key; epoch: number },
): Examples {
  const { dataset } = data;
  const part = dataset.splits[split];
  const size = sizeOf(dataset.spec.shape);
  const typed = dataset.spec.values === "table" || dataset.spec.values === "sequences";
  const dtype = typed && model.learning.kind !== "gradient" ? "float64" : "float32";
  const x = new HostArray(dtype, [indices.length, ...dataset.spec.shape], allocate(dtype, indices.length * size));
  fillExamples(x.data, part, dataset.spec, indices, encodingFor(model, data), {
    key: fold(noise.key, split),
    epoch: noise.epoch,
  });
  if (!model.conditional) return { x };
  const classes = dataset.spec.classes?.length ?? 0;
  const labels = new HostArray("float32", [indices.length, classes], new Float32Array(indices.length * classes));
  fillOneHot(labels.data, part, classes, indices);
  return { x, labels };
}

/** What one phase is fed: examples, noise of its laws, and its scalars. */
export function phaseFeed(phase: Phase, given: Examples, step: number, key: Key) {
  const batch = given.x.shape[0]!;
  const noise = Object.fromEntries(
    Object.entries(phase.noise(batch)).map(([name, { law, shape }]) => [name, drawNoise(law, fold(key, name), shape)]),
  );
  return { ...given, noise, scalars: hostScalars(phase.scalars(step)) };
}

/** Numbers as float32 scalars. */
export function hostScalars(values: Named<number>): Named<HostArray> {
  return mapTree<number, HostArray>(values, (value) => scalar(value)) as Named<HostArray>;
}
