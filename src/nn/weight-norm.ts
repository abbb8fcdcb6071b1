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

/**
 * Splits a layer's weight into length and direction, w = g·v/‖v‖ for each output. `outputAxis` is the weight's axis of
 * outputs: 1 for linear layers, 0 for convolutions. Salimans, Kingma 2016, arXiv 1602.07868.
 */
export function weightNorm(layer: Module<WeightParams>, outputAxis: number): Module<WeightNormParams> {
  return {
    init: (key) => {
      const { weight, ...rest } = layer.init(key);
      return { direction: weight, gain: outputNorms(weight, outputAxis), ...rest };
    },
    apply: ({ direction, gain, ...rest }: Traced<WeightNormParams>, x: Tensor) =>
      layer.apply({ weight: normedWeight({ direction, gain }, outputAxis), ...rest }, x),
  };
}
