import type { AnyModel, Named, TrainingConfig } from "../models/contract.ts";
import {
  decodeState,
  encodeParams,
  encodeState,
  freedomOf,
  initialState,
  type TrainEvent,
  type TrainingData,
  type TrainOptions,
  type TrainState,
  train,
} from "../training/index.ts";
import { readBytes, writeFileAtomic } from "./files.node.ts";
import { appendJsonLines, type JsonLinesWriter, truncateAfterStep } from "./jsonl.node.ts";
import type { RunStatus } from "./manifest.ts";
import { type LockedRun, updateManifest } from "./run.node.ts";

/** What training into a run folder needs. */
export interface TrainingRun {
  readonly run: LockedRun;
  readonly model: AnyModel;
  readonly data: TrainingData;
  readonly config: TrainingConfig;
  readonly options: TrainOptions;
}

const statusOf: Readonly<Record<Extract<TrainEvent, { type: "end" }>["reason"], RunStatus>> = {
  converged: "finished",
  steps: "finished",
  patience: "finished",
  time: "stopped",
  interrupted: "stopped",
  diverged: "diverged",
};

/**
 * Trains and keeps everything in the run folder as it goes: metrics line by line, the best parameters at each better
 * validation, the whole state at each checkpoint. Passes every event on after it is on disk.
 */
export async function* trainIntoRun({
  run,
  model,
  data,
  config,
  options,
}: TrainingRun): AsyncGenerator<TrainEvent, LockedRun> {
  truncateAfterStep(run.paths.metrics, options.resume?.step ?? 0);
  const metrics = appendJsonLines(run.paths.metrics);
  let current = updateManifest(run, { status: "running" });
  try {
    for await (const event of train(model, data, config, options)) {
      current = record(current, model, metrics, event);
      yield event;
    }
  } catch (error) {
    current = updateManifest(current, { status: "failed" });
    throw error;
  } finally {
    metrics.close();
  }
  return current;
}

function record(run: LockedRun, model: AnyModel, metrics: JsonLinesWriter, event: TrainEvent): LockedRun {
  switch (event.type) {
    case "start":
      return run;
    case "progress":
      if (!event.partial) metrics.append(line("train", event));
      return run;
    case "validation":
      metrics.append({ ...line("valid", event), best: event.best });
      if (!event.best) return run;
      writeFileAtomic(run.paths.best, encodeParams(event.params, model.name));
      return updateManifest(run, { best: { step: event.step, figures: { ...event.metrics } } });
    case "checkpoint":
      writeFileAtomic(run.paths.last, encodeState(event.state, model.name));
      return updateManifest(run, { seconds: event.state.seconds, last: { step: event.state.step, figures: {} } });
    case "end":
      return updateManifest(run, {
        status: statusOf[event.reason],
        ...(event.outcome
          ? { outcome: { step: event.step, text: event.outcome.text, figures: { ...event.outcome.figures } } }
          : {}),
      });
  }
}

function line(split: string, event: { step: number; epoch: number; seconds: number; metrics: Named<number> }) {
  const { step, epoch, seconds, metrics } = event;
  return { split, step, epoch, seconds: Number(seconds.toFixed(3)), ...metrics };
}

/** The state a run stopped in. */
export function readState(run: LockedRun, model: AnyModel, config: TrainingConfig): TrainState {
  const like = initialState(model, config, run.manifest.seed);
  const { params, ema, optimizer } = like;
  const layout = ema === undefined ? { params, optimizer } : { params, ema, optimizer };
  return decodeState(readBytes(run.paths.last), layout, model.name, run.paths.last, freedomOf(model));
}
