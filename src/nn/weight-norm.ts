import { HostArray } from "../base/host.ts";
import { sizeOf } from "../base/shape.ts";
import type { Tensor } from "../graph/index.ts";
import type { WeightParams } from "./linear.ts";
import type { Module, Traced } from "./module.ts";

/** Parameters of a weight-normalised layer: the weight is `gain`·direction/‖direction‖ for each output. */
export type WeightNormParams = { direction: HostArray; gain: HostArray; bias?: HostArray };

/** Norm of the weights of each output, in the weight's rank. */
function outputNorms(weight: HostArray, axis: number): HostArray {
  const outputs = weight.shape[axis]!;
  const inner = sizeOf(weight.shape.slice(axis + 1));
  const squares = new Float64Array(outputs);
  weight.data.forEach((value, i) => {
    squares[Math.floor(i / inner) % outputs]! += Number(value) ** 2;
  });
  const shape = weight.shape.map((dim, i) => (i === axis ? dim : 1));
  return new HostArray("float32", shape, Float32Array.from(squares, Math.sqrt));
}

/** The weight gain·direction/‖direction‖ of a weight-normalised layer. */
export function normedWeight({ direction, gain }: Traced<WeightNormParams>, outputAxis: number): Tensor {
  const axes = direction.shape.map((_, axis) => axis).filter((axis) => axis !== outputAxis);
  return direction.mul(gain.div(direction.square().sum(axes, true).sqrt()));
}

/** A weight-normalised layer that can also begin from data. */
export interface WeightNorm extends Module<WeightNormParams> {
  /** Gain and bias with which every output has its mean and spread over x, and those outputs. */
  fit(params: Traced<WeightNormParams>, x: Tensor): { readonly params: Traced<WeightNormParams>; readonly y: Tensor };
}

/** How weight-normalised layers are told apart and begin. */
export interface WeightNormOptions {
  /** Standard deviation of the outputs after a start from data; 1 when left out. */
  readonly spread?: number;
}

/** Variance below which an output counts as constant: no gain would spread it. */
const CONSTANT = 1e-6;

/**
 * Splits a layer's weight into length and direction, w = g·v/‖v‖ for each output. `outputAxis` is the weight's axis of
 * outputs: 1 for linear layers, 0 for convolutions. `fit` is the data-dependent start: with t = v·x/‖v‖ over a first
 * batch, g = s/σ[t] and b = −s·μ[t]/σ[t]. Salimans, Kingma 2016, arXiv 1602.07868, section 3.
 */
export function weightNorm(
  layer: Module<WeightParams>,
  outputAxis: number,
  { spread = 1 }: WeightNormOptions = {},
): WeightNorm {
  const withWeight = (weight: Tensor, rest: { bias?: Tensor }, x: Tensor) => layer.apply({ weight, ...rest }, x);
  return {
    init: (key) => {
      const { weight, ...rest } = layer.init(key);
      return { direction: weight, gain: outputNorms(weight, outputAxis), ...rest };
    },
    apply: ({ direction, gain, ...rest }, x) => withWeight(normedWeight({ direction, gain }, outputAxis), rest, x),
    fit: ({ direction, gain, bias }, x) => {
      const bare = withWeight(normedWeight({ direction, gain: gain.mul(0).add(1) }, outputAxis), {}, x);
      const channels = direction.rank === 2 ? bare.rank - 1 : 1;
      const others = bare.shape.map((_, axis) => axis).filter((axis) => axis !== channels);
      const mean = bare.mean(others, true);
      const centred = bare.sub(mean);
      const variance = centred.square().mean(others, true);
      const own = gain.reshape(variance.shape);
      const scale = variance.less(CONSTANT).select(own, variance.maximum(CONSTANT).sqrt().reciprocal().mul(spread));
      const fitted = { direction, gain: scale.reshape(gain.shape) };
      if (!bias) return { params: fitted, y: bare.mul(scale) };
      return { params: { ...fitted, bias: mean.mul(scale).neg().reshape(bias.shape) }, y: centred.mul(scale) };
    },
  };
}

/** How a network passes features through its weight-normalised layers. */
export type Through = (layer: WeightNorm, params: Traced<WeightNormParams>, x: Tensor) => Tensor;

/** As the parameters say. */
export const asTheyAre: Through = (layer, params, x) => layer.apply(params, x);

/**
 * Parameters of a network whose weight-normalised layers are set, in the order in which `run` passes through them, by the
 * features that reach them then.
 */
export function fittedParams<P>(params: P, run: (through: Through) => unknown): P {
  const fitted = new Map<unknown, unknown>();
  run((layer, own, x) => {
    const result = layer.fit(own, x);
    fitted.set(own, result.params);
    return result.y;
  });
  const replaced = (node: unknown): unknown => {
    if (fitted.has(node)) return fitted.get(node);
    if (Array.isArray(node)) return node.map(replaced);
    if (node === null || Object.getPrototypeOf(node) !== Object.prototype) return node;
    return Object.fromEntries(Object.entries(node as object).map(([name, child]) => [name, replaced(child)]));
  };
  return replaced(params) as P;
}
