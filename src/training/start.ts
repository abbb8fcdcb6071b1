import type { AnyModel, TrainingConfig } from "../models/contract.ts";
import { fold, type Key, permutation } from "../random/index.ts";
import type { Runtime } from "../runtime/index.ts";
import { type Examples, examples, type TrainingData } from "./feed.ts";
import { initialParams, initialState } from "./machinery.ts";
import type { TrainState } from "./state.ts";

/** Some training examples, the same for the same key of a run, for models that begin from data. */
export function firstLook(model: AnyModel, data: TrainingData, key: Key, most: number): Examples {
  const { count } = data.dataset.splits.train;
  const some = permutation(fold(key, "first look"), count).subarray(0, most);
  return examples(model, data, "train", some, { key: fold(key, "examples"), epoch: 0 });
}

/**
 * The state before the first step of a run of its own: fresh parameters, set by a first look at the data where the model
 * asks for one. A resumed run has them in its checkpoint.
 */
export async function startState(
  model: AnyModel,
  data: TrainingData,
  config: TrainingConfig,
  { seed, runtime }: { readonly seed: number; readonly runtime: Runtime },
): Promise<TrainState> {
  const plain = initialState(model, config, seed);
  const start = model.learning.kind === "gradient" ? model.learning.start : undefined;
  if (!start) return plain;
  const given = firstLook(model, data, plain.key, start.examples);
  return initialState(model, config, seed, await start.fit(runtime, initialParams(model, seed), given));
}
