import type { HostArray } from "../base/host.ts";
import type { AnyModel, Named, Params, Phase, TracedParams } from "../models/contract.ts";
import { fold, type Key } from "../random/index.ts";
import { jit, type Runtime } from "../runtime/index.ts";
import { examples, phaseFeed, type TrainingData } from "./feed.ts";

/** Steps far enough on that every annealed weight has its final value. */
const FINAL_STEP = Number.MAX_SAFE_INTEGER;
const BATCH = 500; // examples, where the phase does not say

/** Means of a phase's loss and metrics over the validation split. */
export interface Validate {
  run(params: Params): Promise<Named<number>>;
  dispose(): Promise<void>;
}

/** The phase as it is validated: without the noise of training where it says so. */
function validated(phase: Phase): Phase {
  const loss = phase.validation?.loss;
  return loss ? { ...phase, loss, noise: () => ({}) } : phase;
}

/**
 * The validation of a model: mean loss and metrics over the whole validation split, always with the same noise, so
 * that figures of different steps differ by the parameters alone.
 */
export function validator(model: AnyModel, trained: Phase, data: TrainingData, runtime: Runtime, key: Key): Validate {
  const phase = validated(trained);
  const batch = phase.validation?.chunk ?? BATCH;
  type Feed = ReturnType<typeof phaseFeed>;
  const loss = (params: TracedParams, feed: Parameters<Phase["loss"]>[1]) => {
    const { loss, metrics } = phase.loss(params, feed);
    return { loss, ...metrics };
  };
  const compiled = jit<[], never>(loss as never, runtime);
  const means = compiled as unknown as (params: Params, feed: Feed) => Promise<Named<HostArray>>;
  const { count } = data.dataset.splits.valid;
  const run = async (params: Params) => {
    const sums: Record<string, number> = {};
    for (let start = 0; start < count; start += batch) {
      const size = Math.min(batch, count - start);
      const indices = Uint32Array.from({ length: size }, (_, i) => start + i);
      const noiseKey = fold(fold(key, "validation"), start);
      const given = examples(model, data, "valid", indices, { key, epoch: 0 });
      const results = await means(params, phaseFeed(phase, given, FINAL_STEP, noiseKey));
      for (const [name, value] of Object.entries(results))
        sums[name] = (sums[name] ?? 0) + (Number(value.data[0]) * size) / count;
    }
    return sums;
  };
  return { run, dispose: () => compiled.dispose() };
}
