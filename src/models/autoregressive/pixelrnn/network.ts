import { type HostArray, zeros } from "../../../base/host.ts";
import { mapTree, type Tree, zipTrees } from "../../../base/tree.ts";
import type { DataSpec } from "../../../data/types.ts";
import type { Tensor } from "../../../graph/index.ts";
import { type Initializer, lecunNormal, type Traced } from "../../../nn/index.ts";
import { fold, type Key } from "../../../random/index.ts";
import type { TracedParams } from "../../contract.ts";
import { classesOf } from "../../labels.ts";
import { type Factorisation, type Given, levelsOf, type Rows } from "../factorisation.ts";
import { type AutoregressiveModel, autoregressive } from "../model.ts";
import {
  afterPixel,
  eachColour,
  featureColours,
  type ImageSize,
  imageRow,
  imageSize,
  lastColours,
  nextRows,
  pixelOrder,
  pixelWindow,
} from "../pixelcnn/colours.ts";
import { type HeadParams, logitsHead } from "../pixelcnn/head.ts";
import { type Channels, type MaskedParams, maskedConv, type PointParams, pointwise } from "../pixelcnn/layers.ts";
import { rowwise } from "../rowwise.ts";
import type { RecurrentLayer } from "./layer.ts";

/** Sizes of a PixelRNN. */
export interface NetworkOptions {
  /** Units of a recurrent layer, h; twice as many features between layers. */
  readonly units: number;
  readonly layers: number;
  /** Width of the first convolution. */
  readonly kernel: number;
  /** Features of the layer before the logits. */
  readonly head: number;
  /** Whether the label shifts the features that the first layer begins with. */
  readonly conditional: boolean;
}

type BlockParams = { recurrent: unknown; widen: PointParams };
type NetParams = { first: MaskedParams; labels?: HostArray; blocks: BlockParams[]; head: HeadParams };

/** The layers: a convolution under mask A, recurrent blocks with what widens their outputs, the head. */
function layersOf(options: NetworkOptions, make: MakeLayer, size: ImageSize, levels: number) {
  const { colours } = size;
  const wide = featureColours(2 * options.units, colours);
  const units = featureColours(options.units, colours);
  const own = Array.from({ length: colours }, (_, colour) => colour);
  return {
    first: maskedConv({ inputs: own, outputs: wide, kernel: options.kernel, strict: true }),
    blocks: Array.from({ length: options.layers }, () => ({
      recurrent: make({ inputs: wide, outputs: units }),
      widen: pointwise({ inputs: units, outputs: wide }, narrowly(options.layers)),
    })),
    head: logitsHead(wide, options.head, levels, size),
  };
}

/** Initial weights of what a block adds, so small that the sum of all blocks grows little with their number. */
const narrowly =
  (layers: number): Initializer =>
  (key, shape, fans) =>
    lecunNormal(key, shape, { ...fans, fanIn: fans.fanIn * layers * layers });

type MakeLayer = (channels: Channels) => RecurrentLayer<unknown>;
type Layers = ReturnType<typeof layersOf>;

function init({ first, blocks, head }: Layers, classes: number, units: number, key: Key): NetParams {
  return {
    first: first.init(fold(key, "first")),
    ...(classes > 0 && { labels: zeros("float32", [classes, 2 * units]) }),
    blocks: blocks.map(({ recurrent, widen }, i) => {
      const own = fold(fold(key, "block"), i);
      return { recurrent: recurrent.init(fold(own, "recurrent")), widen: widen.init(fold(own, "widen")) };
    }),
    head: head.init(fold(key, "head")),
  };
}

/** Logits of whole images: features are held place by place, [H, W·B, features], so that layers are products. */
function logitsOf({ first, blocks, head }: Layers, params: Traced<NetParams>, { x, labels }: Given): Tensor {
  const seen = first.image(params.first, x);
  const begun = params.labels && labels ? seen.add(perImage(labels.matmul(params.labels))) : seen;
  const [batch, features, height, width] = begun.shape as [number, number, number, number];
  let places = begun
    .flatten(2)
    .transpose([2, 0, 1])
    .reshape([height, width * batch, features]);
  blocks.forEach(({ recurrent, widen }, i) => {
    const own = params.blocks[i]!;
    const y = recurrent.image(own.recurrent as never, places, { width, batch });
    places = places.add(widen.pixel(own.widen, y.reshape([height * width * batch, -1])).reshape(places.shape));
  });
  const logits = head.pixels(params.head, places.reshape([-1, features])); // [H·W·B, colours, …]
  const [, colours, ...each] = logits.shape;
  return logits
    .reshape([height * width, batch, colours!, ...each])
    .transpose(each.length > 0 ? [1, 2, 0, 3] : [1, 2, 0])
    .reshape([batch, -1, ...each]);
}

