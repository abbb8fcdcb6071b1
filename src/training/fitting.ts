import { UsageError } from "../base/errors.ts";
import { consecutiveSplits } from "../data/text/windows.ts";
import { type Bound, bind, parametersOf } from "../models/bound.ts";
import {
  type AnyModel,
  type Capabilities,
  type ClosedForm,
  can,
  type Named,
  type Params,
  type TrainingConfig,
} from "../models/contract.ts";
import { targetNats } from "../models/tables.ts";
import { fold, key as keyOf } from "../random/index.ts";
import { checkTraining } from "./config.ts";
import type { EndReason, TrainEvent } from "./events.ts";
import { examples, type TrainingData } from "./feed.ts";
import { allFinite } from "./guard.ts";
import { initialState } from "./machinery.ts";
import type { TrainOptions } from "./sitting.ts";
import { firstLook } from "./start.ts";
import type { TrainState } from "./state.ts";

type Ending = { readonly reason: EndReason; readonly message: string };

/** A fit in progress: what is fixed about it. */
interface Fitting {
  readonly model: AnyModel;
  readonly learning: ClosedForm;
  readonly data: TrainingData;
  readonly config: TrainingConfig;
  readonly options: TrainOptions;
}

const now = () => performance.now() / 1000;
/** Examples that a fit may look at before its first round. */
const FIRST_LOOK = 4000;

/**
 * Fits a model round by round and tells what happens as the same events as training by gradient steps: a step is a round
 * over all training examples. Stopped and resumed between rounds it gives the numbers of a fit that never stopped.
 */
export async function* fitInRounds(given: Fitting): AsyncGenerator<TrainEvent, void> {
  const fitting = { ...given, data: { ...given.data, dataset: consecutiveSplits(given.data.dataset) } };
  const { model, config, options } = fitting;
  checkTraining(model, config);
  const begun = now();
  let state = options.resume ?? (await started(fitting));
  const before = state.seconds;
  const clock = <E extends object>(event: E) => ({ ...event, ...placeOf(state), seconds: before + now() - begun });
  const on = bind(options.runtime, state.params);
  yield { type: "start", step: state.step, parameters: parametersOf(model, state.params), stepsPerEpoch: 1 };
  let saved = begun;
  let ending = endingOf(fitting, state, 0);
  while (!ending) {
    const roundBegun = now();
    const next = await round(fitting, state, on.with(state.params));
    if (!next) {
      ending = interrupted;
      break;
    }
    state = next;
    yield clock({ type: "progress" as const, stepsPerSecond: 1 / (now() - roundBegun), ...told(fitting, state) });
    ending = endingOf(fitting, state, now() - begun);
    const due = state.step % config.validateEvery === 0;
    const event = due || ending ? await validation(fitting, state, on.with(state.params)) : undefined;
    if (event) yield clock(event);
    if (due) state = judged(state, event);
    ending ??= endingOf(fitting, state, now() - begun);
    if (!ending && now() - saved >= (options.checkpointSeconds ?? 30)) {
      saved = now();
      yield { type: "checkpoint", state: { ...state, seconds: before + now() - begun } };
    }
  }
  yield { type: "checkpoint", state: { ...state, seconds: before + now() - begun } };
  yield { type: "end", step: state.step, seconds: before + now() - begun, ...ending };
}

/** What a round tells: the loss before it, and how much of the rounds is done. */
function told({ config, learning }: Fitting, { fit, step }: TrainState) {
  const metrics: Named<number> = fit ? { loss: -fit.nats } : {};
  return { metrics, ...(config.steps && learning.tolerance ? { done: step / config.steps } : {}) };
}

const placeOf = ({ step }: TrainState) => ({ step, epoch: step });
const interrupted: Ending = { reason: "interrupted", message: "Interrupted; the state is saved." };

/** The state before the first round: the model's own start where it has one. */
async function started({ model, learning, data, config, options }: Fitting): Promise<TrainState> {
  const state = initialState(model, config, options.seed);
  if (!learning.start) return state;
  const { x } = firstLook(model, data, state.key, FIRST_LOOK);
  return { ...state, params: await learning.start(options.runtime, x, fold(keyOf(options.seed), "start")) };
}

