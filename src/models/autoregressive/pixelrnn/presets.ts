import type { Named, Preset, TrainingConfig } from "../../contract.ts";

const training: TrainingConfig = {
  batchSize: 16,
  optimizer: "adam",
  learningRate: 4e-3,
  schedule: { name: "cosine", steps: 80_000, floor: 0.01 },
  ema: 0.999,
  validateEvery: 4000,
};

const short: TrainingConfig = {
  ...training,
  learningRate: 1e-2,
  schedule: { name: "cosine", steps: 1000, floor: 0.02 },
  ema: 0.99,
  validateEvery: 250,
  steps: 1000,
};

/** Named configurations of the Row LSTM. */
export const rowLstmPresets: Named<Preset> = {
  small: { title: "1 layer of 16 units: a minute", model: { units: 16, layers: 1, head: 32 }, training: short },
  "cpu-hours": {
    title: "2 layers of 32 units: two hours on two cores",
    model: { units: 32, layers: 2, head: 64 },
    training,
  },
  paper: {
    title: "7 layers of 16 units (van den Oord et al. 2016, arXiv 1601.06759, binarised MNIST)",
    model: { units: 16, layers: 7, head: 32 },
    training,
  },
};

/** Named configurations of the Diagonal BiLSTM. */
export const diagonalPresets: Named<Preset> = {
  small: { title: "1 layer of 16 units: a minute", model: { units: 16, layers: 1, head: 32 }, training: short },
  "paper-1-layer": {
    title: "1 layer of 32 units (van den Oord et al. 2016, arXiv 1601.06759, binarised MNIST)",
    model: { units: 32, layers: 1, head: 32 },
    training,
  },
  paper: {
    title: "7 layers of 16 units (van den Oord et al. 2016, arXiv 1601.06759, binarised MNIST)",
    model: { units: 16, layers: 7, head: 32 },
    training,
  },
};
