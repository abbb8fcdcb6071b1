import { type HostArray, int64, toNumbers } from "../../src/base/host.ts";
import { mapTree } from "../../src/base/tree.ts";
import * as nn from "../../src/nn/index.ts";
import { fold, key, normal } from "../../src/random/index.ts";
import { f64 } from "./reference.ts";

/** A layer of any parameters and inputs. */
export type AnyModule = {
  init(k: ReturnType<typeof key>): unknown;
  apply(params: never, ...input: never[]): unknown;
};

/** A layer with inputs to try it on, the shape of its result and the names of its parameters. */
export interface LayerCase {
  readonly name: string;
  readonly module: AnyModule;
  readonly inputs: readonly HostArray[];
  readonly shape: readonly number[];
  readonly paths: readonly string[];
}

const random = (seed: number, ...shape: number[]) => normal(key(seed), shape);
const image = random(1, 2, 4, 4, 4);
const sequence = random(2, 2, 5, 6);
const weights = (...names: string[]) => names.flatMap((name) => [`${name}/weight`, `${name}/bias`]);
const own = ["weight", "bias"];
const attention = ["attention/qkv/weight", "attention/qkv/bias", "attention/output/weight", "attention/output/bias"];
const block = [...weights("attentionNorm"), ...attention, ...weights("mlpNorm", "mlp/0", "mlp/1")];

/** Every layer: the tests that hold for all of them go over this list. */
export const layerCases: LayerCase[] = [
  { name: "linear", module: nn.linear(6, 3), inputs: [sequence], shape: [2, 5, 3], paths: own },
  {
    name: "linear without bias",
    module: nn.linear(6, 3, { bias: false }),
    inputs: [sequence],
    shape: [2, 5, 3],
    paths: ["weight"],
  },
  { name: "mlp", module: nn.mlp([6, 7, 3], "tanh"), inputs: [sequence], shape: [2, 5, 3], paths: weights("0", "1") },
  {
    name: "embedding",
    module: nn.embedding(4, 3),
    inputs: [int64([3, 0, 2, 1, 1, 3], [2, 3])],
    shape: [2, 3, 3],
    paths: ["weight"],
  },
  {
    name: "conv1d",
    module: nn.conv1d(5, 3, 3, { padding: "causal" }),
    inputs: [sequence],
    shape: [2, 3, 6],
    paths: own,
  },
  {
    name: "conv2d",
    module: nn.conv2d(4, 6, 3, { stride: 2, padding: 1, groups: 2 }),
    inputs: [image],
    shape: [2, 6, 2, 2],
    paths: own,
  },
  {
    name: "convTranspose1d",
    module: nn.convTranspose1d(5, 3, 4, { stride: 2 }),
    inputs: [sequence],
    shape: [2, 3, 14],
    paths: own,
  },
  {
    name: "convTranspose2d",
    module: nn.convTranspose2d(4, 3, 4, { stride: 2, padding: 1 }),
    inputs: [image],
    shape: [2, 3, 8, 8],
    paths: own,
  },
  { name: "layerNorm", module: nn.layerNorm(6), inputs: [sequence], shape: [2, 5, 6], paths: own },
  { name: "rmsNorm", module: nn.rmsNorm(6), inputs: [sequence], shape: [2, 5, 6], paths: ["weight"] },
  { name: "groupNorm", module: nn.groupNorm(4, 2), inputs: [image], shape: [2, 4, 4, 4], paths: own },
  { name: "batchNorm", module: nn.batchNorm(4), inputs: [image], shape: [2, 4, 4, 4], paths: own },
  {
    name: "weightNorm",
    module: nn.weightNorm(nn.linear(6, 3), 1),
    inputs: [sequence],
    shape: [2, 5, 3],
    paths: ["direction", "gain", "bias"],
  },
  {
    name: "residual",
    module: nn.residual(nn.linear(6, 3), nn.linear(6, 3)),
    inputs: [sequence],
    shape: [2, 5, 3],
    paths: weights("body", "shortcut"),
  },
  {
    name: "sequential",
    module: nn.sequential(nn.linear(6, 4), nn.stateless(nn.silu), nn.linear(4, 2)),
    inputs: [sequence],
    shape: [2, 5, 2],
    paths: weights("0", "2"),
  },
  {
    name: "selfAttention",
    module: nn.selfAttention({ width: 6, heads: 3 }),
    inputs: [sequence],
    shape: [2, 5, 6],
    paths: attention.map((path) => path.slice(10)),
  },
  {
    name: "crossAttention",
    module: nn.crossAttention(6, 4, 2),
    inputs: [sequence, random(3, 2, 7, 4)],
    shape: [2, 5, 6],
    paths: weights("query", "keyValue", "output"),
  },
  {
    name: "transformerBlock",
    module: nn.transformerBlock({ width: 6, heads: 3, causal: true, rotary: true }),
    inputs: [sequence],
    shape: [2, 5, 6],
    paths: block,
  },
  {
    name: "transformer",
    module: nn.transformer({ width: 6, heads: 2, layers: 2, causal: true }),
    inputs: [sequence],
    shape: [2, 5, 6],
    paths: [...block.map((path) => `blocks/0/${path}`), ...block.map((path) => `blocks/1/${path}`), ...weights("norm")],
  },
  {
    name: "lstm",
    module: firstOf(nn.lstm(6, 3)),
    inputs: [sequence],
    shape: [2, 5, 3],
    paths: ["weight", "recurrent", "bias"],
  },
  {
    name: "gru",
    module: firstOf(nn.gru(6, 3)),
    inputs: [sequence],
    shape: [2, 5, 3],
    paths: ["weight", "recurrent", "bias", "recurrentBias"],
  },
  {
    name: "resnetBlock",
    module: nn.resnetBlock({ inputs: 4, outputs: 6, embedding: 5, groups: 2 }),
    inputs: [image, random(4, 2, 5)],
    shape: [2, 6, 4, 4],
    paths: weights("norm1", "conv1", "embedding", "norm2", "conv2", "shortcut"),
  },
  {
    name: "attentionBlock2d",
    module: nn.attentionBlock2d(4, 2, 2),
    inputs: [image],
    shape: [2, 4, 4, 4],
    paths: [...weights("norm"), ...attention],
  },
  { name: "downsample2d", module: nn.downsample2d(4), inputs: [image], shape: [2, 4, 2, 2], paths: own },
  { name: "upsample2d", module: nn.upsample2d(4), inputs: [image], shape: [2, 4, 8, 8], paths: own },
];

function firstOf(layer: nn.Recurrent): AnyModule {
  return { init: layer.init, apply: (params: never, x: never) => layer.apply(params, x).y } as AnyModule;
}

/** Parameters moved away from zeros and ones, where some gradients vanish. */
export const shaken = (params: unknown) =>
  mapTree<HostArray, HostArray>(params, (leaf, path) => {
    const noise = normal(fold(key(9), path), leaf.shape);
    return f64(
      toNumbers(leaf).map((value, i) => value + 0.3 * noise.data[i]!),
      leaf.shape,
    );
  });
