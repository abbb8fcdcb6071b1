import type { Named, Preset, TrainingConfig } from "../../../contract.ts";

/** Clipping tames the first steps, whose gradients Adam would remember for a thousand more. */
const training: TrainingConfig = {
  batchSize: 16,
  clip: 10,
  optimizer: "adam",
  learningRate: 1e-3,
  schedule: { name: "cosine", steps: 10_000, floor: 0.01 },
  warmup: 100,
  ema: 0.999,
  validateEvery: 2500,
  steps: 10_000,
};

/** Named configurations of PixelCNN++; the paper's rate falls by 0.999995 with every step, to a half in 138,629. */
export const plusPlusPresets: Named<Preset> = {
  small: {
    title: "1 block of 16 features at each of 2 sizes: a minute",
    model: { filters: 16, blocks: 1, levels: 2, mixture: 5 },
    training: {
      ...training,
      learningRate: 5e-3,
      schedule: { name: "cosine", steps: 1000, floor: 0.02 },
      warmup: 10,
      ema: 0.99,
      validateEvery: 250,
      steps: 1000,
    },
  },
  cifar: {
    title: "2 blocks of 32 features at each of 3 sizes, 10 components, on 32×32 colour images: 80 minutes on one core",
    model: { filters: 32, blocks: 2, levels: 3, mixture: 10 },
    training,
  },
  paper: {
    title:
      "5 blocks of 160 features at each of 3 sizes, 10 components (Salimans et al. 2017, arXiv 1701.05517): weeks on a processor",
    model: { filters: 160, blocks: 5, levels: 3, mixture: 10, dropout: 0.5 },
    training: {
      batchSize: 96,
      optimizer: "adam",
      learningRate: 1e-3,
      beta1: 0.95,
      beta2: 0.9995,
      schedule: { name: "exponential", halfLife: 138_629, floor: 0 },
      ema: 0.9995,
      validateEvery: 520,
      steps: 1_000_000,
    },
  },
};
