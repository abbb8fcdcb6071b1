import { z } from "zod";
import type { DataSpec } from "../../../data/types.ts";
import { blocksOfPixels, local1d, local2d, type Pattern } from "../../../nn/index.ts";
import type { ModelEntry } from "../../contract.ts";
import { classesOf } from "../../labels.ts";
import { levelsOf } from "../factorisation.ts";
import { type AutoregressiveModel, autoregressive } from "../model.ts";
import { type ImageSize, imageSize, pixelOrder } from "../pixelcnn/colours.ts";
import { imagePositions } from "./image-positions.ts";
import { bodyOf, bodyOptions, chunkFor } from "./options.ts";
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
  components: z
    .int()
    .nonnegative()
    .default(0)
    .describe("logistics that values of more than two levels are a mixture of; 0 for a softmax over the levels"),
  conditional: z.boolean().default(false).describe("condition on the label"),
});

type Config = z.infer<typeof imageTransformerOptions>;

/** The order of generation and who sees whom. */
function layoutOf({ local, block, memory, block2d, memory2d }: Config, size: ImageSize) {
  if (local === "1d") {
    const order = pixelOrder(size);
    return { order, pattern: local1d(order.length, Math.min(block, order.length), memory) };
  }
  const sizes = { ...size, block: block2d, memory: memory2d };
  const pixels = size.height * size.width;
  const places = blocksOfPixels(sizes)
    .flat()
    .flatMap((pixel) => Array.from({ length: size.colours }, (_, colour) => colour * pixels + pixel));
  return { order: Uint32Array.from(places), pattern: local2d(sizes) };
}

/** The most positions one position sees. */
function seenBy({ starts, memory }: Pattern): number {
  return Math.max(...memory.map((list, b) => list.length + starts[b + 1]! - starts[b]!));
}

/**
 * Attention within query blocks and their memory: 1-D blocks of the raster sequence, or 2-D rectangles, generated one
 * after the other, that see what lies above and beside them; a softmax over the levels or a mixture of discretised logistics. Parmar et al. 2018, arXiv
 * 1802.05751, section 3.3.
 */
export function imageTransformer(options: Readonly<Record<string, unknown>>, data: DataSpec): AutoregressiveModel {
  const config = imageTransformerOptions.parse(options);
  const name = "image-transformer";
  const size = imageSize(data, name);
  const [levels, classes] = [levelsOf(data, name), classesOf(config.conditional, data, name)];
  const { order, pattern } = layoutOf(config, size);
  const factorisation = sequenceFactorisation({
    data,
    levels,
    classes,
    order,
    body: { ...bodyOf(config), pattern },
    positions: imagePositions(size, order),
    tied: config.tied,
    components: levels > 2 ? config.components : 0,
    dropout: config.dropout,
  });
  const chunk = chunkFor(order.length, seenBy(pattern), config.heads, levels);
  return autoregressive({ name, config, data, factorisation, classes, chunk });
}

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
