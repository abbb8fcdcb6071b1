import type { LockedRun } from "../artifacts/run.node.ts";
import { openTrained } from "../artifacts/trained.node.ts";
import type { Runtime } from "../runtime/index.ts";
import type { TrainEvent, TrainingData } from "../training/index.ts";
import type { Result } from "./command.ts";
import { formatDuration, type Reporter } from "./output/index.ts";

/** What is left to do when training has ended. */
export interface Finish {
  readonly run: LockedRun;
  readonly end: Extract<TrainEvent, { type: "end" }>;
  readonly data: TrainingData;
  readonly runtime: Runtime;
  readonly out: Reporter;
}

/** Draws the pictures and the report of a run that has ended, and sums it up. */
export async function finishRun({ run, end }: Finish): Promise<Result> {
  const { manifest, folder, paths } = run;
  const { checkpoint } = openTrained(folder);
  const json = {
    run: folder,
    model: manifest.model,
    step: end.step,
    seconds: end.seconds,
    ended: end.reason,
    best: manifest.best ?? null,
    checkpoint,
    report: paths.report,
  };
  const again =
    end.reason === "interrupted" || end.reason === "time" ? `\nGo on with: sampo train --resume ${folder}` : "";
  const text = `${folder}: ${end.step} steps in ${formatDuration(end.seconds)}. ${end.message}${again}`;
  return { text, json, exitCode: end.reason === "diverged" ? 1 : 0 };
}
