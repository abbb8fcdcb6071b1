import { z } from "zod";
import type { BlockOptions } from "../../../nn/index.ts";

/** Options every transformer of the family has. */
export const bodyOptions = {
  layers: z.int().positive().default(4).describe("number of blocks"),
  heads: z.int().positive().default(4).describe("attention heads"),
  headWidth: z.int().positive().default(32).describe("channels of a head; the width is heads times this"),
  hidden: z.int().positive().optional().describe("units of the feed-forward layers; 4 times the width when left out"),
  norm: z.enum(["layer", "rms"]).default("layer").describe("layer normalisation, or by the root mean square alone"),
  activation: z
    .enum(["gelu", "geluTanh", "relu", "silu", "swiglu"])
    .default("gelu")
    .describe("activation of the feed-forward layers; swiglu gates one half with the other"),
  tied: z.boolean().default(true).describe("read values out with the vectors they are read in with"),
  dropout: z.number().min(0).lt(1).default(0).describe("rate of dropout of embeddings and branches while training"),
};

const bodySchema = z.strictObject(bodyOptions);

/** The blocks of a configuration. */
export function bodyOf(config: z.infer<typeof bodySchema>): BlockOptions & { readonly layers: number } {
  const { layers, heads, headWidth, hidden, norm, activation } = config;
  const rest = hidden === undefined ? {} : { hidden };
  return { layers, heads, width: heads * headWidth, norm, activation, inputBias: false, ...rest };
}

/** Examples to handle at once so that attention scores and logits stay within a quarter of a gigabyte each. */
export function chunkFor(size: number, seen: number, heads: number, levels: number): number {
  return Math.max(1, Math.min(100, Math.floor(2 ** 26 / (size * Math.max(heads * seen, levels)))));
}
