import { SampoError } from "../base/errors.ts";
import type { DataSpec } from "../data/types.ts";
import { bind } from "../models/bound.ts";
import type { AnyModel, ModelEntry, Params, TrainingConfig } from "../models/contract.ts";
import { modelEntry } from "../models/registry.ts";
import { fold, key } from "../random/index.ts";
import type { Runtime } from "../runtime/index.ts";
import { decodeParams, evaluationParams, freedomOf } from "../training/index.ts";
import { kindOf, readBytes } from "./files.node.ts";
import { type LockedRun, openRun, type Run } from "./run.node.ts";
import { readState } from "./training-run.node.ts";

/** A run with its model and the parameters to use. */
export interface Trained {
  readonly run: Run;
  readonly entry: ModelEntry;
  readonly model: AnyModel;
  readonly params: Params;
  /** Which checkpoint the parameters come from, and its training step. */
  readonly checkpoint: { readonly name: "best" | "last"; readonly step: number };
}

/** Changes a model's configuration when a trained run is opened. */
export type Configure = (
  entry: ModelEntry,
  configuration: Readonly<Record<string, unknown>>,
) => Readonly<Record<string, unknown>>;

/** The model of a run, as its manifest configures it unless `configure` changes that. */
export function modelOfRun(
  run: Run,
  configure: Configure = (_, given) => given,
): { entry: ModelEntry; model: AnyModel; config: TrainingConfig } {
  const { manifest } = run;
  const entry = modelEntry(manifest.model);
  const spec = manifest.data.spec;
  const given = Object.entries(spec).filter(([, value]) => value !== undefined);
  const model = entry.make(configure(entry, manifest.configuration), Object.fromEntries(given) as unknown as DataSpec);
  return { entry, model, config: manifest.training as unknown as TrainingConfig };
}

/** Opens a trained run: the best parameters by validation, or the last where no validation was made. */
export function openTrained(folder: string, which: "best" | "last" | "auto" = "auto", configure?: Configure): Trained {
  const run = openRun(folder);
  const { entry, model, config } = modelOfRun(run, configure);
  const has = (path: string) => kindOf(path) === "file";
  const name = which === "auto" ? (has(run.paths.best) ? "best" : "last") : which;
  if (!has(run.paths[name]))
    throw new SampoError(
      run.manifest.status === "failed"
        ? `${folder} has no ${name} checkpoint: its training failed; train again with the same --out.`
        : `${folder} has no ${name} checkpoint yet: train it first, or go on with train --resume ${folder}.`,
    );
  const expected = () => model.init(fold(key(run.manifest.seed), "parameters"));
  const params =
    name === "best"
      ? decodeParams(readBytes(run.paths.best), expected(), model.name, run.paths.best, freedomOf(model))
      : evaluationParams(readState(run as LockedRun, model, config));
  return { run, entry, model, params, checkpoint: { name, step: run.manifest[name]?.step ?? 0 } };
}

/** What the fit has come to, where the parameters are those it ended with. */
export function fittedOf({ run, checkpoint }: Pick<Trained, "run" | "checkpoint">) {
  const { outcome } = run.manifest;
  return outcome?.step === checkpoint.step ? outcome : undefined;
}

/** The trained parameters on a runtime. */
export function bindTrained(trained: Trained, runtime: Runtime) {
  return bind(runtime, trained.params);
}
