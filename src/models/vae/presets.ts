import type { Named, Preset, TrainingConfig } from "../contract.ts";

const training: TrainingConfig = {
  batchSize: 100,
  optimizer: "adam",
  learningRate: 1e-3,
  schedule: { name: "exponential", halfLife: 80_000, floor: 0.05 },
  ema: 0.999,
  validateEvery: 1000,
};

/**
 * Named configurations. `paper` is the one whose likelihoods stand in the results table; `kingma-2013` and `burda-2015`
 * are the networks of two papers, for who wants exactly those.
 */
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
    title:
      "two strided convolutions of 32 channels, 256 units, 40 latent dimensions: the published likelihood in half an hour",
    model: { network: "conv", channels: [32, 32], hidden: [256], latent: 40, activation: "relu" },
    training: { ...training, schedule: { name: "exponential", halfLife: 30_000, floor: 0.05 } },
  },
  "kingma-2013": {
    title: "500 tanh units, 20 latent dimensions (Kingma & Welling 2013, arXiv 1312.6114, section 5)",
    model: { hidden: [500], latent: 20, activation: "tanh" },
    training,
  },
  "burda-2015": {
    title: "2 × 200 tanh units, 50 latent dimensions (Burda et al. 2015, arXiv 1509.00519, the VAE with L = 1)",
    model: { hidden: [200, 200], latent: 50, activation: "tanh" },
    training,
  },
};
