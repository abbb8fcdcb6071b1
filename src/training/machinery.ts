import { UsageError } from "../base/errors.ts";
import { batchesPerEpoch, firstCursor } from "../data/batching.ts";
import type { AnyModel, Params, Phase, TrainingConfig } from "../models/contract.ts";
import { type Ema, ema, type Optimizer, type Plateau, plateau, type Schedule } from "../optim/index.ts";
import { fold, key as keyOf } from "../random/index.ts";
import { checkTraining, gradientConfig, learningRateOf, optimizerOf } from "./config.ts";
import type { TrainState } from "./state.ts";
import { initOptimizer } from "./step.ts";

/** What a configuration says about how to step. */
export interface Machinery {
  readonly optimizer: Optimizer;
  readonly ema?: Ema;
  readonly learningRate: Schedule;
  readonly plateau?: Plateau;
  readonly phases: readonly Phase[];
}

/** The machinery of a model that learns by gradient steps, and a training configuration. */
export function machinery(model: AnyModel, training: TrainingConfig): Machinery {
  if (model.learning.kind !== "gradient") throw new UsageError(`${model.name} is fitted without gradient steps.`);
  const config = gradientConfig(training);
  return {
    optimizer: optimizerOf(config),
    learningRate: learningRateOf(config),
    phases: model.learning.phases,
    ...(config.ema === undefined ? {} : { ema: ema(config.ema) }),
    ...(config.schedule.name === "plateau" ? { plateau: plateau(config.schedule) } : {}),
  };
}

/** How many times a run has seen every example after so many steps. */
export function epochsOf(model: AnyModel, batchSize: number, count: number, steps: number): number {
  return model.learning.kind !== "gradient" ? steps : steps / batchesPerEpoch(count, batchSize);
}

/** The parameters a model starts from when nothing else is given. */
export function initialParams(model: AnyModel, seed: number): Params {
  return model.init(fold(keyOf(seed), "parameters"));
}

/** The state before the first step, from fresh parameters or from given ones. */
export function initialState(
  model: AnyModel,
  config: TrainingConfig,
  seed: number,
  params: Params = initialParams(model, seed),
): TrainState {
  checkTraining(model, config);
  const start = { step: 0, key: keyOf(seed), cursor: firstCursor, stale: 0, seconds: 0 };
  if (model.learning.kind !== "gradient") return { params, optimizer: {}, ...start };
  const { optimizer, ema: average, phases } = machinery(model, config);
  return {
    params,
    ...(average ? { ema: average.init(params) } : {}),
    optimizer: initOptimizer(params, phases, optimizer) as Params,
    ...start,
  };
}

/** The learning rate at a place of a run: the schedule, scaled by what the plateau has made of it. */
export function currentRate(
  { learningRate }: Machinery,
  { step, plateau }: Pick<TrainState, "step" | "plateau">,
): number {
  return learningRate(step) * (plateau?.scale ?? 1);
}
