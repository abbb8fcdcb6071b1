import type { AnyModel, TrainingConfig } from "../models/contract.ts";
import { fitDirectly } from "./direct.ts";
import type { TrainEvent } from "./events.ts";
import type { TrainingData } from "./feed.ts";
import { fitInRounds } from "./fitting.ts";
import { Sitting, type TrainOptions } from "./sitting.ts";

/**
 * Trains a model, by gradient steps or in closed form as it learns, and tells what happens as events. The numbers depend
 * on model, configuration, data and seed alone: not on time, on checkpoints, or on how often the run was stopped and
 * resumed.
 */
export async function* train(
  model: AnyModel,
  data: TrainingData,
  config: TrainingConfig,
  options: TrainOptions,
): AsyncGenerator<TrainEvent, void> {
  const { learning } = model;
  if (learning.kind === "closed-form") yield* fitInRounds({ model, learning, data, config, options });
  else if (learning.kind === "direct") yield* fitDirectly({ model, learning, data, config, options });
  else yield* steps(model, data, config, options);
}

async function* steps(
  model: AnyModel,
  data: TrainingData,
  config: TrainingConfig,
  options: TrainOptions,
): AsyncGenerator<TrainEvent, void> {
  const sitting = await Sitting.open(model, data, config, options);
  try {
    yield sitting.started();
    let ending = sitting.ending();
    while (!ending) {
      await sitting.step();
      const progress = sitting.progressed();
      if (progress) yield progress;
      const validation = await sitting.validated();
      if (validation) yield validation;
      const checkpoint = sitting.checkpoint();
      if (checkpoint) yield checkpoint;
      await sitting.breathe();
      ending = sitting.ending();
    }
    const last = await sitting.validatedLast();
    if (last) yield last;
    const final = sitting.checkpoint(true);
    if (final) yield final;
    yield sitting.ended(ending);
  } finally {
    await sitting.close();
  }
}
