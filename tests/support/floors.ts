/** What a short run of a model's first preset must reach. */
interface Floor {
  readonly steps: number;
  /** Validation loss in nats per example. */
  readonly loss: number;
  /** Every so many-th row and column of images alone, for models that are slow on many pixels. */
  readonly every?: number;
  /** A generated data set; binary digits, and for models of tables alone the generated table, when left out. */
  readonly data?: string;
}

/** The floors of all models with a likelihood, on 4,000 generated examples. */
export const floors: Record<string, Floor> = {
  bernoulli: { steps: 1, loss: 200 },
  "bernoulli-mixture": { steps: 30, loss: 160 },
  "conditional-table": { steps: 1, loss: 150 },
  ngram: { steps: 1, loss: 260 },
  vae: { steps: 500, loss: 118 }, // 110.9 when written; pixel frequencies alone give 197
  fvsbn: { steps: 500, loss: 145 }, // 137.6 when written
  pixelcnn: { steps: 300, loss: 40, every: 2 }, // 35.9 when written
  "gated-pixelcnn": { steps: 250, loss: 42, every: 2 }, // 37.9 when written
  "pixelcnn++": { steps: 100, loss: 40, every: 2 }, // 37.8 when written
  nade: { steps: 300, loss: 130 },
  eonade: { steps: 500, loss: 130 },
  made: { steps: 500, loss: 115 }, // 106.1 when written
  "row-lstm": { steps: 150, loss: 41, every: 2 }, // 38.1 when written
  "diagonal-bilstm": { steps: 120, loss: 42, every: 2 }, // 39.2 when written
  gpt: { steps: 150, loss: 44, every: 2 }, // 39.4 when written
  "image-gpt": { steps: 200, loss: 49, every: 2 }, // 45.2 when written
  independent: { steps: 1, loss: 7.7 }, // 7.58 when written
  "naive-bayes": { steps: 1, loss: 6.85 }, // 6.74 when written
  "image-transformer": { steps: 200, loss: 49, every: 2 }, // 45.0 when written
  "chow-liu": { steps: 1, loss: 112 }, // 107.6 when written
  "markov-chain": { steps: 1, loss: 180 }, // 173.2 when written
  hmm: { steps: 10, loss: 69, every: 2 }, // 65.2 when written
  "bayesian-network": { steps: 1, loss: 6.4 }, // 6.29 when written
  "gaussian-mixture": { steps: 5, loss: 3.1, data: "toy:moons" }, // 3.02 when written
  "categorical-mixture": { steps: 10, loss: 6.75 }, // 6.63 when written
  "kernel-density": { steps: 1, loss: 2.78, data: "toy:moons" }, // 2.71 when written
  "probabilistic-pca": { steps: 1, loss: 275, data: "digits", every: 4 }, // 269.8 when written, 49 dequantised bytes
  "factor-analysis": { steps: 10, loss: 200, data: "digits", every: 4 }, // 195.3 when written
};
