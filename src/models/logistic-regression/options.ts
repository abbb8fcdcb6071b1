import { z } from "zod";

/** Options of logistic regression; the names are those of scikit-learn where it has them. */
export const logisticOptions = z.strictObject({
  penalty: z.enum(["l2", "l1", "none"]).default("l2").describe("what keeps coefficients small: ½ Σ w², Σ |w|, nothing"),
  C: z
    .number()
    .positive()
    .default(1)
    .describe("weight of the summed loss beside the penalty; the smaller the more shrinkage"),
  standardize: z
    .boolean()
    .default(true)
    .describe("penalise coefficients of numbers brought to mean 0 and deviation 1, not of numbers as they are"),
  tolerance: z.number().positive().default(1e-8).describe("largest slope of the mean loss at which the fit ends"),
  memory: z.int().positive().default(10).describe("steps that L-BFGS remembers"),
});

/** The configuration with every option filled in. */
export type LogisticConfig = z.output<typeof logisticOptions>;
