/**
 * What a short run of a model's first preset on 4,000 generated digits must reach: validation loss in nats per example;
 * `every` takes every so many-th row and column alone, for models that are slow on many pixels. Models of tables are
 * given 4,000 rows of the generated table.
 */
export const floors: Record<string, { readonly steps: number; readonly loss: number; readonly every?: number }> = {
  bernoulli: { steps: 1, loss: 200 },
  "bernoulli-mixture": { steps: 30, loss: 160 },
  "conditional-table": { steps: 1, loss: 150 },
  ngram: { steps: 1, loss: 260 },
  vae: { steps: 500, loss: 118 }, // 110.9 when written; pixel frequencies alone give 197
  fvsbn: { steps: 500, loss: 145 }, // 137.6 when written
  pixelcnn: { steps: 300, loss: 40, every: 2 }, // 35.9 when written
  "gated-pixelcnn": { steps: 250, loss: 42, every: 2 }, // 37.9 when written
  "pixelcnn++": { steps: 100, loss: 40, every: 2 }, // 34.2 when written
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
};
