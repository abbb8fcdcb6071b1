import { z } from "zod";
import type { DataSpec } from "../../../data/types.ts";
import { blocksOfPixels, local1d, local2d, type Pattern } from "../../../nn/index.ts";
import type { ModelEntry } from "../../contract.ts";
import { classesOf } from "../../labels.ts";
import { levelsOf } from "../factorisation.ts";
import { type AutoregressiveModel, autoregressive } from "../model.ts";
import { type ImageSize, imageSize, requireMixture } from "../pixelcnn/colours.ts";
import { imagePositions } from "./image-positions.ts";
import { bodyOf, bodyOptions, chunkFor } from "./options.ts";
import { pixelFactorisation, variablesOfPixels } from "./pixel-sequence.ts";
import { imageTransformerPresets } from "./presets.ts";
import { sequenceFactorisation } from "./sequence.ts";

const pair = z.tuple([z.int().positive(), z.int().positive()]);

/** Options of the Image Transformer. */
export const imageTransformerOptions = z.strictObject({
  ...bodyOptions,
  local: z.enum(["1d", "2d"]).default("1d").describe("blocks of the raster sequence, or rectangles generated in turn"),
  block: z.int().positive().default(256).describe("values of a query block (local=1d)"),
  memory: z.int().positive().default(512).describe("values before a block that it sees (local=1d)"),
  block2d: pair.default([8, 32]).describe("rows and columns of a query block (local=2d)"),
  memory2d: pair.default([16, 32]).describe("rows above and columns beside a block that it sees (local=2d)"),
  tied: bodyOptions.tied.default(false).describe(bodyOptions.tied.description!),
  components: z
    .int()
    .nonnegative()
    .default(0)
    .describe("logistics that a pixel of more than two levels is a mixture of; 0 for a softmax for each value"),
  conditional: z.boolean().default(false).describe("condition on the label"),
});

type Config = z.infer<typeof imageTransformerOptions>;

/** Pixels in the order of generation, and which of so many values of each see which; values follow their pixel. */
function layoutOf({ local, block, memory, block2d, memory2d }: Config, size: ImageSize, values: number) {
  const count = size.height * size.width;
  if (local === "1d") {
    const pixels = Array.from({ length: count }, (_, i) => i);
    return { pixels, pattern: local1d(count * values, Math.min(block, count * values), memory) };
  }
  const sizes = { ...size, colours: values, block: block2d, memory: memory2d };
  return { pixels: blocksOfPixels(sizes).flat(), pattern: local2d(sizes) };
}

/** The most positions one position sees. */
function seenBy({ starts, memory }: Pattern): number {
  return Math.max(...memory.map((list, b) => list.length + starts[b + 1]! - starts[b]!));
}

/**
 * Attention within query blocks and their memory: 1-D blocks of the raster sequence, or 2-D rectangles, generated one
 * after the other, that see what lies above and beside them. Values of a pixel are positions of their own with a softmax
 * over the levels each, or a pixel is one position with a mixture of discretised logistics. Parmar et al. 2018, arXiv
 * 1802.05751, section 3.
 */
export function imageTransformer(options: Readonly<Record<string, unknown>>, data: DataSpec): AutoregressiveModel {
  const config = imageTransformerOptions.parse(options);
  const name = "image-transformer";
  const size = imageSize(data, name);
  const [levels, classes] = [levelsOf(data, name), classesOf(config.conditional, data, name)];
  const mixed = levels > 2 && config.components > 0;
  if (mixed) requireMixture(size, name);
  const { pixels, pattern } = layoutOf(config, size, mixed ? 1 : size.colours);
  const order = variablesOfPixels(pixels, size.colours);
  const body = { ...bodyOf(config), pattern };
  const { tied, dropout, components } = config;
  const factorisation = mixed
    ? pixelFactorisation({
        ...{ size, levels, classes, pixels, body, components, dropout },
        positions: imagePositions({ ...size, colours: 1 }, Uint32Array.from(pixels)),
      })
    : sequenceFactorisation({
        ...{ data, levels, classes, order, body, tied, dropout },
        positions: imagePositions(size, order),
        ...(tied || levels === 2 ? {} : { tables: coloursOf(order, size) }),
      });
  const chunk = chunkFor(order.length, seenBy(pattern), config.heads, levels);
  return autoregressive({ name, config, data, factorisation, classes, chunk });
}

/** The colour of each variable in order: every colour's values have vectors of their own. */
const coloursOf = (order: Uint32Array, { height, width }: ImageSize) =>
  Array.from(order, (place) => Math.floor(place / (height * width)));

/** The registry's entry. */
export const imageTransformerEntry: ModelEntry = {
  name: "image-transformer",
  family: "autoregressive",
  title: "Image Transformer, local attention",
  paper: "Parmar et al. 2018, arXiv 1802.05751",
  kind: "exact",
  options: imageTransformerOptions,
  presets: imageTransformerPresets,
  make: imageTransformer,
};
