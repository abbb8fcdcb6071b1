import { UsageError } from "../base/errors.ts";
import type { HostArray } from "../base/host.ts";
import { leaves } from "../base/tree.ts";
import type { SplitName } from "../data/types.ts";
import { bind, parametersOf } from "../models/bound.ts";
import type {
  AnyModel,
  DirectLearning,
  DirectStep,
  Examples,
  Outcome,
  Params,
  TrainingConfig,
} from "../models/contract.ts";
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

type Ending = { readonly reason: EndReason; readonly message: string; readonly outcome?: Outcome };

const now = () => performance.now() / 1000;
const PROGRESS_SECONDS = 0.5;
/** Steps each of which is told; of later ones those that are validated, the last one, and one every half second. */
const TOLD_STEPS = 200;

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
  yield { type: "start", step: state.step, parameters: parametersAt(fitting, state), stepsPerEpoch: 1 };
  let told = { saved: begun, progress: Number.NEGATIVE_INFINITY, step: state.step, validated: state.step };
  let ending = endingOf(fitting, state, 0);
  let last: DirectStep | undefined;
  const measured = async () => {
    const event = await validation(fitting, state, bind(options.runtime, state.params));
    told = { ...told, validated: state.step };
    return event && { ...event, best: event.best || learning.selects === true, ...place() };
  };
  const progress = ({ metrics = {}, done, partial = false }: DirectStep) => {
    const elapsed = Math.min(now() - told.progress, now() - begun);
    const stepsPerSecond = (state.step - told.step) / elapsed;
    told = { ...told, progress: now(), step: state.step };
    const more = { ...(partial ? { partial } : {}), ...(done === undefined ? {} : { done }) };
    return { type: "progress" as const, ...place(), stepsPerSecond, metrics, ...more };
  };
  if (!ending)
    for await (const step of learning.fit(given(fitting, state))) {
      last = step;
      state = after(model, state, step);
      const due = !step.partial && state.step % config.validateEvery === 0;
      const each = !step.partial && (due || state.step <= TOLD_STEPS);
      if (each || now() - told.progress >= PROGRESS_SECONDS) yield progress(step);
      if (due) {
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
  if (last && !last.partial && told.step !== state.step) yield progress(last);
  if (told.validated !== state.step) {
    const event = await measured();
    if (event) yield event;
  }
  if (last || options.resume) yield checkpoint();
  yield { type: "end", step: state.step, seconds: before + now() - begun, ...(ending ?? converged(state, last)) };
}

/** Parameters there are, 0 where that is not known before the fit. */
function parametersAt({ model, learning }: Fitting, { params }: TrainState): number {
  return learning.elastic ? 0 : parametersOf(model, params);
}

function converged({ step }: TrainState, last: DirectStep | undefined): Ending {
  const outcome = last?.outcome;
  const fitted = step === 1 ? "Fitted" : `Fitted in ${step} steps`;
  return {
    reason: "converged",
    message: outcome ? `${fitted}: ${outcome.text}.` : `${fitted}.`,
    ...(outcome ? { outcome } : {}),
  };
}

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
    ...(begunBefore(state) ? { resume: { step, params, state: optimizer } } : {}),
  };
}

/** Whether the procedure has told anything yet: a step, or a place within the first one. */
const begunBefore = ({ step, optimizer }: TrainState) => step > 0 || leaves<HostArray>(optimizer).length > 0;

/** The state after a step that the procedure has told, or at a place within one. */
function after(model: AnyModel, before: TrainState, { params, state, partial }: DirectStep): TrainState {
  if (hasNaN(params)) throw new UsageError(`The fit of ${model.name} gave a number that is not finite.`);
  const step = before.step + (partial ? 0 : 1);
  return { ...before, params, optimizer: state ?? {}, step, cursor: { epoch: step, position: 0 } };
}

const hasNaN = (params: Params) =>
  leaves<HostArray>(params).some(
    ({ dtype, data }) => dtype.startsWith("float") && (data as Float64Array).some(Number.isNaN),
  );

/** Why the fit ends although it has not returned, or undefined. */
function endingOf({ config, options }: Fitting, state: TrainState, spent: number): Ending | undefined {
  const { step, stale, best } = state;
  if (config.steps !== undefined && step >= config.steps)
    return { reason: "steps", message: `All ${config.steps} steps are done.` };
  if (config.patience !== undefined && stale >= config.patience)
    return { reason: "patience", message: `No better validation in ${config.patience}; best at step ${best?.step}.` };
  if (options.signal?.aborted) return { reason: "interrupted", message: "Interrupted; the state is saved." };
  if (options.seconds !== undefined && begunBefore(state) && spent >= options.seconds)
    return { reason: "time", message: "The time is up." };
  return undefined;
}
