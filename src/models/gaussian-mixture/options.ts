import { z } from "zod";

const shared = {
  components: z.int().positive().default(3).describe("number of components; the most of them where they are selected"),
  select: z
    .enum(["none", "bic", "aic", "validation"])
    .default("none")
    .describe("choose the number of components from 1 on by BIC, by AIC, or by the likelihood of validation examples"),
  starts: z.int().positive().default(4).describe("starts by k-means++ of which the best after ten rounds goes on"),
  tolerance: z
    .number()
    .nonnegative()
    .default(1e-3)
    .describe("ends when a round gains less than this in nats per example"),
  iterations: z.int().positive().default(200).describe("most rounds"),
  regularisation: z.number().nonnegative().default(1e-6).describe("added to every variance"),
  smoothing: z
    .number()
    .nonnegative()
    .default(0.5)
    .describe("imagined observations of each level of a categorical column in each component"),
};

/** Options of the Gaussian mixture; names and defaults of the figures are those of scikit-learn where it has them. */
export const gaussianMixtureOptions = z.strictObject({
  ...shared,
  covariance: z
    .enum(["full", "tied", "diagonal", "spherical"])
    .default("full")
    .describe("of each component its own matrix, one for all, its own variances, or its own variance"),
  inference: z
    .enum(["em", "variational"])
    .default("em")
    .describe("greatest likelihood by EM, or variational Bayes, which empties components it does not need"),
  prior: z
    .enum(["dirichlet", "dirichlet-process"])
    .default("dirichlet-process")
    .describe("variational: law of the components' shares"),
  concentration: z
    .number()
    .positive()
    .optional()
    .describe("variational: concentration of that law (1/components): the smaller, the fewer components"),
});

/** Options of the latent class model. */
export const categoricalMixtureOptions = z.strictObject(shared);

/** The configuration of either, with what only the Gaussian mixture has. */
export type MixtureConfig = z.output<typeof gaussianMixtureOptions>;