const trainNoise = ({ key }: TrainState) => ({ key: fold(key, "examples"), epoch: 0 });

/** The state after one more round over all training examples; undefined when it was interrupted. */
async function round({ model, learning, data, config, options }: Fitting, state: TrainState, on: Bound) {
  const { count } = data.dataset.splits.train;
  const sums = learning.zeros();
  for (let start = 0; start < count; start += config.batchSize) {
    const indices = Uint32Array.from({ length: Math.min(config.batchSize, count - start) }, (_, i) => start + i);
    await learning.add(sums, on, examples(model, data, "train", indices, trainNoise(state)).x);
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    if (options.signal?.aborted) return undefined;
  }
  const params = learning.solve(sums, count);
  if (!allFinite(params)) throw new UsageError(`The fit of ${model.name} gave a number that is not finite.`);
  const step = state.step + 1;
  return { ...state, params, step, cursor: { epoch: step, position: 0 }, ...remembered(sums.nats, count, state) };
}

/** log p(x) per example under the parameters before the round, and what it gained on the round before. */
function remembered(nats: Float64Array | undefined, count: number, { fit }: TrainState): Pick<TrainState, "fit"> {
  if (!nats) return {};
  const mean = nats[0]! / count;
  return { fit: fit ? { nats: mean, gain: mean - fit.nats } : { nats: mean } };
}

/** Why the fit ends now, or undefined. */
function endingOf(
  { learning: { tolerance }, config, options }: Fitting,
  state: TrainState,
  spent: number,
): Ending | undefined {
  const { step, fit, stale, best } = state;
  if (tolerance === undefined && step >= 1)
    return { reason: "converged", message: "Fitted: one round over the examples is all it takes." };
  if (tolerance !== undefined && fit?.gain !== undefined && fit.gain < tolerance)
    return {
      reason: "converged",
      message: `Converged: the last of ${step} rounds gained less than ${tolerance} nats per example.`,
    };
  if (config.steps !== undefined && step >= config.steps)
    return { reason: "steps", message: `All ${config.steps} rounds are done.` };
  if (config.patience !== undefined && stale >= config.patience)
    return {
      reason: "patience",
      message: `No better validation in ${config.patience}; best at round ${best?.step}.`,
    };
  if (options.signal?.aborted) return interrupted;
  if (options.seconds !== undefined && step > 0 && spent >= options.seconds)
    return { reason: "time", message: "The time is up." };
  return undefined;
}

type Validation = {
  readonly type: "validation";
  readonly metrics: Named<number>;
  readonly best: boolean;
  readonly params: Params;
};

/**
 * The mean of −log p(x) over the validation split for models that have a likelihood, else of −log p(target | inputs) for
 * those that classify rows of a table.
 */
export async function validation(
  { model, data, config }: Pick<Fitting, "model" | "data" | "config">,
  { params, key, best }: TrainState,
  on: Bound,
): Promise<Validation | undefined> {
  if (!can(model, "logProb") && !can(model, "classify")) return undefined;
  const { count } = data.dataset.splits.valid;
  let sum = 0;
  for (let start = 0; start < count; start += config.batchSize) {
    const indices = Uint32Array.from({ length: Math.min(config.batchSize, count - start) }, (_, i) => start + i);
    const { x } = examples(model, data, "valid", indices, { key, epoch: 0 });
    const options = { key: fold(fold(key, "validation"), start) };
    const nats = can(model, "logProb")
      ? (await model.logProb(on, x, options)).nats
      : targetNats(model.data, x, (await (model as Pick<Capabilities, "classify">).classify(on, x, options)).data);
    sum += nats.reduce((a, b) => a + b, 0);
  }
  const loss = -sum / count;
  return { type: "validation", metrics: { loss }, best: best === undefined || loss < best.value, params };
}

/** The state with what a validation has shown. */
export function judged(state: TrainState, event: Validation | undefined): TrainState {
  if (!event) return state;
  if (!event.best) return { ...state, stale: state.stale + 1 };
  return { ...state, stale: 0, best: { step: state.step, value: event.metrics.loss! } };
}
