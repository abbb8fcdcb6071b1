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

/**
 * Training towards a published likelihood: the average of the parameters is evaluated, the best by validation kept, and
 * twenty validations without a better one end it.
 */
const long: TrainingConfig = {
  batchSize: 100,
  optimizer: "adam",
  learningRate: 3e-3,
  schedule: { name: "exponential", halfLife: 10_000, floor: 0.01 },
  ema: 0.999,
  validateEvery: 500,
  patience: 20,
};

/** The same for objectives that see one set of known variables at a time and need many passes. */
const slow: TrainingConfig = {
  ...long,
  schedule: { name: "exponential", halfLife: 60_000, floor: 0.01 },
  validateEvery: 2000,
};

/** Named configurations of NADE. */
export const nadePresets: Named<Preset> = {
  small: {
    title: "50 hidden units: about a minute",
    model: { hidden: 50 },
    training: { ...short, learningRate: 2e-2 },
  },
  paper: {
    title: "500 hidden units, variables in raster order (Larochelle & Murray 2011)",
    model: { hidden: 500 },
    training: { ...long, learningRate: 1e-2 },
  },
};

/** Named configurations of MADE. */
export const madePresets: Named<Preset> = {
  small: { title: "one hidden layer of 200 units, one mask: seconds", model: { hidden: [200] }, training: short },
  "paper-500": {
    title: "one hidden layer of 500 units, one mask (Germain et al. 2015, arXiv 1502.03509)",
    model: { hidden: [500] },
    training: long,
  },
  masks: {
    title: "two hidden layers of 4000 units, 16 mask sets that differ by little: about half an hour on one core",
    model: { hidden: [4000, 4000], masks: 16, spread: 5 },
    training: { ...long, learningRate: 2e-3, beta2: 0.99, validateEvery: 250, patience: 8 },
  },
  paper: {
    title: "two hidden layers of 8000 units, 32 masks with an order each (Germain et al. 2015, table 6)",
    model: { hidden: [8000, 8000], masks: 32, orders: 32 },
    training: long,
  },
};

/** Named configurations of EoNADE. */
export const eonadePresets: Named<Preset> = {
  small: {
    title: "one hidden layer of 200 units, 2 orders: seconds",
    model: { hidden: [200], ensemble: 2 },
    training: short,
  },
  paper: {
    title: "one hidden layer of 500 units; evaluate with --set ensemble=128 (Uria et al. 2014, arXiv 1310.1757)",
    model: { hidden: [500], ensemble: 2 },
    training: slow,
  },
  "paper-2hl": {
    title: "two hidden layers of 500 units; evaluate with --set ensemble=128 (Uria et al. 2014, arXiv 1310.1757)",
    model: { hidden: [500, 500], ensemble: 2 },
    training: slow,
  },
};
