import { z } from "zod";
import type { DataSpec } from "../../../data/types.ts";
import type { ModelEntry } from "../../contract.ts";
import { classesOf } from "../../labels.ts";
import { levelsOf } from "../factorisation.ts";
import { type AutoregressiveModel, autoregressive } from "../model.ts";
import { imageSize, pixelOrder } from "../pixelcnn/colours.ts";
import { imagePositions } from "./image-positions.ts";
import { bodyOf, bodyOptions, chunkFor } from "./options.ts";
import { imageGptPresets } from "./presets.ts";
import { sequenceFactorisation } from "./sequence.ts";

/** Options of ImageGPT. */
export const imageGptOptions = z.strictObject({
  ...bodyOptions,
  conditional: z.boolean().default(false).describe("condition on the label"),
});

/**
 * Dense causal attention over all pixels of small images, in raster order after a learned start; a softmax over 2 or 256
 * levels; learned vectors for rows, columns and colours. Chen et al. 2020 (Image GPT), with levels instead of a palette.
 */
export function imageGpt(options: Readonly<Record<string, unknown>>, data: DataSpec): AutoregressiveModel {
  const config = imageGptOptions.parse(options);
  const size = imageSize(data, "image-gpt");
  const [levels, classes] = [levelsOf(data, "image-gpt"), classesOf(config.conditional, data, "image-gpt")];
  const order = pixelOrder(size);
  const factorisation = sequenceFactorisation({
    data,
    levels,
    classes,
    order,
    body: bodyOf(config),
    positions: imagePositions(size, order),
    tied: config.tied,
    dropout: config.dropout,
  });
  const chunk = chunkFor(order.length, order.length, config.heads, levels);
  return autoregressive({ name: "image-gpt", config, data, factorisation, classes, chunk });
}

/** The registry's entry. */
export const imageGptEntry: ModelEntry = {
  name: "image-gpt",
  family: "autoregressive",
  title: "Image GPT, dense causal attention over pixels",
  paper: "Chen et al. 2020",
  kind: "exact",
  options: imageGptOptions,
  presets: imageGptPresets,
  make: imageGpt,
};
