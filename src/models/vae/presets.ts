import type { Named, Preset, TrainingConfig } from "../contract.ts";

const training: TrainingConfig = {
  batchSize: 100,
  optimizer: "adam",
  learningRate: 1e-3,
  schedule: { name: "exponential", halfLife: 80_000, floor: 0.05 },
  ema: 0.999,
  validateEvery: 1000,
};

/** Named configurations. `paper` is the network whose test likelihoods are published; `kingma-2013` the first one. */
export const vaePresets: Named<Preset> = {
  small: {
    title: "one hidden layer of 128 units, 8 latent dimensions: seconds",
    model: { hidden: [128], latent: 8, activation: "relu" },
    training: {
      ...training,
      learningRate: 2e-3,
      schedule: { name: "constant" },
      ema: 0.99,
      validateEvery: 250,
      steps: 3000,
    },
  },
  paper: {
    title: "2 × 200 tanh units, 50 latent dimensions (Burda et al. 2015, arXiv 1509.00519, the VAE with L = 1)",
    model: { hidden: [200, 200], latent: 50, activation: "tanh" },
    training,
  },
  "kingma-2013": {
    title: "500 tanh units, 20 latent dimensions (Kingma & Welling 2013, arXiv 1312.6114, section 5)",
    model: { hidden: [500], latent: 20, activation: "tanh" },
    training,
  },
  conv: {
    title: "two strided convolutions of 32 and 64 channels, 256 units, 32 latent dimensions",
    model: { network: "conv", channels: [32, 64], hidden: [256], latent: 32, activation: "relu" },
    training,
  },
};
