import { UsageError } from "../base/errors.ts";
import type { HostArray } from "../base/host.ts";
import { leaves } from "../base/tree.ts";
import type { SplitName } from "../data/types.ts";
import { bind, parametersOf } from "../models/bound.ts";
import type { AnyModel, DirectLearning, DirectStep, Examples, Params, TrainingConfig } from "../models/contract.ts";
import { fold } from "../random/index.ts";
import { checkTraining } from "./config.ts";
import type { EndReason, TrainEvent } from "./events.ts";
import { examples, type TrainingData } from "./feed.ts";
import { judged, validation } from "./fitting.ts";
import { initialState } from "./machinery.ts";
import type { TrainOptions } from "./sitting.ts";
import type { TrainState } from "./state.ts";

/** A direct fit in progress: what is fixed about it. */
interface Fitting {
  readonly model: AnyModel;
  readonly learning: DirectLearning;
  readonly data: TrainingData;
  readonly config: TrainingConfig;
  readonly options: TrainOptions;
}

type Ending = { readonly reason: EndReason; readonly message: string };

const now = () => performance.now() / 1000;
const PROGRESS_SECONDS = 0.5;

/**
 * Fits a model by its own procedure and tells what happens as the same events as every other training: a step is what the
 * procedure calls one. Stopped between two steps and resumed it gives the numbers of a fit that never stopped, as far as
 * the procedure tells all it needs.
 */
export async function* fitDirectly(fitting: Fitting): AsyncGenerator<TrainEvent, void> {
  const { model, learning, config, options } = fitting;
  checkTraining(model, config);
  const begun = now();
  let state = options.resume ?? initialState(model, config, options.seed);
  const before = state.seconds;
  const place = () => ({ step: state.step, epoch: state.step, seconds: before + now() - begun });
  const checkpoint = () => ({ type: "checkpoint" as const, state: { ...state, seconds: before + now() - begun } });
  yield { type: "start", step: state.step, parameters: parametersOf(model, state.params), stepsPerEpoch: 1 };
  let told = { saved: begun, progress: Number.NEGATIVE_INFINITY, step: state.step, validated: state.step };
  let ending = endingOf(fitting, state, 0);
  const measured = async () => {
    const event = await validation(fitting, state, bind(options.runtime, state.params));
    told = { ...told, validated: state.step };
    return event && { ...event, ...place() };
  };
  if (!ending)
    for await (const step of learning.fit(given(fitting, state))) {
      state = after(model, state, step);
      const elapsed = now() - told.progress;
      if (elapsed >= PROGRESS_SECONDS) {
        const { metrics = {}, done } = step;
        const stepsPerSecond = (state.step - told.step) / Math.min(elapsed, now() - begun);
        yield { type: "progress", ...place(), stepsPerSecond, metrics, ...(done === undefined ? {} : { done }) };
        told = { ...told, progress: now(), step: state.step };
      }
      if (state.step % config.validateEvery === 0) {
        const event = await measured();
        if (event) yield event;
        state = judged(state, event);
      }
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      ending = endingOf(fitting, state, now() - begun);
      if (ending) break;
      if (now() - told.saved < (options.checkpointSeconds ?? 30)) continue;
      told = { ...told, saved: now() };
      yield checkpoint();
    }
  if (told.validated !== state.step) {
    const event = await measured();
    if (event) yield event;
  }
  yield checkpoint();
  yield { type: "end", step: state.step, seconds: before + now() - begun, ...(ending ?? converged(state)) };
}

const converged = ({ step }: TrainState): Ending => ({
  reason: "converged",
  message: step === 1 ? "Fitted." : `Fitted in ${step} steps.`,
});

/** What the procedure is given: the examples, and where it stood. */
function given({ model, data, options }: Fitting, state: TrainState) {
  const { step, params, optimizer } = state;
  const source = (split: SplitName): Examples => ({
    count: data.dataset.splits[split].count,
    stored: data.dataset.splits[split].stored !== undefined,
    read: async (start, end) => {
      const indices = Uint32Array.from({ length: end - start }, (_, i) => start + i);
      return examples(model, data, split, indices, { key: fold(state.key, "examples"), epoch: 0 }).x;
    },
  });
  return {
    train: source("train"),
    valid: source("valid"),
    key: fold(state.key, "fit"),
    runtime: options.runtime,
    ...(step > 0 ? { resume: { step, params, state: optimizer } } : {}),
  };
}

/** The state after a step that the procedure has told. */
function after(model: AnyModel, before: TrainState, { params, state }: DirectStep): TrainState {
  if (hasNaN(params)) throw new UsageError(`The fit of ${model.name} gave a number that is not finite.`);
  const step = before.step + 1;
  return { ...before, params, optimizer: state ?? {}, step, cursor: { epoch: step, position: 0 } };
}

const hasNaN = (params: Params) =>
  leaves<HostArray>(params).some(
    ({ dtype, data }) => dtype.startsWith("float") && (data as Float64Array).some(Number.isNaN),
  );

/** Why the fit ends although it has not returned, or undefined. */
function endingOf({ config, options }: Fitting, { step, stale, best }: TrainState, spent: number): Ending | undefined {
  if (config.steps !== undefined && step >= config.steps)
    return { reason: "steps", message: `All ${config.steps} steps are done.` };
  if (config.patience !== undefined && stale >= config.patience)
    return { reason: "patience", message: `No better validation in ${config.patience}; best at step ${best?.step}.` };
  if (options.signal?.aborted) return { reason: "interrupted", message: "Interrupted; the state is saved." };
  if (options.seconds !== undefined && step > 0 && spent >= options.seconds)
    return { reason: "time", message: "The time is up." };
  return undefined;
}
