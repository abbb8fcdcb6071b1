import { z } from "zod";
import type { HostArray } from "../../../base/host.ts";
import { zeros } from "../../../base/host.ts";
import type { Tree } from "../../../base/tree.ts";
import type { DataSpec } from "../../../data/types.ts";
import { concat, type Tensor } from "../../../graph/index.ts";
import { initAll, type Traced } from "../../../nn/index.ts";
import { fold, type Key } from "../../../random/index.ts";
import type { ModelEntry, TracedParams } from "../../contract.ts";
import { type Factorisation, levelsOf, type Rows } from "../factorisation.ts";
import { type AutoregressiveModel, autoregressive } from "../model.ts";
import { rowwise } from "../rowwise.ts";
import {
  afterPixel,
  chunkOf,
  eachColour,
  featureColours,
  type ImageSize,
  imageRow,
  imageSize,
  lastColours,
  nextRows,
  pixelOrder,
  pixelWindow,
} from "./colours.ts";
import { type HeadParams, logitsHead } from "./head.ts";
import { type MaskedParams, maskedConv, type PointParams, pointwise } from "./layers.ts";
import { pixelcnnPresets } from "./presets.ts";

/** Options of the PixelCNN. */
export const pixelcnnOptions = z.strictObject({
  filters: z.int().positive().default(32).describe("features within a block; twice as many between blocks"),
  blocks: z.int().positive().default(7).describe("number of residual blocks"),
  kernel: z.int().min(3).default(7).describe("width of the first convolution, an odd number"),
  head: z.int().positive().default(64).describe("features of the layer before the logits"),
});

type Config = z.infer<typeof pixelcnnOptions>;

type BlockParams = { narrow: PointParams; conv: MaskedParams; widen: PointParams };
type NetParams = { first: MaskedParams; blocks: BlockParams[]; head: HeadParams };

/** x + 1×1(relu(3×3(relu(1×1(relu(x)))))) between channels of those colours (arXiv 1601.06759, figure 5). */
function residualBlock(wide: readonly number[], inside: readonly number[]) {
  return {
    narrow: pointwise({ inputs: wide, outputs: inside }),
    conv: maskedConv({ inputs: inside, outputs: inside, kernel: 3, strict: false }),
    widen: pointwise({ inputs: inside, outputs: wide }),
  };
}

/** The layers of a PixelCNN. */
function layersOf(config: Config, size: ImageSize, levels: number) {
  const { colours } = size;
  const wide = featureColours(2 * config.filters, colours);
  const inside = featureColours(config.filters, colours);
  const own = Array.from({ length: colours }, (_, colour) => colour);
  return {
    first: maskedConv({ inputs: own, outputs: wide, kernel: config.kernel, strict: true }),
    blocks: Array.from({ length: config.blocks }, () => residualBlock(wide, inside)),
    head: logitsHead(wide, config.head, levels, size),
  };
}

type Layers = ReturnType<typeof layersOf>;

function init({ first, blocks, head }: Layers, key: Key): NetParams {
  return {
    first: first.init(fold(key, "first")),
    blocks: blocks.map((block, i) => initAll(block, fold(fold(key, "block"), i))),
    head: head.init(fold(key, "head")),
  };
}

/** Logits of whole images. */
function logitsOf({ first, blocks, head }: Layers, params: Traced<NetParams>, x: Tensor): Tensor {
  let features = first.image(params.first, x);
  blocks.forEach(({ narrow, conv, widen }, i) => {
    const p = params.blocks[i]!;
    const inside = narrow.image(p.narrow, features.relu()).relu();
    features = features.add(widen.image(p.widen, conv.image(p.conv, inside).relu()));
  });
  return head.image(params.head, features);
}

/** Inputs of the first convolution and of the blocks' convolutions: what they need of the rows above, or of the left. */
type Kept<T> = { readonly x: T; readonly blocks: readonly T[] };

const of = <T>(tree: Tree<T>) => tree as unknown as Kept<T>;

/**
 * Generation in rows: what a convolution gets from the rows above is computed for the whole row at once; within the row
 * each keeps the one input to the left. Ramachandran et al. 2017, arXiv 1704.06001.
 */
