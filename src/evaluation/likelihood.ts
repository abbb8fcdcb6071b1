import { sequenceLength } from "../base/sequence-length.ts";
import { sizeOf } from "../base/shape.ts";
import { consecutiveSplits } from "../data/text/windows.ts";
import type { SplitName } from "../data/types.ts";
import type { Bound } from "../models/bound.ts";
import type { AnyModel, Capabilities, LikelihoodKind, Numbers } from "../models/contract.ts";
import { fold, type Key } from "../random/index.ts";
import { examples, type TrainingData } from "../training/feed.ts";
import { ratioOfSums, TextCounter, type TextFigure } from "./text.ts";

/**
 * A likelihood figure with everything that must travel with it. `nats` is the mean negative log-likelihood per example
 * (smaller is better); for the kind `lower-bound`, a lower bound on log p(x), it is an upper bound on the true figure.
 */
export interface LikelihoodFigure {
  readonly kind: LikelihoodKind;
  readonly nats: number;
  /** Standard error of the mean over examples, in nats. */
  readonly stderr: number;
  /** nats / (dimensions · ln 2), for text bits per modelled token; only for discrete data, where it is a code length. */
  readonly bitsPerDim?: number;
  readonly via: string;
  readonly split: SplitName;
  readonly count: number;
  readonly dimensions: number;
  readonly protocol: string;
  /** Number of real columns of a table: the figure is then a density in their units, and may be negative. */
  readonly densities?: number;
  /** Of sequences of rows: their steps, and the negative log-likelihood of one with its standard error by sequences. */
  readonly steps?: number;
  readonly natsPerStep?: number;
  readonly stderrPerStep?: number;
}

/** What `evaluateLikelihood` may be told. */
export interface EvaluateOptions {
  readonly split: SplitName;
  readonly key: Key;
  readonly importance?: number;
  /** Only the first so many examples of the (shuffled or published) order. */
  readonly limit?: number;
  readonly progress?: (fraction: number) => void;
}

/** Examples held in memory at once. */
const CHUNK = 2000;

/** Labels of a range of a split, when the model needs them. */
export function labelsOf(model: AnyModel, data: TrainingData, split: SplitName, start: number, end: number) {
  return model.conditional ? data.dataset.splits[split].labels?.subarray(start, end) : undefined;
}

/** Mean and standard error of numbers. */
export function meanAndError(values: ArrayLike<number>): { mean: number; stderr: number } {
  const n = values.length;
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const delta = values[i]! - mean;
    mean += delta / (i + 1);
    squares += delta * (values[i]! - mean);
  }
  return { mean, stderr: n > 1 ? Math.sqrt(squares / (n - 1) / n) : Number.NaN };
}

/** The likelihood of a split under a model that has one. */
export async function evaluateLikelihood(
  model: AnyModel & Pick<Capabilities, "logProb">,
  on: Bound,
  data: TrainingData,
  options: EvaluateOptions,
): Promise<LikelihoodFigure & Partial<TextFigure>> {
  const { split, key, importance, progress } = options;
  const dataset = consecutiveSplits(data.dataset);
  const cut = { ...data, dataset };
  const text = dataset.spec.values === "tokens" ? new TextCounter(dataset) : undefined;
  const count = Math.min(dataset.splits[split].count, options.limit ?? Number.POSITIVE_INFINITY);
  const values = new Float64Array(count);
  const lengths: number[] = [];
  let described = { kind: "exact" as LikelihoodKind, via: "" };
  for (let start = 0; start < count; start += CHUNK) {
    const end = Math.min(count, start + CHUNK);
    const indices = Uint32Array.from({ length: end - start }, (_, i) => start + i);
    const { x } = examples(model, cut, split, indices, { key: fold(key, "examples"), epoch: 0 });
    const labels = labelsOf(model, data, split, start, end);
    const { nats, ...rest } = await model.logProb(on, x, {
      key: fold(fold(key, "likelihood"), start),
      ...(labels ? { labels } : {}),
      ...(importance === undefined ? {} : { importance }),
      progress: (fraction) => progress?.((start + fraction * (end - start)) / count),
    });
    values.set(nats, start);
    text?.add(x, nats);
    if (dataset.spec.values === "sequences") lengths.push(...lengthsOf(x, dataset.spec.columns!.length));
    described = rest;
  }
  const { mean, stderr } = meanAndError(values);
  const dimensions = sizeOf(dataset.spec.shape);
  const densities = dataset.spec.columns?.filter(({ kind }) => kind === "real").length ?? 0;
  return {
    ...described,
    nats: -mean,
    stderr,
    ...(lengths.length > 0 ? perStep(values, lengths) : {}),
    ...(["real", "sequences"].includes(dataset.spec.values) || densities > 0
      ? {}
      : { bitsPerDim: -mean / (dimensions * Math.LN2) }),
    ...(densities > 0 ? { densities } : {}),
    ...text?.figure(),
    split,
    count,
    dimensions,
    protocol: dataset.protocol,
  };
}

/** Steps of every sequence [n, T, width]. */
function lengthsOf(x: Numbers, width: number): number[] {
  const size = sizeOf(x.shape.slice(1));
  return Array.from({ length: x.shape[0]! }, (_, n) =>
    sequenceLength(x.data.subarray(n * size, (n + 1) * size), width),
  );
}

function perStep(nats: Float64Array, lengths: readonly number[]) {
  const { mean, stderr, units } = ratioOfSums(
    Array.from(nats, (value) => -value),
    lengths,
  );
  return { steps: units, natsPerStep: mean, stderrPerStep: stderr };
}
