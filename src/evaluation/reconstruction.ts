import type { Bound } from "../models/bound.ts";
import type { AnyModel, Capabilities } from "../models/contract.ts";
import { fold } from "../random/index.ts";
import { examples, type TrainingData } from "../training/feed.ts";
import { type EvaluateOptions, labelsOf, meanAndError } from "./likelihood.ts";

/** Mean squared difference per element between x and the decoded mean code of x, in squared model units. */
export interface ReconstructionFigure {
  readonly meanSquaredError: number;
  readonly stderr: number;
  readonly count: number;
  readonly split: string;
}

const CHUNK = 1000;

/** Reconstruction error of a split: decode(encode(x)) with the code at its mean. */
export async function evaluateReconstruction(
  model: AnyModel & Pick<Capabilities, "encode" | "decode">,
  on: Bound,
  data: TrainingData,
  { split, key, limit }: EvaluateOptions,
): Promise<ReconstructionFigure> {
  const count = Math.min(data.dataset.splits[split].count, limit ?? Number.POSITIVE_INFINITY);
  const errors = new Float64Array(count);
  for (let start = 0; start < count; start += CHUNK) {
    const end = Math.min(count, start + CHUNK);
    const indices = Uint32Array.from({ length: end - start }, (_, i) => start + i);
    const { x } = examples(model, data, split, indices, { key: fold(key, "examples"), epoch: 0 });
    const labels = labelsOf(model, data, split, start, end);
    const options = { key, ...(labels ? { labels } : {}) };
    const back = await model.decode(on, await model.encode(on, x, options), options);
    const size = x.size / (end - start);
    for (let i = 0; i < x.size; i++) errors[start + Math.floor(i / size)]! += (x.data[i]! - back.data[i]!) ** 2 / size;
  }
  const { mean, stderr } = meanAndError(errors);
  return { meanSquaredError: mean, stderr, count, split };
}
