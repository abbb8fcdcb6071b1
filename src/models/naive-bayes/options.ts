import { z } from "zod";

/** Options of naive Bayes; the names and defaults are those of scikit-learn where it has them. */
export const naiveBayesOptions = z.strictObject({
  likelihood: z
    .enum(["auto", "gaussian", "categorical", "bernoulli", "multinomial", "complement"])
    .default("auto")
    .describe(
      "p(input | class): auto takes each column by its kind (names by shares, counts, real numbers as normals)",
    ),
  alpha: z
    .number()
    .nonnegative()
    .default(1)
    .describe("imagined observations of each level, word or count in every class, beside those counted"),
  varSmoothing: z
    .number()
    .nonnegative()
    .default(1e-9)
    .describe("share of the largest variance of a real column that is added to every variance"),
  sharedVariance: z
    .boolean()
    .default(false)
    .describe(
      "one variance of each real column for all classes: the classifier is then linear, as logistic regression is",
    ),
  fitPrior: z.boolean().default(true).describe("class shares as counted; else all classes alike"),
  counts: z
    .enum(["negative-binomial", "poisson"])
    .default("negative-binomial")
    .describe("law of count columns, by their mean and variance or by their mean"),
  threshold: z.number().default(0).describe("bernoulli: numbers above it count as one"),
  norm: z.boolean().default(false).describe("complement: bring the weights of each class to sum one"),
});

/** The configuration with every option filled in. */
export type NaiveBayesConfig = z.output<typeof naiveBayesOptions>;
