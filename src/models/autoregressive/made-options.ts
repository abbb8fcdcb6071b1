import { z } from "zod";

/** Options of the masked autoencoder. */
export const madeOptions = z.strictObject({
  hidden: z.array(z.int().positive()).min(1).default([500]).describe("units of the hidden layers"),
  activation: z.enum(["relu", "tanh"]).default("relu").describe("what follows each hidden layer: relu or tanh"),
  direct: z.boolean().default(true).describe("connect inputs with outputs directly as well"),
  dropout: z.number().min(0).lt(1).default(0).describe("fraction of hidden units switched off in training"),
  masks: z.int().positive().default(1).describe("mask sets, used in turn; their probabilities are averaged"),
  spread: z
    .int()
    .nonnegative()
    .optional()
    .describe("how far a unit's degree strays from its first one; drawn anew for each mask set unless given"),
  orders: z.int().positive().default(1).describe("orders the mask sets take in turn, the first of them raster"),
  order: z
    .enum(["shuffled", "scans"])
    .default("shuffled")
    .describe("what the other orders are: shuffled, or scans along rows and columns of an image (8 with the raster)"),
  maskSeed: z.int().nonnegative().default(0).describe("seed of masks and shuffled orders"),
});

/** How a masked autoencoder is built. */
export type MadeConfig = z.infer<typeof madeOptions>;
