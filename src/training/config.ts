import { z } from "zod";
import { UsageError } from "../base/errors.ts";
import { unknownName } from "../base/suggest.ts";
import type { AnyModel, ScheduleConfig, TrainingConfig } from "../models/contract.ts";
import {
  adam,
  adamax,
  adamW,
  chain,
  clipByGlobalNorm,
  constantSchedule,
  cosineSchedule,
  exponentialSchedule,
  inverseSqrtSchedule,
  linearSchedule,
  lion,
  matricesOnly,
  type Optimizer,
  rmsProp,
  type Schedule,
  sgd,
  stepSchedule,
  warmup,
} from "../optim/index.ts";

type Betas = Pick<TrainingConfig, "beta1" | "beta2" | "weightDecay">;

const betasOf = ({ beta1, beta2 }: Betas) => ({
  ...(beta1 === undefined ? {} : { beta1 }),
  ...(beta2 === undefined ? {} : { beta2 }),
});

const optimizers: Readonly<Record<string, (config: Betas) => Optimizer>> = {
  sgd: () => sgd(),
  momentum: () => sgd({ momentum: 0.9 }),
  adam: (config) => adam(betasOf(config)),
  adamw: (config) => adamW({ ...betasOf(config), weightDecay: config.weightDecay ?? 0.01, mask: matricesOnly }),
  adamax: () => adamax(),
  rmsprop: () => rmsProp(),
  lion: () => lion(),
};

/** The names `optimizer` may have. */
export const optimizerNames = Object.keys(optimizers);

const count = z.int().positive();
const fraction = z.number().min(0).max(1);

const scheduleSchema = z.discriminatedUnion("name", [
  z.strictObject({ name: z.literal("constant") }),
  z.strictObject({ name: z.literal("exponential"), halfLife: count, floor: fraction }),
  z.strictObject({ name: z.enum(["linear", "cosine"]), steps: count, floor: fraction }),
  z.strictObject({ name: z.literal("step"), boundaries: z.array(count), factor: fraction }),
  z.strictObject({ name: z.literal("inverse-sqrt"), peak: count }),
  z.strictObject({ name: z.literal("plateau"), factor: fraction, patience: count }),
]);

/** What a training configuration in a file or on the command line must look like. */
export const trainingSchema = z.strictObject({
  batchSize: count.describe("examples per step"),
  optimizer: z
    .string()
    .optional()
    .describe(`one of ${optimizerNames.join(", ")}`),
  learningRate: z.number().positive().optional().describe("peak learning rate"),
  schedule: scheduleSchema.optional().describe("how the learning rate changes"),
  warmup: count.optional().describe("steps over which the learning rate grows from zero"),
  weightDecay: z.number().nonnegative().optional().describe("decoupled weight decay of adamw, on all but vectors"),
  beta1: z.number().min(0).lt(1).optional().describe("decay of the gradients' average of adam and adamw"),
  beta2: z.number().min(0).lt(1).optional().describe("decay of the squared gradients' average of adam and adamw"),
  clip: z.number().positive().optional().describe("largest global gradient norm"),
  ema: z.number().min(0).lt(1).optional().describe("decay of the parameters' moving average"),
  validateEvery: count.describe("steps between validations"),
  patience: count.optional().describe("stop after so many validations without a better one"),
  steps: count.optional().describe("stop after so many steps"),
});

/** What a configuration says about gradient steps. */
export type GradientConfig = TrainingConfig & Required<Pick<TrainingConfig, "optimizer" | "learningRate" | "schedule">>;

const gradientOnly = [
  "optimizer",
  "learningRate",
  "schedule",
  "warmup",
  "weightDecay",
  "beta1",
  "beta2",
  "clip",
  "ema",
] as const;

/** The configuration of a model that learns by gradient steps; throws where it leaves out how. */
export function gradientConfig(config: TrainingConfig): GradientConfig {
  const missing = (["optimizer", "learningRate", "schedule"] as const).find((name) => config[name] === undefined);
  if (missing) throw new UsageError(`Training by gradient steps needs the setting ${missing}.`);
  return config as GradientConfig;
}

/** Throws unless a configuration says only what concerns the way the model learns. */
export function checkTraining(model: AnyModel, config: TrainingConfig): void {
  if (model.learning.kind === "gradient") return void gradientConfig(config);
  const given = gradientOnly.find((name) => config[name] !== undefined);
  if (given)
    throw new UsageError(
      `${model.name} is fitted ${model.learning.kind === "direct" ? "by a procedure of its own" : "in closed form"}, without gradient steps: leave the ${given} out.`,
    );
}

/** The optimiser of a configuration, with clipping. */
export function optimizerOf(config: GradientConfig): Optimizer {
  const make = optimizers[config.optimizer];
  if (!make) throw new UsageError(unknownName("optimizer", config.optimizer, optimizerNames));
  return config.clip === undefined ? make(config) : chain(clipByGlobalNorm(config.clip), make(config));
}

/** The learning rate by step (without the plateau's scale, which depends on validation). */
export function learningRateOf(config: GradientConfig): Schedule {
  const factor = scheduleOf(config.schedule);
  const scaled: Schedule = (step) => config.learningRate * factor(step);
  return config.warmup === undefined ? scaled : warmup(config.warmup, scaled);
}

function scheduleOf(schedule: ScheduleConfig): Schedule {
  switch (schedule.name) {
    case "constant":
    case "plateau":
      return constantSchedule(1);
    case "exponential":
      return floored(exponentialSchedule(1, 0.5, schedule.halfLife), schedule.floor);
    case "linear":
      return linearSchedule(1, schedule.floor, schedule.steps);
    case "cosine":
      return cosineSchedule(1, schedule.floor, schedule.steps);
    case "step":
      return stepSchedule(1, schedule.boundaries, schedule.factor);
    case "inverse-sqrt":
      return inverseSqrtSchedule(1, schedule.peak);
  }
}

const floored =
  (schedule: Schedule, floor: number): Schedule =>
  (step) =>
    Math.max(floor, schedule(step));
