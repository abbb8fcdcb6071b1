/** What a short run of a model's first preset on 4,000 generated digits must reach: validation loss in nats per example. */
export const floors: Record<string, { readonly steps: number; readonly loss: number }> = {
  bernoulli: { steps: 1, loss: 200 },
  "bernoulli-mixture": { steps: 30, loss: 160 },
  "conditional-table": { steps: 1, loss: 150 },
  vae: { steps: 500, loss: 118 }, // 110.9 when written; pixel frequencies alone give 197
  fvsbn: { steps: 500, loss: 145 }, // 137.6 when written
  pixelcnn: { steps: 500, loss: 150 },
  "gated-pixelcnn": { steps: 300, loss: 150 },
  "pixelcnn++": { steps: 200, loss: 170 },
  nade: { steps: 300, loss: 130 },
  eonade: { steps: 500, loss: 130 },
  made: { steps: 500, loss: 115 }, // 106.1 when written
  "row-lstm": { steps: 300, loss: 150 },
  "diagonal-bilstm": { steps: 300, loss: 150 },
};
