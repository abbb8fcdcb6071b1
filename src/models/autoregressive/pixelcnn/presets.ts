import type { Named, Preset, TrainingConfig } from "../../contract.ts";

const training: TrainingConfig = {
  batchSize: 16,
  optimizer: "adam",
  learningRate: 1e-3,
  schedule: { name: "cosine", steps: 40_000, floor: 0.01 },
  ema: 0.999,
  validateEvery: 1000,
};

const small: TrainingConfig = {
  ...training,
  learningRate: 3e-3,
  schedule: { name: "cosine", steps: 2000, floor: 0.02 },
  ema: 0.99,
  validateEvery: 250,
  steps: 2000,
};

/** Named configurations of the PixelCNN. */
export const pixelcnnPresets: Named<Preset> = {
  small: {
    title: "3 blocks of 16 filters: a minute",
    model: { filters: 16, blocks: 3, head: 32 },
    training: small,
  },
  paper: {
    title: "15 blocks of 128 filters (van den Oord et al. 2016, arXiv 1601.06759, table 1): days on a processor",
    model: { filters: 128, blocks: 15, head: 1024 },
    training: { ...training, schedule: { name: "cosine", steps: 200_000, floor: 0.01 } },
  },
};
