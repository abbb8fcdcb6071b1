import { sizeOf } from "../base/shape.ts";
import { type ConvOptions, conv, convTranspose, type Tensor } from "../graph/index.ts";
import { fold, type Key } from "../random/index.ts";
import { type Fans, glorotUniform, zeros } from "./initializers.ts";
import type { WeightOptions, WeightParams } from "./linear.ts";
import type { Module } from "./module.ts";

/** How a convolution layer moves and how its parameters begin. */
export interface ConvLayerOptions extends ConvOptions, WeightOptions {}

/** Options of transposed convolution layers. */
export interface ConvTransposeOptions extends ConvLayerOptions {
  readonly outputPadding?: number;
}

/** A layer's kernel sizes, one for each spatial axis. */
const kernelOf = (kernel: number | readonly number[], axes: number): readonly number[] =>
  typeof kernel === "number" ? new Array<number>(axes).fill(kernel) : kernel;

/** Initial weight of that shape and bias [outputs]. */
function initConv(
  key: Key,
  shape: readonly number[],
  outputs: number,
  fans: Fans,
  options: WeightOptions,
): WeightParams {
  const { weight = glorotUniform, bias = zeros } = options;
  return {
    weight: weight(fold(key, "weight"), shape, fans),
    ...(bias && { bias: bias(fold(key, "bias"), [outputs], fans) }),
  };
}

function convLayer(
  inputs: number,
  outputs: number,
  kernel: readonly number[],
  options: ConvLayerOptions,
): Module<WeightParams> {
  const { weight: _w, bias: _b, groups = 1, ...rest } = options;
  const field = sizeOf(kernel);
  const fans = { fanIn: (inputs / groups) * field, fanOut: (outputs / groups) * field };
  return {
    init: (key) => initConv(key, [outputs, inputs / groups, ...kernel], outputs, fans, options),
    apply: (params, x) => conv(x, params.weight, { ...rest, groups, ...withBias(params.bias) }),
  };
}

const withBias = (bias: Tensor | undefined) => (bias ? { bias } : {});

/**
 * Convolution of [N, inputs, H, W] with `outputs` filters; weight [outputs, inputs/groups, kh, kw], bias [outputs].
 * An output sums over (inputs/groups)·kh·kw values: that is the fan-in of its initialiser.
 */
export function conv2d(
  inputs: number,
  outputs: number,
  kernel: number | readonly number[],
  options: ConvLayerOptions = {},
): Module<WeightParams> {
  return convLayer(inputs, outputs, kernelOf(kernel, 2), options);
}

/** Convolution of [N, inputs, L]; weight [outputs, inputs/groups, k], bias [outputs]. */
export function conv1d(
  inputs: number,
  outputs: number,
  kernel: number,
  options: ConvLayerOptions = {},
): Module<WeightParams> {
  return convLayer(inputs, outputs, kernelOf(kernel, 1), options);
}

function convTransposeLayer(
  inputs: number,
  outputs: number,
  kernel: readonly number[],
  options: ConvTransposeOptions,
): Module<WeightParams> {
  const { weight: _w, bias: _b, groups = 1, ...rest } = options;
  const field = sizeOf(kernel);
  const { stride = 1 } = rest;
  const steps = typeof stride === "number" ? stride ** kernel.length : sizeOf(stride);
  const fans = { fanIn: ((inputs / groups) * field) / steps, fanOut: (outputs / groups) * field };
  return {
    init: (key) => initConv(key, [inputs, outputs / groups, ...kernel], outputs, fans, options),
    apply: (params, x) => convTranspose(x, params.weight, { ...rest, groups, ...withBias(params.bias) }),
  };
}

/**
 * Transposed convolution of [N, inputs, H, W], which multiplies the image size by the stride; weight
 * [inputs, outputs/groups, kh, kw], bias [outputs]. An output sums over (inputs/groups)·kh·kw/stride² values on average.
 */
export function convTranspose2d(
  inputs: number,
  outputs: number,
  kernel: number | readonly number[],
  options: ConvTransposeOptions = {},
): Module<WeightParams> {
  return convTransposeLayer(inputs, outputs, kernelOf(kernel, 2), options);
}

/** Transposed convolution of [N, inputs, L]; weight [inputs, outputs/groups, k], bias [outputs]. */
export function convTranspose1d(
  inputs: number,
  outputs: number,
  kernel: number,
  options: ConvTransposeOptions = {},
): Module<WeightParams> {
  return convTransposeLayer(inputs, outputs, kernelOf(kernel, 1), options);
}
