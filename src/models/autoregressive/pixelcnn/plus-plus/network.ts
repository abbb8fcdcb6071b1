import { full } from "../../../../base/host.ts";
import { concat, constant, type Tensor } from "../../../../graph/index.ts";
import { elu, type Through, type Traced, type WeightNorm, type WeightNormParams } from "../../../../nn/index.ts";
import { fold, type Key } from "../../../../random/index.ts";
import type { Named } from "../../../contract.ts";
import type { ImageSize } from "../colours.ts";
import { type Block, type BlockParams, gatedBlock } from "./block.ts";
import { columnConv, downConv, downGrow, point, rightConv, rightGrow, rowConv } from "./convolutions.ts";
import { pass, type Stage, stagesOf } from "./stages.ts";

/** What shapes the network. */
export interface NetworkOptions {
  readonly size: ImageSize;
  readonly filters: number;
  readonly blocks: number;
  readonly levels: number;
  readonly classes: number;
  /** Outputs of every pixel. */
  readonly outputs: number;
}

/** Parameters of the whole network. */
export type PlusPlusParams = {
  down: WeightNormParams;
  above: WeightNormParams;
  left: WeightNormParams;
  downStages: (BlockParams | WeightNormParams)[];
  rightStages: (BlockParams | WeightNormParams)[];
  head: WeightNormParams;
};

type Layer = { readonly block: Block } | { readonly layer: WeightNorm };

/** The layers of both streams; `down` knows the rows above, `right` also the pixels to the left. */
export function networkOf({ size, filters, blocks, levels, classes, outputs }: NetworkOptions) {
  const stages = stagesOf(levels, blocks);
  const inputs = size.colours + 1;
  const down = (stage: Stage): Layer => {
    if (stage.kind === "block") return { block: gatedBlock(filters, downConv, stage.rising ? filters : 0, classes) };
    return { layer: stage.kind === "shrink" ? downConv(filters, filters, { stride: 2 }) : downGrow(filters) };
  };
  const right = (stage: Stage): Layer => {
    const beside = stage.rising ? 2 * filters : filters;
    if (stage.kind === "block") return { block: gatedBlock(filters, rightConv, beside, classes) };
    return { layer: stage.kind === "shrink" ? rightConv(filters, filters, { stride: 2 }) : rightGrow(filters) };
  };
  return {
    stages,
    size,
    filters,
    down: downConv(inputs, filters),
    above: rowConv(inputs, filters),
    left: columnConv(inputs, filters),
    downLayers: stages.map(down),
    rightLayers: stages.map(right),
    head: point(filters, outputs),
  };
}

/** The layers of a network. */
export type Network = ReturnType<typeof networkOf>;

/** Parameters as they are before any look at data. */
export function initNetwork(network: Network, key: Key): PlusPlusParams {
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

/** What the network reads beside images, and how. */
export interface Reading {
  readonly labels?: Tensor | undefined;
  /** Uniforms by stream and stage, as `dropoutShapes` has them, and the rate at which they switch features off. */
  readonly noise?: Named<Tensor> | undefined;
  readonly rate?: number;
  readonly through: Through;
}

/** Height and width after so many halvings. */
const sizeAt = ({ height, width }: ImageSize, level: number) =>
  [height, width].map((size) => Math.ceil(size / 2 ** level)) as [number, number];

/** Shapes of the noise of all blocks, by stream and stage. */
export function dropoutShapes({ stages, filters, size }: Network, batch: number): Named<readonly number[]> {
  const shapes = stages.flatMap(({ kind, level }, i) =>
    kind === "block"
      ? ["down", "right"].map((name) => [`${name}${i}`, [batch, 2 * filters, ...sizeAt(size, level)]])
      : [],
  );
  return Object.fromEntries(shapes);
}

/** One row further down (axis 2) or one column further right (axis 3): zeros come in, the last is dropped. */
function shifted(x: Tensor, axis: number): Tensor {
  return x.pad(x.shape.map((_, i) => (i === axis ? ([1, -1] as const) : ([0, 0] as const))));
}

/** The first rows and columns, where an odd size was rounded up when halved. */
function cropped(x: Tensor, [height, width]: readonly [number, number]): Tensor {
  const rows = x.shape[2] === height ? x : x.slice(2, 0, height);
  return rows.shape[3] === width ? rows : rows.slice(3, 0, width);
}

/** Outputs [B, outputs, H, W] of images in [−1, 1]; a channel of ones tells inside from outside. */
export function outputsOf(network: Network, params: Traced<PlusPlusParams>, y: Tensor, reading: Reading): Tensor {
  const { stages, size } = network;
  const { through, labels, rate = 0 } = reading;
  const x = concat([y, constant(full("float32", [y.shape[0]!, 1, ...y.shape.slice(2)], 1))], 1);
  type Other = (index: number, skip: Tensor | undefined) => Tensor | undefined;
  const stream = (name: "down" | "right", first: Tensor, other: Other) =>
    pass(stages, first, ({ kind, level }, i, value, skip) => {
      const [one, p] = [network[`${name}Layers`][i]!, params[`${name}Stages`][i] as never];
      if ("layer" in one) {
        const result = through(one.layer, p, value);
        return kind === "grow" ? cropped(result, sizeAt(size, level)) : result;
      }
      const noise = reading.noise?.[`${name}${i}`];
      return one.block.apply(p, value, { features: other(i, skip), labels, noise, rate, through });
    });
  const down = shifted(through(network.down, params.down, x), 2);
  const above = shifted(through(network.above, params.above, x), 2);
  const right = above.add(shifted(through(network.left, params.left, x), 3));
  const downs = stream("down", down, (_, skip) => skip);
  const rights = stream("right", right, (i, skip) => (skip ? concat([downs[i]!, skip], 1) : downs[i]!));
  return through(network.head, params.head, elu(rights.at(-1)!));
}