/** One value for each feature of each image, [B, F], as [B, F, 1, 1]. */
const perImage = (x: Tensor) => x.reshape([...x.shape, 1, 1]);

/** Inputs of the first convolution, and what the recurrent layers keep. */
type Kept<T> = { readonly x: T; readonly blocks: readonly Tree<T>[] };

const of = <T>(tree: Tree<T>) => tree as unknown as Kept<T>;

const each = (tree: Tree<Tensor>, fn: (leaf: Tensor) => Tensor) => mapTree<Tensor, Tensor>(tree, fn) as Tree<Tensor>;

/** Generation in rows: layers compute what a row owes to those above it at once, and within the row place by place. */
function rowsOf({ first, blocks, head }: Layers, { colours, width }: ImageSize): Rows {
  const window = pixelWindow(colours, first.reach);
  const net = (params: TracedParams) => params as unknown as Traced<NetParams>;
  return {
    length: width * colours,
    state: (batch) => ({
      x: zeros("float32", [batch, colours, first.reach, width]),
      blocks: blocks.map(({ recurrent }) => recurrent.rows.state(batch, width)),
    }),
    carry: (batch) => ({
      x: window.start(batch),
      blocks: blocks.map(({ recurrent }) => recurrent.rows.carry(batch)),
    }),
    made: (batch) => ({ blocks: blocks.map(({ recurrent }) => recurrent.rows.made(batch)) }),
    begin: (params, state, { labels }) => {
      const p = net(params);
      const { x, blocks: kept } = of(state);
      const above = first.above(p.first, x);
      const begun = blocks.map(({ recurrent }, i) => recurrent.rows.begin(p.blocks[i]!.recurrent as never, kept[i]!));
      const shifted = p.labels && labels ? above.add(labels.matmul(p.labels)) : above;
      const seen = { x: shifted, blocks: begun.map((block) => block.seen) } as Tree<Tensor>;
      return {
        seen: each(seen, (leaf) => eachColour(leaf, colours)),
        state: { x, blocks: begun.map((block) => block.state) },
      };
    },
    step: (params, carry, seen, { column, previous }) => {
      const p = net(params);
      const [before, owed] = [of(carry), of(seen)];
      const x = window.push(before.x, previous);
      let features = first.here(p.first, window.taps(x, column)).add(owed.x);
      const steps = blocks.map(({ recurrent, widen }, i) => {
        const own = p.blocks[i]!;
        const result = recurrent.rows.step(own.recurrent as never, features, before.blocks[i]!, owed.blocks[i]!);
        features = features.add(widen.pixel(own.widen, result.y));
        return result;
      });
      const after = steps.map(({ carry: next }, i) =>
        zipTrees(before.blocks[i]!, next, (old, now) => afterPixel(colours, column, old, now)),
      );
      return {
        logits: head.pixel(p.head, features, column),
        carry: { x, blocks: after },
        made: { blocks: steps.map(({ made }) => made) },
      };
    },
    end: (state, { made, values }) => {
      const { x, blocks: kept } = of(state);
      const left = (made as { blocks: readonly Tree<Tensor>[] }).blocks;
      return {
        x: nextRows(x, imageRow(values, colours)),
        blocks: blocks.map(({ recurrent }, i) =>
          recurrent.rows.end(
            kept[i]!,
            each(left[i]!, (leaf) => lastColours(leaf, colours)),
          ),
        ),
      };
    },
  };
}

/** The PixelRNN of that name whose recurrent layers `make` builds. */
export function pixelrnn<P>(
  name: string,
  config: NetworkOptions,
  data: DataSpec,
  make: (channels: Channels) => RecurrentLayer<P>,
): AutoregressiveModel {
  const size = imageSize(data, name);
  const levels = levelsOf(data, name);
  const classes = classesOf(config.conditional, data, name);
  const layers = layersOf(config, make as unknown as MakeLayer, size, levels);
  const factorisation: Factorisation = {
    levels,
    orders: [pixelOrder(size)],
    init: (key) => init(layers, classes, config.units, key) as never,
    logits: (params, given) => logitsOf(layers, params as unknown as Traced<NetParams>, given),
    cached: rowwise(rowsOf(layers, size)),
  };
  return autoregressive({ name, config: { ...config }, data, factorisation, classes, chunk: 50 });
}