function rowsOf(layers: Layers, config: Config, { colours, width }: ImageSize): Rows {
  const { first, blocks, head } = layers;
  const { filters } = config;
  const window = pixelWindow(colours, first.reach);
  const eachBlock = <T>(make: () => T): T[] => blocks.map(make);
  const net = (params: TracedParams) => params as unknown as Traced<NetParams>;
  const kept = (x: HostArray, block: () => HostArray) => ({ x, blocks: eachBlock(block) });
  return {
    length: width * colours,
    state: (batch) =>
      kept(zeros("float32", [batch, colours, first.reach, width]), () => zeros("float32", [batch, filters, 1, width])),
    carry: (batch) => kept(window.start(batch), () => zeros("float32", [batch, filters])),
    made: (batch) => ({ blocks: eachBlock(() => zeros("float32", [batch, filters])) }),
    begin: (params, state) => {
      const p = net(params);
      const owed = (pixels: Tensor) => eachColour(pixels, colours);
      const { x, blocks: rows } = of(state);
      const seen: Kept<Tensor> = {
        x: owed(first.above(p.first, x)),
        blocks: blocks.map(({ conv }, i) => owed(conv.above(p.blocks[i]!.conv, rows[i]!))),
      };
      return { seen: seen as unknown as Tree<Tensor>, state };
    },
    step: (params, carry, seen, { column, previous }) => {
      const p = net(params);
      const [before, owed] = [of(carry), of(seen)];
      const x = window.push(before.x, previous);
      let features = first.here(p.first, window.taps(x, column)).add(owed.x);
      const made = blocks.map(({ narrow, conv, widen }, i) => {
        const own = p.blocks[i]!;
        const inside = narrow.pixel(own.narrow, features.relu()).relu();
        const mixed = conv.here(own.conv, concat([before.blocks[i]!, inside], 1)).add(owed.blocks[i]!);
        features = features.add(widen.pixel(own.widen, mixed.relu()));
        return inside;
      });
      const left = made.map((inside, i) => afterPixel(colours, column, before.blocks[i]!, inside));
      return { logits: head.pixel(p.head, features, column), carry: { x, blocks: left }, made: { blocks: made } };
    },
    end: (state, { made, values }) => {
      const { x } = of(state);
      const row = (pixels: Tensor) => lastColours(pixels, colours).transpose([1, 2, 0]).expandDims(2);
      return {
        x: nextRows(x, imageRow(values, colours)),
        blocks: (made as unknown as { blocks: Tensor[] }).blocks.map(row),
      };
    },
  };
}

function factorisation(config: Config, data: DataSpec): Factorisation {
  const size = imageSize(data, "pixelcnn");
  const levels = levelsOf(data, "pixelcnn");
  const layers = layersOf(config, size, levels);
  return {
    levels,
    orders: [pixelOrder(size)],
    init: (key) => init(layers, key) as never,
    logits: (params, { x }) => logitsOf(layers, params as unknown as Traced<NetParams>, x),
    cached: rowwise(rowsOf(layers, config, size)),
  };
}

/**
 * PixelCNN: a stack of masked convolutions gives every pixel's distribution from the pixels above it and to its left (all
 * but those in a blind spot that its triangular field of view leaves), colours one after the other. van den Oord,
 * Kalchbrenner & Kavukcuoglu 2016, arXiv 1601.06759.
 */
export function pixelcnn(options: Readonly<Record<string, unknown>>, data: DataSpec): AutoregressiveModel {
  const config = pixelcnnOptions.parse(options);
  return autoregressive({
    name: "pixelcnn",
    config,
    data,
    factorisation: factorisation(config, data),
    chunk: chunkOf(imageSize(data, "pixelcnn")),
  });
}

/** The registry's entry. */
export const pixelcnnEntry: ModelEntry = {
  name: "pixelcnn",
  family: "autoregressive",
  title: "PixelCNN",
  paper: "van den Oord, Kalchbrenner & Kavukcuoglu 2016, arXiv 1601.06759",
  kind: "exact",
  options: pixelcnnOptions,
  presets: pixelcnnPresets,
  make: pixelcnn,
};
