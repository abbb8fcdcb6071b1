import { z } from "zod";
import { UsageError } from "../../../base/errors.ts";
import { full } from "../../../base/host.ts";
import type { DataSpec } from "../../../data/types.ts";
import { type Grid, pixelMixtureChannels, pixelMixtureParameters } from "../../../distributions/index.ts";
import { concat, constant, stack, type Tensor } from "../../../graph/index.ts";
import { conv2d, elu, type Module, type Traced } from "../../../nn/index.ts";
import { type WeightNormParams, weightNorm } from "../../../nn/weight-norm.ts";
import { fold, type Key } from "../../../random/index.ts";
import type { ModelEntry, Named, TracedParams } from "../../contract.ts";
import { classesOf } from "../../labels.ts";
import { type Factorisation, levelsOf } from "../factorisation.ts";
import { type AutoregressiveModel, autoregressive } from "../model.ts";
import { rowwise } from "../rowwise.ts";
import { chunkOf, type ImageSize, imageSize, pixelOrder } from "./colours.ts";
import { colourLogits, colourLogProbs, onGrid } from "./levels.ts";
import { droppedOut } from "./objective.ts";
import { plusPlusPresets } from "./plus-plus-presets.ts";
import { type PlusPlusParams, plusPlusRows } from "./plus-plus-rows.ts";
import {
  type Block,
  downConv,
  downGrow,
  gatedBlock,
  pass,
  point,
  rightConv,
  rightGrow,
  type Stage,
  stagesOf,
} from "./streams.ts";

/** Options of PixelCNN++. */
export const plusPlusOptions = z.strictObject({
  filters: z.int().positive().default(32).describe("features of each of the two streams"),
  blocks: z.int().positive().default(2).describe("residual blocks at each size on the way down"),
  levels: z.int().positive().max(6).default(3).describe("number of image sizes, each half the one before"),
  mixture: z.int().positive().default(5).describe("logistic components of each pixel's mixture"),
  dropout: z.number().min(0).lt(1).default(0).describe("fraction of each block's features switched off in training"),
  conditional: z.boolean().default(false).describe("condition every block on the label"),
});

type Config = z.infer<typeof plusPlusOptions>;

type Layer = { readonly block: Block } | { readonly layer: Module<WeightNormParams> };

/** The layers of both streams; `down` knows the rows above, `right` also the pixels to the left. */
function networkOf(config: Config, { colours }: ImageSize, classes: number) {
  const { filters } = config;
  const stages = stagesOf(config.levels, config.blocks);
  const inputs = colours + 1;
  const padded = (kernel: readonly number[], padding: readonly (readonly [number, number])[]) =>
    weightNorm(conv2d(inputs, filters, kernel, { padding, bias: false }), 0);
  const down = (stage: Stage): Layer => {
    if (stage.kind === "block") return { block: gatedBlock(filters, downConv, stage.rising ? filters : 0, classes) };
    return { layer: stage.kind === "shrink" ? downConv(filters, filters, 2) : downGrow(filters) };
  };
  const right = (stage: Stage): Layer => {
    if (stage.kind === "block")
      return { block: gatedBlock(filters, rightConv, stage.rising ? 2 * filters : filters, classes) };
    return { layer: stage.kind === "shrink" ? rightConv(filters, filters, 2) : rightGrow(filters) };
  };
  const row = [1, 1] as const;
  return {
    stages,
    down: padded([2, 3], [[1, 0], row]),
    above: padded([1, 3], [[0, 0], row]),
    left: padded(
      [2, 1],
      [
        [1, 0],
        [0, 0],
      ],
    ),
    downLayers: stages.map(down),
    rightLayers: stages.map(right),
    head: point(filters, pixelMixtureChannels(config.mixture, colours)),
  };
}

type Network = ReturnType<typeof networkOf>;

function init(network: Network, key: Key): PlusPlusParams {
  const layers = (list: readonly Layer[], tag: string) =>
    list.map((one, i) => ("block" in one ? one.block : one.layer).init(fold(fold(key, tag), i)));
  return {
    down: network.down.init(fold(key, "down")),
    above: network.above.init(fold(key, "above")),
    left: network.left.init(fold(key, "left")),
    downStages: layers(network.downLayers, "down stages"),
    rightStages: layers(network.rightLayers, "right stages"),
    head: network.head.init(fold(key, "head")),
  };
}

/** One row further down: the first row becomes zeros, the last is dropped. */
const shiftDown = (x: Tensor) => shifted(x, 2);
const shiftRight = (x: Tensor) => shifted(x, 3);

function shifted(x: Tensor, axis: number): Tensor {
  const amounts = x.shape.map((_, i) => (i === axis ? ([1, -1] as const) : ([0, 0] as const)));
  return x.pad(amounts);
}

/** What blocks read beside features: labels, and noise by stream and stage. */
interface Given {
  readonly x: Tensor;
  readonly labels?: Tensor;
  readonly noise?: Named<Tensor>;
}

