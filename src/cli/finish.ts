import type { LockedRun } from "../artifacts/run.node.ts";
import { writeRunReport } from "../artifacts/run-report.node.ts";
import { bindTrained, openTrained } from "../artifacts/trained.node.ts";
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
export async function finishRun({ run, end, data, runtime, out }: Finish): Promise<Result> {
  const { manifest, folder, paths } = run;
  const trained = openTrained(folder);
  const { checkpoint } = trained;
  out.progress({ label: "report" });
  await writeRunReport({ trained, on: bindTrained(trained, runtime), data });
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
  const text = `${folder}: ${end.step} steps in ${formatDuration(end.seconds)}. ${end.message}\nReport: ${paths.report}${again}`;
  return { text, json, exitCode: end.reason === "diverged" ? 1 : 0 };
}
