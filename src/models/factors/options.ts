import { z } from "zod";

const components = z.int().positive();

/** Options of principal components. */
export const pcaOptions = z.strictObject({
  components: components.default(2).describe("number of components; at most as many as numbers in an example"),
  whiten: z.boolean().default(false).describe("codes of variance 1 instead of the variance of each component"),
});

/** Options of probabilistic PCA. */
export const ppcaOptions = z.strictObject({
  components: components.default(2).describe("number of factors, fewer than numbers in an example"),
});

/** Options of factor analysis; names and defaults are those of scikit-learn. */
export const factorAnalysisOptions = z.strictObject({
  components: components.default(2).describe("number of factors, fewer than numbers in an example"),
  tolerance: z
    .number()
    .nonnegative()
    .default(1e-4)
    .describe("ends when a round gains less than this in nats per example"),
  iterations: components.default(1000).describe("most rounds"),
});

/** Options of independent components. */
export const icaOptions = z.strictObject({
  components: components.default(2).describe("number of components; at most as many as numbers in an example"),
  tolerance: z.number().positive().default(1e-6).describe("ends when no direction turns by more than this (1 − |cos|)"),
  iterations: components.default(400).describe("most rounds"),
});