/** Network outputs [B, mixture channels, H, W] of images in [−1, 1]; a channel of ones tells inside from outside. */
function outputsOf(network: Network, params: Traced<PlusPlusParams>, y: Tensor, given: Given, rate: number): Tensor {
  const { stages } = network;
  const [batch, , height, width] = y.shape as [number, number, number, number];
  const x = concat([y, constant(full("float32", [batch, 1, height, width], 1))], 1);
  const sizes = Array.from({ length: 7 }, (_, level) => [height, width].map((size) => Math.ceil(size / 2 ** level)));
  const stream = (name: string, layers: readonly Layer[], stageParams: readonly unknown[], first: Tensor) => {
    return (other: (index: number, skip: Tensor | undefined) => Tensor | undefined) =>
      pass(stages, first, ({ kind, level }, i, value, skip) => {
        const [layer, p] = [layers[i]!, stageParams[i] as never];
        if ("block" in layer) {
          const noise = given.noise?.[`${name}${i}`];
          return layer.block.apply(p, value, { features: other(i, skip), labels: given.labels, noise, rate });
        }
        const result = layer.layer.apply(p, value);
        return kind === "grow" ? cropped(result, sizes[level]!) : result;
      });
  };
  const down = shiftDown(network.down.apply(params.down, x));
  const right = shiftDown(network.above.apply(params.above, x)).add(shiftRight(network.left.apply(params.left, x)));
  const downs = stream("down", network.downLayers, params.downStages, down)((_, skip) => skip);
  const rights = stream(
    "right",
    network.rightLayers,
    params.rightStages,
    right,
  )((i, skip) => (skip ? concat([downs[i]!, skip], 1) : downs[i]!));
  return network.head.apply(params.head, elu(rights.at(-1)!));
}

/** The first rows and columns, where an odd size was rounded up when halved. */
function cropped(x: Tensor, [height, width]: readonly number[]): Tensor {
  const rows = x.shape[2] === height ? x : x.slice(2, 0, height!);
  return rows.shape[3] === width ? rows : rows.slice(3, 0, width!);
}

function factorisation(config: Config, data: DataSpec, classes: number): Factorisation {
  const size = imageSize(data, "pixelcnn++");
  const { colours } = size;
  if (colours !== 1 && colours !== 3)
    throw new UsageError(`pixelcnn++ models grey and colour images, not ${colours} channels; use gated-pixelcnn.`);
  const levels = levelsOf(data, "pixelcnn++");
  const grid: Grid = { low: -1, high: 1, levels };
  const network = networkOf(config, size, classes);
  const net = (params: TracedParams) => params as unknown as Traced<PlusPlusParams>;
  const mixtureOf = (params: TracedParams, given: Given, rate = 0) => {
    const y = onGrid(given.x, grid);
    const outputs = outputsOf(network, net(params), y, given, rate);
    return { y, mixture: pixelMixtureParameters(outputs, config.mixture, colours) };
  };
  const conditionals = (params: TracedParams, given: Given, rate = 0) => {
    const { y, mixture } = mixtureOf(params, given, rate);
    return colourLogProbs(mixture, y, grid).flatten(1);
  };
  const specs = (batch: number) =>
    Object.fromEntries(
      network.stages.flatMap(({ kind }, i) =>
        kind === "block" ? ["down", "right"].map((name) => [`${name}${i}`, [batch, 2 * config.filters]]) : [],
      ),
    );
  const noisy = droppedOut(specs, (params, inputs) => conditionals(params, inputs, config.dropout).sum(1));
  return {
    levels,
    orders: [pixelOrder(size)],
    init: (key) => init(network, key) as never,
    logits: (params, given) => {
      const { y, mixture } = mixtureOf(params, given);
      const each = Array.from({ length: colours }, (_, colour) => colourLogits(mixture, y, colour, grid));
      return stack(each, 1).reshape([y.shape[0]!, -1, levels]);
    },
    logConditionals: conditionals,
    cached: rowwise(
      plusPlusRows({ stages: network.stages, filters: config.filters, mixture: config.mixture, grid, size }),
    ),
    ...(config.dropout > 0 && { objective: noisy }),
  };
}

/**
 * PixelCNN++: two streams of shifted convolutions in the shape of a U, whose outputs are discretised mixtures of
 * logistics. Salimans, Karpathy, Chen & Kingma 2017, arXiv 1701.05517. Dropout switches whole features off instead of
 * single values: noise is drawn outside the engine, and there would be millions of numbers in every step.
 */
export function pixelcnnPlusPlus(options: Readonly<Record<string, unknown>>, data: DataSpec): AutoregressiveModel {
  const config = plusPlusOptions.parse(options);
  const classes = classesOf(config.conditional, data, "pixelcnn++");
  const made = factorisation(config, data, classes);
  return autoregressive({
    name: "pixelcnn++",
    config,
    data,
    factorisation: made,
    classes,
    chunk: chunkOf(imageSize(data, "pixelcnn++")),
  });
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
