import { z } from "zod";
import type { DataSpec } from "../../../data/types.ts";
import type { ModelEntry } from "../../contract.ts";
import { classesOf } from "../../labels.ts";
import { levelsOf, rasterOrder, variablesOf } from "../factorisation.ts";
import { type AutoregressiveModel, autoregressive } from "../model.ts";
import { bodyOf, bodyOptions, chunkFor } from "./options.ts";
import { gptPresets } from "./presets.ts";
import { sequenceFactorisation } from "./sequence.ts";

/** Options of GPT. */
export const gptOptions = z.strictObject({
  ...bodyOptions,
  positions: z
    .enum(["rotary", "learned"])
    .default("rotary")
    .describe("turn queries and keys by their position, or learn a vector for each position"),
  conditional: z.boolean().default(false).describe("condition on the label"),
});

/**
 * GPT over windows of tokens: the first token of a window is given and log p(x) is that of the others, so nats per token
 * are those of predicting each token from the up to T before it. Over images it predicts pixel after pixel, the first
 * from a learned start. Radford et al. 2018 and 2019; rotary positions Su et al. 2021, arXiv 2104.09864; RMS norm Zhang &
 * Sennrich 2019, arXiv 1910.07467; SwiGLU Shazeer 2020, arXiv 2002.05202.
 */
export function gpt(options: Readonly<Record<string, unknown>>, data: DataSpec): AutoregressiveModel {
  const config = gptOptions.parse(options);
  const [levels, size, classes] = [
    levelsOf(data, "gpt"),
    variablesOf(data),
    classesOf(config.conditional, data, "gpt"),
  ];
  const rotary = config.positions === "rotary";
  const length = data.values === "tokens" ? size - 1 : size;
  const factorisation = sequenceFactorisation({
    data,
    levels,
    classes,
    order: rasterOrder(size),
    body: { ...bodyOf(config), rotary },
    positions: rotary ? [] : [{ size: length, rows: Array.from(rasterOrder(length)) }],
    tied: config.tied,
    dropout: config.dropout,
  });
  const chunk = chunkFor(size, size, config.heads, levels);
  return autoregressive({ name: "gpt", config, data, factorisation, classes, chunk });
}

/** The registry's entry. */
export const gptEntry: ModelEntry = {
  name: "gpt",
  family: "autoregressive",
  title: "GPT, a decoder-only transformer",
  paper: "Radford et al. 2018, 2019; Vaswani et al. 2017, arXiv 1706.03762",
  kind: "exact",
  options: gptOptions,
  presets: gptPresets,
  make: gpt,
};
