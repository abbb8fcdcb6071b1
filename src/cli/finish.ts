import { kindOf } from "../artifacts/files.node.ts";
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

/** Draws the pictures and the report of a run that has ended, and sums it up; one that diverged at once has nothing to draw. */
export async function finishRun({ run, end, data, runtime, out }: Finish): Promise<Result> {
  const { manifest, folder, paths } = run;
  const usable = [paths.best, paths.last].some((path) => kindOf(path) === "file");
  const trained = usable ? openTrained(folder) : undefined;
  out.progress({ label: "report" });
  if (trained) await writeRunReport({ trained, on: bindTrained(trained, runtime), data });
  const json = {
    run: folder,
    model: manifest.model,
    step: end.step,
    seconds: end.seconds,
    ended: end.reason,
    ...(end.outcome ? { fitted: end.outcome.figures } : {}),
    best: manifest.best ?? null,
    checkpoint: trained?.checkpoint ?? null,
    report: trained ? paths.report : null,
  };
  const again =
    end.reason === "interrupted" || end.reason === "time" ? `\nGo on with: sampo train --resume ${folder}` : "";
  const report = trained ? `\nReport: ${paths.report}` : "";
  const text = `${folder}: ${end.step} ${end.step === 1 ? "step" : "steps"} in ${formatDuration(end.seconds)}. ${end.message}${report}${again}`;
  return { text, json, exitCode: end.reason === "diverged" ? 1 : 0 };
}
