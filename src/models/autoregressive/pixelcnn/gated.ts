import { z } from "zod";
import { zeros } from "../../../base/host.ts";
import type { Tree } from "../../../base/tree.ts";
import type { DataSpec } from "../../../data/types.ts";
import type { Tensor } from "../../../graph/index.ts";
import type { Traced } from "../../../nn/index.ts";
import { fold } from "../../../random/index.ts";
import type { LossInputs, ModelEntry, Named, TracedParams } from "../../contract.ts";
import { classesOf } from "../../labels.ts";
import { logProbOf } from "../density.ts";
import { droppedOut } from "../dropped-out.ts";
import { type Factorisation, levelsOf, type Rows, unitOf } from "../factorisation.ts";
import { type AutoregressiveModel, autoregressive } from "../model.ts";
import { rowwise } from "../rowwise.ts";
import {
  chunkOf,
  eachColour,
  featureColours,
  type ImageSize,
  imageRow,
  imageSize,
  nextRows,
  pixelOrder,
  pixelWindow,
} from "./colours.ts";
import { type GatedLayer, type GatedParams, gatedLayer } from "./gated-layers.ts";
import { gatedPresets } from "./gated-presets.ts";
import { type HeadParams, logitsHead } from "./head.ts";
import { octaves } from "./octaves.ts";

/** Options of the Gated PixelCNN. */
export const gatedOptions = z.strictObject({
  channels: z.int().positive().default(32).describe("features of each of the two stacks"),
  layers: z.int().positive().default(8).describe("number of gated layers, the first one included"),
  kernel: z.int().min(3).default(7).describe("width of the first layer's convolutions, an odd number"),
  inner: z.int().min(3).default(3).describe("width of the other layers' convolutions, an odd number"),
  dilations: z
    .array(z.int().positive())
    .min(1)
    .default([1])
    .describe("distance of the taps in the layers after the first, which take them in turn"),
  head: z.int().positive().default(64).describe("features of the layer before the logits"),
  octaves: z
    .int()
    .min(0)
    .max(16)
    .default(0)
    .describe("waves of a value the first layer sees beside it, their periods 2, 4, …: 8 for 256 levels"),
  dropout: z.number().min(0).lt(1).default(0).describe("fraction of each layer's features switched off in training"),
  conditional: z.boolean().default(false).describe("condition every gate on the label"),
});

type Config = z.infer<typeof gatedOptions>;
type NetParams = { layers: GatedParams[]; head: HeadParams };

function networkOf(config: Config, size: ImageSize, levels: number, unit: number, classes: number) {
  const { colours } = size;
  const { channels, dilations } = config;
  const values = octaves(config.octaves, unit);
  const own = Array.from({ length: values.width * colours }, (_, i) => i % colours);
  const features = featureColours(channels, colours);
  const layer = (index: number) =>
    gatedLayer({
      inputs: index === 0 ? own : features,
      kernel: index === 0 ? config.kernel : config.inner,
      dilation: index === 0 ? 1 : dilations[(index - 1) % dilations.length]!,
      first: index === 0,
      channels,
      colours,
      classes,
    });
  return {
    layers: Array.from({ length: config.layers }, (_, index) => layer(index)),
    head: logitsHead(features, config.head, levels, size),
    expand: values.expand,
  };
}

type Network = ReturnType<typeof networkOf>;

const net = (params: TracedParams) => params as unknown as Traced<NetParams>;

/** What of the image logits are computed from. */
interface Seen {
  readonly x: Tensor;
  readonly labels?: Tensor;
}

/** Logits of whole images; `noise` switches features off. */
function logitsOf(network: Network, params: Traced<NetParams>, given: Seen, rate = 0, noise?: Named<Tensor>) {
  const { layers, head, expand } = network;
  const { labels } = given;
  const x = expand(given.x, 1);
  let stacks = { vertical: x, row: x };
  layers.forEach((layer, i) => {
    const off = noise && { vertical: noise[`vertical${i}`]!, row: noise[`row${i}`]!, rate };
    stacks = layer.image(params.layers[i]!, stacks, labels, off);
  });
  return head.image(params.head, stacks.row);
}

/** Of the image and of each layer after the first: the rows above, or the pixels to the left. */
type KeptRows = { readonly x: Tensor; readonly layers: readonly Tensor[] };
type KeptPixels = { readonly x: Tensor; readonly layers: readonly (readonly Tensor[])[] };

/**
 * Generation in rows: the vertical stack runs once for each row, over all its columns; the horizontal one pixel by pixel
 * and keeps as many pixels as its kernels reach. Ramachandran et al. 2017, arXiv 1704.06001.
 */
