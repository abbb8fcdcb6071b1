import type { Named, Preset, TrainingConfig } from "../../contract.ts";

const training: TrainingConfig = {
  batchSize: 16,
  optimizer: "adam",
  learningRate: 1e-3,
  schedule: { name: "cosine", steps: 40_000, floor: 0.01 },
  ema: 0.999,
  validateEvery: 1000,
};

/** Named configurations of the Gated PixelCNN. */
export const gatedPresets: Named<Preset> = {
  small: {
    title: "4 layers of 16 features: a minute",
    model: { channels: 16, layers: 4, dilations: [1, 2, 4], head: 32 },
    training: {
      ...training,
      learningRate: 3e-3,
      schedule: { name: "cosine", steps: 1500, floor: 0.02 },
      ema: 0.99,
      validateEvery: 250,
      steps: 1500,
    },
  },
};
