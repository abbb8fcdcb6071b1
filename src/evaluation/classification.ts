import { pieces } from "../data/cells-between.ts";
import type { SplitName } from "../data/types.ts";
import type { Bound } from "../models/bound.ts";
import type { AnyModel, Capabilities } from "../models/contract.ts";
import { fold } from "../random/index.ts";
import { examples, type TrainingData } from "../training/feed.ts";
import { type EvaluateOptions, meanAndError } from "./likelihood.ts";

/** How well the target of a table is predicted from its other columns. */
export interface ClassificationFigure {
  /** The target column. */
  readonly target: string;
  readonly classes: readonly string[];
  /** Share of rows whose most probable class is the true one, and its standard error. */
  readonly accuracy: number;
  readonly accuracyStderr: number;
  /** Mean of −log p(true class | inputs) in nats, and its standard error. */
  readonly logLoss: number;
  readonly logLossStderr: number;
  /** Rows by true class (rows) and most probable class (columns). */
  readonly confusion: readonly (readonly number[])[];
  /** Accuracy of always saying the class that is most frequent in the training rows. */
  readonly majority: number;
  /** Rows with a known target. */
  readonly count: number;
  readonly split: SplitName;
}

const CHUNK = 2000;

/** Accuracy, log-loss and confusion of a split; rows without a target say nothing. */
export async function evaluateClassification(
  model: AnyModel & Pick<Capabilities, "classify">,
  on: Bound,
  data: TrainingData,
  { split, key, limit, progress }: EvaluateOptions,
): Promise<ClassificationFigure> {
  const { spec, splits } = data.dataset;
  const classes = spec.classes!;
  const target = spec.target!;
  const count = Math.min(splits[split].count, limit ?? Number.POSITIVE_INFINITY);
  const confusion = classes.map(() => classes.map(() => 0));
  const [losses, hits]: [number[], number[]] = [[], []];
  for (let start = 0; start < count; start += CHUNK) {
    const indices = Uint32Array.from({ length: Math.min(CHUNK, count - start) }, (_, i) => start + i);
    const { x } = examples(model, data, split, indices, { key: fold(key, "examples"), epoch: 0 });
    const { data: logs } = await model.classify(on, x, { key: fold(fold(key, "classify"), start) });
    for (let n = 0; n < indices.length; n++) {
      const truth = x.data[n * spec.columns!.length + target]!;
      if (Number.isNaN(truth)) continue;
      const row = logs.subarray(n * classes.length, (n + 1) * classes.length);
      const said = row.reduce((best, log, i) => (log > row[best]! ? i : best), 0);
      confusion[truth]![said]!++;
      hits.push(Number(said === truth));
      losses.push(-row[truth]!);
    }
    progress?.((start + indices.length) / count);
  }
  const [accuracy, logLoss] = [meanAndError(hits), meanAndError(losses)];
  return {
    target: spec.columns![target]!.name,
    classes,
    accuracy: accuracy.mean,
    accuracyStderr: accuracy.stderr,
    logLoss: logLoss.mean,
    logLossStderr: logLoss.stderr,
    confusion,
    majority: confusion[mostFrequent(data)]!.reduce((a, b) => a + b, 0) / hits.length,
    count: hits.length,
    split,
  };
}

/** The class that most training rows have. */
function mostFrequent({ dataset: { spec, splits } }: TrainingData): number {
  const counts = spec.classes!.map(() => 0);
  const width = spec.columns!.length;
  for (const { cells } of pieces(splits.train, width))
    for (let at = spec.target!; at < cells.length; at += width) if (!Number.isNaN(cells[at]!)) counts[cells[at]!]!++;
  return counts.indexOf(Math.max(...counts));
}
