import type { ClassificationFigure, LikelihoodFigure, ReconstructionFigure } from "../evaluation/index.ts";
import { kindOf } from "./files.node.ts";
import { appendJsonLines, readJsonLines } from "./jsonl.node.ts";
import type { Run } from "./run.node.ts";
import type { Trained } from "./trained.node.ts";

/** One evaluation of a run: which parameters were measured, when, and what came out. */
interface Evaluation {
  readonly time: string;
  readonly checkpoint: Trained["checkpoint"];
  readonly seed: number;
  readonly likelihood?: LikelihoodFigure;
  readonly reconstruction?: ReconstructionFigure;
  readonly classification?: ClassificationFigure;
}

/** Adds an evaluation to a run folder's evaluations.jsonl. */
export function recordEvaluation(run: Run, evaluation: Omit<Evaluation, "time">): void {
  const lines = appendJsonLines(run.paths.evaluations);
  try {
    lines.append({ time: new Date().toISOString(), ...evaluation });
  } finally {
    lines.close();
  }
}

/** The evaluations of a run so far, oldest first. */
function readEvaluations(run: Run): Evaluation[] {
  if (kindOf(run.paths.evaluations) !== "file") return [];
  return readJsonLines(run.paths.evaluations) as unknown as Evaluation[];
}

/** Likelihoods measured with the parameters of a checkpoint, the latest of each split, size and method. */
export function likelihoodsOf(run: Run, checkpoint: Trained["checkpoint"]): LikelihoodFigure[] {
  const latest = new Map<string, LikelihoodFigure>();
  for (const { checkpoint: measured, likelihood } of readEvaluations(run))
    if (likelihood && measured?.name === checkpoint.name && measured.step === checkpoint.step)
      latest.set([likelihood.split, likelihood.count, likelihood.via, likelihood.protocol].join("\n"), likelihood);
  return [...latest.values()];
}

/** Classifications measured with the parameters of a checkpoint, the latest of each split. */
export function classificationsOf(run: Run, checkpoint: Trained["checkpoint"]): ClassificationFigure[] {
  const latest = new Map<string, ClassificationFigure>();
  for (const { checkpoint: measured, classification } of readEvaluations(run))
    if (classification && measured?.name === checkpoint.name && measured.step === checkpoint.step)
      latest.set([classification.split, classification.count].join("\n"), classification);
  return [...latest.values()];
}
