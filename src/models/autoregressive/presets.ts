import type { Named, Preset, TrainingConfig } from "../contract.ts";

/** Training for a few thousand steps: seconds to a minute. */
const short: TrainingConfig = {
  batchSize: 100,
  optimizer: "adam",
  learningRate: 2e-3,
  schedule: { name: "cosine", steps: 3000, floor: 0.02 },
  ema: 0.99,
  validateEvery: 250,
  steps: 3000,
};

/** Training towards a published likelihood: the average of the parameters is evaluated, the best by validation kept. */
const long: TrainingConfig = {
  batchSize: 100,
  optimizer: "adam",
  learningRate: 1e-3,
  schedule: { name: "exponential", halfLife: 15_000, floor: 0.02 },
  ema: 0.999,
  validateEvery: 500,
};

/** Named configurations of NADE. */
export const nadePresets: Named<Preset> = {
  small: { title: "50 hidden units: about a minute", model: { hidden: 50 }, training: short },
  paper: {
    title: "500 hidden units, variables in raster order (Larochelle & Murray 2011)",
    model: { hidden: 500 },
    training: long,
  },
};
