import { z } from "zod";
import type { DataSpec } from "../../../data/types.ts";
import type { ModelEntry } from "../../contract.ts";
import { classesOf } from "../../labels.ts";
import { levelsOf } from "../factorisation.ts";
import { type AutoregressiveModel, autoregressive } from "../model.ts";
import { chunkOf, imageSize, requireMixture } from "./colours.ts";
import { plusPlusFactorisation } from "./plus-plus/factorisation.ts";
import { plusPlusPresets } from "./plus-plus/presets.ts";

/** Options of PixelCNN++. */
export const plusPlusOptions = z.strictObject({
  filters: z.int().positive().default(32).describe("features of each of the two streams"),
  blocks: z.int().positive().default(2).describe("residual blocks at each size on the way down"),
  levels: z.int().positive().max(6).default(3).describe("number of image sizes, each half the one before"),
  mixture: z.int().positive().default(5).describe("logistic components of each pixel's mixture"),
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe("fraction of each block's single features switched off in training"),
  conditional: z.boolean().default(false).describe("condition every block on the label"),
});

/**
 * PixelCNN++: two streams of shifted, weight-normalised convolutions in the shape of a U, whose outputs are discretised
 * mixtures of logistics; layers begin from a look at the data. Salimans, Karpathy, Chen & Kingma 2017, arXiv 1701.05517.
 */
export function pixelcnnPlusPlus(options: Readonly<Record<string, unknown>>, data: DataSpec): AutoregressiveModel {
  const config = plusPlusOptions.parse(options);
  const name = "pixelcnn++";
  const size = imageSize(data, name);
  requireMixture(size, name);
  const [levels, classes] = [levelsOf(data, name), classesOf(config.conditional, data, name)];
  const factorisation = plusPlusFactorisation({ ...config, sizes: config.levels, levels, size, classes });
  return autoregressive({ name, config, data, factorisation, classes, chunk: chunkOf(size) });
}

/** The registry's entry. */
export const plusPlusEntry: ModelEntry = {
  name: "pixelcnn++",
  family: "autoregressive",
  title: "PixelCNN++",
  paper: "Salimans, Karpathy, Chen & Kingma 2017, arXiv 1701.05517",
  kind: "exact",
  options: plusPlusOptions,
  presets: plusPlusPresets,
  make: pixelcnnPlusPlus,
};
