import type { TrainingConfig } from "../contract.ts";

/** Training of models that count: examples come in batches only to bound the memory. */
export const inOneRound: TrainingConfig = { batchSize: 500, validateEvery: 1 };
