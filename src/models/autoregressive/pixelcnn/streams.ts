import type { HostArray } from "../../../base/host.ts";
import { concat, type Tensor } from "../../../graph/index.ts";
import {
  conv2d,
  convTranspose2d,
  dropout,
  elu,
  linear,
  type Module,
  type Traced,
  type WeightParams,
} from "../../../nn/index.ts";
import { type WeightNormParams, weightNorm } from "../../../nn/weight-norm.ts";
import { fold, type Key } from "../../../random/index.ts";

/** What a stream of features passes through, in order. Residual blocks on the way up read what the way down left. */
export interface Stage {
  readonly kind: "block" | "shrink" | "grow";
  readonly rising: boolean;
  /** How often the image has been halved after it. */
  readonly level: number;
}

/** The U-shaped sequence: blocks and halvings down, as many blocks and one for each halving up. */
export function stagesOf(levels: number, blocks: number): Stage[] {
  const repeat = (count: number, stage: Stage) => Array.from({ length: count }, () => stage);
  const numbers = Array.from({ length: levels }, (_, level) => level);
  const down = numbers.flatMap((level): Stage[] => [
    ...(level > 0 ? [{ kind: "shrink", rising: false, level } as const] : []),
    ...repeat(blocks, { kind: "block", rising: false, level }),
  ]);
  const up = numbers
    .reverse()
    .flatMap((level): Stage[] => [
      ...(level < levels - 1 ? [{ kind: "grow", rising: true, level } as const] : []),
      ...repeat(level < levels - 1 ? blocks + 1 : blocks, { kind: "block", rising: true, level }),
    ]);
  return [...down, ...up];
}

/** Takes features through all stages; gives those after each. `skip` is what the way down left for this block. */
export function pass<T>(
  stages: readonly Stage[],
  first: T,
  apply: (stage: Stage, index: number, value: T, skip: T | undefined) => T,
): T[] {
  const left = [first];
  const each: T[] = [];
  let value = first;
  stages.forEach((stage, index) => {
    if (stage.rising && !stages[index - 1]?.rising) left.pop();
    const skip = stage.rising && stage.kind === "block" ? left.pop() : undefined;
    value = apply(stage, index, value, skip);
    if (!stage.rising) left.push(value);
    each.push(value);
  });
  return each;
}

/** elu of the features and of their negatives, twice as many (arXiv 1701.05517, section 2.5; Shang et al. 2016). */
export const concatElu = (x: Tensor, axis = 1): Tensor => elu(concat([x, x.neg()], axis));

type Convolution = Module<WeightNormParams>;

const normed = (layer: Module<WeightParams>): Convolution => weightNorm(layer, 0);

/** Over the row above and the row itself, one column to each side: for features that know whole rows. */
export const downConv = (inputs: number, outputs: number, stride = 1): Convolution => {
  const padding = [
    [1, 0],
    [1, 1],
  ] as const;
  return normed(conv2d(inputs, outputs, [2, 3], { padding, stride }));
};

/** Over the pixel, the one to its left and the two above them. */
export const rightConv = (inputs: number, outputs: number, stride = 1): Convolution => {
  const padding = [
    [1, 0],
    [1, 0],
  ] as const;
  return normed(conv2d(inputs, outputs, 2, { padding, stride }));
};

/** Twice the size, reaching as far as `downConv`. */
export const downGrow = (features: number): Convolution => {
  const padding = [
    [0, 0],
    [1, 0],
  ] as const;
  return weightNorm(convTranspose2d(features, features, [2, 3], { stride: 2, padding }), 1);
};

/** Twice the size, reaching as far as `rightConv`. */
export const rightGrow = (features: number): Convolution =>
  weightNorm(convTranspose2d(features, features, 2, { stride: 2 }), 1);

/** A 1×1 convolution. */
export const point = (inputs: number, outputs: number): Convolution => normed(conv2d(inputs, outputs, 1));

/** Parameters of a residual block. */
export type BlockParams = {
  first: WeightNormParams;
  second: WeightNormParams;
  beside?: WeightNormParams;
  labels?: { weight: HostArray };
};

/** What a block reads beside its features. */
export interface Beside {
  /** Features of another stream or level. */
  readonly features?: Tensor | undefined;
  readonly labels?: Tensor | undefined;
  /** Uniforms [B, features] that switch features off, and how many. */
  readonly noise?: Tensor | undefined;
  readonly rate: number;
}

/** A gated residual block. */
export interface Block {
  readonly init: (key: Key) => BlockParams;
  readonly apply: (params: Traced<BlockParams>, x: Tensor, beside: Beside) => Tensor;
}

/**
 * x + a·σ(b) with [a, b] = conv(dropout(concat-elu(conv(concat-elu(x)) + 1×1(concat-elu(beside))))) + labels
 * (arXiv 1701.05517; the authors' `gated_resnet`).
 */
export function gatedBlock(
  features: number,
  conv: (inputs: number, outputs: number) => Convolution,
  beside: number,
  classes: number,
): Block {
  const parts = { first: conv(2 * features, features), second: conv(2 * features, 2 * features) };
  const extra = beside > 0 ? point(2 * beside, features) : undefined;
  const label = classes > 0 ? linear(classes, 2 * features, { bias: false }) : undefined;
  return {
    init: (key) => ({
      first: parts.first.init(fold(key, "first")),
      second: parts.second.init(fold(key, "second")),
      ...(extra && { beside: extra.init(fold(key, "beside")) }),
      ...(label && { labels: { weight: label.init(fold(key, "labels")).weight } }),
    }),
    apply: (params, x, { features: other, labels, noise, rate }) => {
      let inner = parts.first.apply(params.first, concatElu(x));
      if (extra && other && params.beside) inner = inner.add(extra.apply(params.beside, concatElu(other)));
      inner = concatElu(inner);
      if (noise) inner = dropout(inner, noise.reshape([...noise.shape, 1, 1]), rate);
      let both = parts.second.apply(params.second, inner);
      if (label && labels && params.labels)
        both = both.add(label.apply(params.labels, labels).reshape([-1, 2 * features, 1, 1]));
      const [a, b] = both.split(2, 1) as [Tensor, Tensor];
      return x.add(a.mul(b.sigmoid()));
    },
  };
}
