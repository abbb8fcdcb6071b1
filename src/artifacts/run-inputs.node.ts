import { labelsOf } from "../evaluation/index.ts";
import type { Bound } from "../models/bound.ts";
import type { Numbers } from "../models/contract.ts";
import { key } from "../random/index.ts";
import { examples, type TrainingData } from "../training/index.ts";
import type { Trained } from "./trained.node.ts";

/** What a report is made from. */
export interface ReportInputs {
  readonly trained: Trained;
  readonly on: Bound;
  readonly data: TrainingData;
}

/** Test examples in model units, chosen evenly over the split so that sorted files show every class. */
export function testExamples({ trained, data }: ReportInputs, count: number) {
  const { test } = data.dataset.splits;
  const step = Math.max(1, Math.floor(test.count / count));
  const indices = Uint32Array.from({ length: Math.min(count, test.count) }, (_, i) => i * step);
  const { x } = examples(trained.model, data, "test", indices, { key: key(0), epoch: 0 });
  const all = labelsOf(trained.model, data, "test", 0, test.count);
  const labels = all && Array.from(indices, (index) => all[index]!);
  const shown = test.labels ? Array.from(indices, (index) => test.labels![index]!) : targetsOf(data, x);
  return { x, shown, options: { key: key(0), ...(labels ? { labels } : {}) } };
}

/** The levels of the target of rows of a table; undefined where there is none, or where one is missing. */
function targetsOf({ dataset: { spec } }: TrainingData, x: Numbers): number[] | undefined {
  if (spec.target === undefined || !spec.classes) return undefined;
  const width = spec.columns!.length;
  const levels = Array.from({ length: x.shape[0]! }, (_, n) => x.data[n * width + spec.target!]!);
  return levels.some(Number.isNaN) ? undefined : levels;
}
