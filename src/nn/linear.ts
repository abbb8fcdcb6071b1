import type { HostArray } from "../base/host.ts";
import type { Tensor } from "../graph/index.ts";
import { fold } from "../random/index.ts";
import { type Activation, activation } from "./activations.ts";
import { glorotUniform, heNormal, type Initializer, normal, zeros } from "./initializers.ts";
import type { Module } from "./module.ts";

/** Parameters of layers with a weight and, unless switched off, a bias. */
export type WeightParams = { weight: HostArray; bias?: HostArray };

/** Initialisers of a layer's weight and bias; `bias: false` leaves the bias out. */
export interface WeightOptions {
  readonly weight?: Initializer;
  readonly bias?: Initializer | false;
}

/** x·W + b over the last axis; weight [inputs, outputs], bias [outputs]. */
export function linear(inputs: number, outputs: number, options: WeightOptions = {}): Module<WeightParams> {
  const { weight = glorotUniform, bias = zeros } = options;
  const fans = { fanIn: inputs, fanOut: outputs };
  return {
    init: (key) => ({
      weight: weight(fold(key, "weight"), [inputs, outputs], fans),
      ...(bias && { bias: bias(fold(key, "bias"), [outputs], fans) }),
    }),
    apply: (params, x) => {
      const product = x.matmul(params.weight);
      return params.bias ? product.add(params.bias) : product;
    },
  };
}

/** Rectifier-like activations want variance 2/fanIn; the others Glorot's. */
const rectifiers: readonly string[] = ["relu", "leakyRelu", "elu", "silu", "gelu", "geluTanh"];

/** Options of {@link mlp}. */
export interface MlpOptions {
  /** Initialiser of the hidden layers; by default He's normal for rectifiers and Glorot's uniform for the others. */
  readonly hidden?: Initializer;
  /** Initialiser of the last layer. */
  readonly output?: Initializer;
  /** Whether the activation also follows the last layer. */
  readonly activateLast?: boolean;
}

/** Linear layers with an activation between them: `mlp([784, 200, 20], "tanh")`; leaves `0/weight`, `1/bias`. */
export function mlp(
  sizes: readonly number[],
  act: Activation | ((x: Tensor) => Tensor),
  options: MlpOptions = {},
): Module<WeightParams[]> {
  const fn = activation(act);
  const { activateLast = false, output = glorotUniform } = options;
  const hidden = options.hidden ?? (typeof act === "string" && rectifiers.includes(act) ? heNormal : glorotUniform);
  const last = sizes.length - 2;
  const isActive = (i: number) => i < last || activateLast;
  const layers = sizes.slice(1).map((size, i) => linear(sizes[i]!, size, { weight: isActive(i) ? hidden : output }));
  return {
    init: (key) => layers.map((layer, i) => layer.init(fold(key, i))),
    apply: (params, x) =>
      layers.reduce((y, layer, i) => {
        const z = layer.apply(params[i]!, y);
        return isActive(i) ? fn(z) : z;
      }, x),
  };
}

/** Rows of a table by number; weight [count, width]; the input is int64 of any shape, the result shape + [width]. */
export function embedding(
  count: number,
  width: number,
  weight: Initializer = normal(1),
): Module<{ weight: HostArray }> {
  return {
    init: (key) => ({ weight: weight(fold(key, "weight"), [count, width], { fanIn: count, fanOut: width }) }),
    apply: (params, indices) => params.weight.gather(indices),
  };
}
