import { z } from "zod";

/** Options that PixelRNNs of both kinds have. */
export const networkOptions = z.strictObject({
  units: z.int().positive().default(32).describe("LSTM units of a layer; twice as many features between layers"),
  layers: z.int().positive().default(1).describe("number of recurrent layers with residual connections"),
  kernel: z.int().min(3).default(7).describe("width of the first convolution, an odd number"),
  head: z.int().positive().default(32).describe("features of the layer before the logits"),
  conditional: z.boolean().default(false).describe("condition on the label"),
});
