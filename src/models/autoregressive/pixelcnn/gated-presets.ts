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
  mnist: {
    title: "8 layers of 32 features that reach 18 pixels: MNIST in one to two hours on two cores",
    model: { channels: 32, layers: 8, dilations: [1, 2, 4], head: 64 },
    training,
  },
  "mnist-bytes": {
    title:
      "the same for 256 grey levels, seen as waves beside the value, and a wider last layer: under two hours on one core",
    model: { channels: 32, layers: 8, dilations: [1, 2, 4], head: 128, octaves: 8 },
    training: {
      ...training,
      learningRate: 5e-3,
      warmup: 200,
      schedule: { name: "cosine", steps: 32_000, floor: 0.01 },
      steps: 32_000,
    },
  },
  paper: {
    title:
      "20 layers of 384 features, 5×5 (van den Oord et al. 2016, arXiv 1606.05328, section 3.3): weeks on a processor",
    model: { channels: 384, layers: 20, inner: 5, head: 1024 },
    training: {
      ...training,
      learningRate: 3e-4,
      schedule: { name: "exponential", halfLife: 100_000, floor: 0.01 },
      validateEvery: 2000,
      steps: 500_000,
    },
  },
};