function rowsOf({ layers, head, expand }: Network, config: Config, { colours, width }: ImageSize): Rows {
  const [first, ...rest] = layers as [GatedLayer, ...GatedLayer[]];
  const window = pixelWindow(colours, first.rowsAbove);
  const taps = (pixels: Tensor) => expand(pixels.reshape([pixels.shape[0]!, -1, colours]), 2).flatten(1);
  const tree = <T>(value: unknown) => value as Tree<T>;
  return {
    length: width * colours,
    state: (batch) => ({
      x: zeros("float32", [batch, colours, first.rowsAbove, width]),
      layers: rest.map(({ rowsAbove }) => zeros("float32", [batch, config.channels, rowsAbove, width])),
    }),
    carry: (batch) => ({ x: window.start(batch), layers: rest.map((layer) => layer.carry(batch)) }),
    made: () => ({}),
    begin: (params, state, { labels }) => {
      const p = net(params).layers;
      const { x, layers: kept } = state as unknown as KeptRows;
      const opened = first.begin(p[0]!, expand(x, 1), undefined, labels);
      const seen = [eachColour(opened.seen, colours)];
      let vertical = opened.vertical;
      const next = rest.map((layer, i) => {
        const own = vertical;
        const result = layer.begin(p[i + 1]!, kept[i]!, own, labels);
        seen.push(eachColour(result.seen, colours));
        vertical = result.vertical;
        return nextRows(kept[i]!, own);
      });
      return { seen: tree(seen), state: tree({ x, layers: next }) };
    },
    step: (params, carry, seen, { column, previous }) => {
      const p = net(params);
      const owed = seen as unknown as readonly Tensor[];
      const kept = carry as unknown as KeptPixels;
      const x = window.push(kept.x, previous);
      let features = first.pixel(p.layers[0]!, taps(window.taps(x, column)), owed[0]!);
      const next = rest.map((layer, i) => {
        const [own, left] = [features, kept.layers[i]!];
        features = layer.pixel(p.layers[i + 1]!, layer.window(left, own), owed[i + 1]!, own);
        return layer.keep(left, own, column);
      });
      return { logits: head.pixel(p.head, features, column), carry: tree({ x, layers: next }), made: {} };
    },
    end: (state, { values }) => {
      const { x, layers: kept } = state as unknown as KeptRows;
      return tree({ x: nextRows(x, imageRow(values, colours)), layers: kept });
    },
  };
}

function factorisation(config: Config, data: DataSpec, classes: number): Factorisation {
  const size = imageSize(data, "gated-pixelcnn");
  const levels = levelsOf(data, "gated-pixelcnn");
  const network = networkOf(config, size, levels, unitOf(data), classes);
  const { layers, head } = network;
  const specs = (batch: number) =>
    Object.fromEntries(
      layers.flatMap((_, i) => [`vertical${i}`, `row${i}`].map((name) => [name, [batch, config.channels]])),
    );
  const nats = (params: TracedParams, inputs: LossInputs) => {
    const logits = logitsOf(network, net(params), inputs, config.dropout, inputs.noise);
    return logProbOf(logits, inputs.x.flatten(1), unitOf(data)).sum(1);
  };
  return {
    levels,
    orders: [pixelOrder(size)],
    init: (key) =>
      ({
        layers: layers.map((layer, i) => layer.init(fold(fold(key, "layer"), i))),
        head: head.init(fold(key, "head")),
      }) as never,
    logits: (params, given) => logitsOf(network, net(params), given),
    cached: rowwise(rowsOf(network, config, size)),
    ...(config.dropout > 0 && { objective: droppedOut(specs, nats) }),
  };
}

/**
 * Gated PixelCNN: a vertical and a horizontal stack of causal convolutions without a blind spot, gated activations, labels
 * as a bias of every gate. van den Oord et al. 2016, arXiv 1606.05328.
 */
export function gatedPixelcnn(options: Readonly<Record<string, unknown>>, data: DataSpec): AutoregressiveModel {
  const config = gatedOptions.parse(options);
  const classes = classesOf(config.conditional, data, "gated-pixelcnn");
  const made = factorisation(config, data, classes);
  return autoregressive({
    name: "gated-pixelcnn",
    config,
    data,
    factorisation: made,
    classes,
    chunk: chunkOf(imageSize(data, "gated-pixelcnn")),
  });
}

/** The registry's entry. */
export const gatedPixelcnnEntry: ModelEntry = {
  name: "gated-pixelcnn",
  family: "autoregressive",
  title: "Gated PixelCNN",
  paper: "van den Oord et al. 2016, arXiv 1606.05328",
  kind: "exact",
  options: gatedOptions,
  presets: gatedPresets,
  make: gatedPixelcnn,
};
