import type { Named, Preset, TrainingConfig } from "../../contract.ts";

const training: TrainingConfig = {
  batchSize: 16,
  optimizer: "adam",
  learningRate: 1e-3,
  schedule: { name: "cosine", steps: 64_000, floor: 0.01 },
  ema: 0.9995,
  validateEvery: 4000,
  steps: 64_000,
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
  mnist: {
    title: "12 blocks of 32 filters: binarised MNIST in one to two hours on two cores",
    model: { filters: 32, blocks: 12, head: 64 },
    training,
  },
  paper: {
    title: "15 blocks of 128 filters (van den Oord et al. 2016, arXiv 1601.06759, table 1): days on a processor",
    model: { filters: 128, blocks: 15, head: 1024 },
    training: { ...training, schedule: { name: "cosine", steps: 200_000, floor: 0.01 }, steps: 200_000 },
  },
};
