import { ShapeError } from "../../base/errors.ts";
import { type Shape, sameShape, showShape } from "../../base/shape.ts";
import { nd } from "../nd.ts";
import { type Aval, type Gradients, type NdArray, register, type VjpArgs } from "../primitive.ts";
import { call, type Tensor } from "../tensor.ts";
import { emitForward, emitInputGradient, emitWeightGradient } from "./conv-emit.ts";
import { forEachRow } from "./conv-reference.ts";
import {
  type ConvAttrs,
  type ConvOptions,
  checkConv,
  convSizes,
  geometry,
  perAxis,
  resolveConv,
  span,
} from "./conv-shape.ts";

type InputGradAttrs = ConvAttrs & { readonly size: Shape };
type WeightGradAttrs = ConvAttrs & { readonly kernel: Shape };

/**
 * Convolution (cross-correlation, as all deep-learning libraries define it) of x [N, C, L] or [N, C, H, W] with weights
 * [K, C/groups, …kernel]; `bias` [K] is added to every position. Result [N, K, …].
 */
export function conv(x: Tensor, w: Tensor, options: ConvOptions & { readonly bias?: Tensor } = {}): Tensor {
  const attrs = resolveConv(options, x.shape.slice(2), w.shape.slice(2));
  return call("conv", options.bias ? [x, w, options.bias] : [x, w], attrs);
}

/**
 * Transposed convolution: the input gradient of a convolution used forwards. x [N, K, …], weights [K, C/groups, …kernel]
 * (input channels first), result [N, C, (size − 1)·stride − before − after + d(k−1) + 1 + outputPadding].
 */
export function convTranspose(
  x: Tensor,
  w: Tensor,
  options: ConvOptions & { readonly outputPadding?: number | readonly number[]; readonly bias?: Tensor } = {},
): Tensor {
  const kernel = w.shape.slice(2);
  const { padding = 0 } = options;
  if (padding === "same" || padding === "causal")
    throw new ShapeError(`convTranspose(${x}, ${w}): give padding as numbers, "${padding}" has no single meaning here`);
  const attrs = resolveConv({ ...options, padding }, x.shape.slice(2), kernel);
  const extra = perAxis(options.outputPadding ?? 0, kernel.length, "outputPadding");
  const size = x.shape.slice(2).map((length, axis) => {
    const [before, after] = attrs.padding[axis]!;
    return (
      (length - 1) * attrs.stride[axis]! - before - after + span(kernel[axis]!, attrs.dilation[axis]!) + extra[axis]!
    );
  });
  const y = call("convInputGrad", [x, w], { ...attrs, size });
  return options.bias ? y.add(options.bias.reshape([-1, ...kernel.map(() => 1)])) : y;
}

/** Gradient of a convolution with respect to its input of spatial sizes `size`. */
function inputGrad(dy: Tensor, w: Tensor, attrs: ConvAttrs, size: Shape): Tensor {
  return call("convInputGrad", [dy, w], { ...own(attrs), size: [...size] });
}

/** Gradient of a convolution with respect to its weights of spatial sizes `kernel`. */
function weightGrad(x: Tensor, dy: Tensor, attrs: ConvAttrs, kernel: Shape): Tensor {
  return call("convWeightGrad", [x, dy], { ...own(attrs), kernel: [...kernel] });
}

const own = ({ stride, padding, dilation, groups }: ConvAttrs): ConvAttrs => ({ stride, padding, dilation, groups });
const spatial = (tensor: Aval) => tensor.shape.slice(2);

function sameFloat(inputs: readonly Aval[]): Aval["dtype"] {
  const { dtype } = inputs[0]!;
  const odd = inputs.find((input) => input.dtype !== dtype || input.dtype === "int64" || input.dtype === "bool");
  if (odd)
    throw new ShapeError(`convolution takes floats of one dtype, got ${inputs.map(({ dtype: d }) => d).join(" and ")}`);
  return dtype;
}

function convShape(x: Shape, w: Shape, attrs: ConvAttrs): number[] {
  checkConv(x, w, attrs);
  return [x[0]!, w[0]!, ...convSizes(x.slice(2), w.slice(2), attrs)];
}

/** Throws unless dy has the shape the convolution of x and w has. */
function checkResult(x: Shape, w: Shape, dy: Shape, attrs: ConvAttrs): void {
  const expected = convShape(x, w, attrs);
  if (!sameShape(expected, dy))
    throw new ShapeError(
      `the convolution of ${showShape(x)} with ${showShape(w)} has shape ${showShape(expected)}, not ${showShape(dy)}`,
    );
}

register<ConvAttrs>({
  name: "conv",
  infer: (inputs, attrs) => {
    const [x, w, bias] = inputs;
    const shape = convShape(x!.shape, w!.shape, attrs);
    if (bias && !sameShape(bias.shape, [shape[1]!])) throw new ShapeError(`the bias needs shape [${shape[1]}]`);
    return [{ shape, dtype: sameFloat(inputs) }];
  },
  vjp: ({ inputs, cotangents, attrs, needs }: VjpArgs<ConvAttrs>): Gradients => {
    const [x, w] = inputs as [Tensor, Tensor];
    const g = cotangents[0]!;
    const all = [0, ...spatial(x).map((_, axis) => axis + 2)];
    return [
      needs[0] ? inputGrad(g, w, attrs, spatial(x)) : undefined,
      needs[1] ? weightGrad(x, g, attrs, spatial(w)) : undefined,
      needs[2] ? g.sum(all) : undefined,
    ];
  },
  emit: emitForward,
  evaluate: ([x, w, bias], attrs): NdArray[] => {
    const y = nd(convShape(x!.shape, w!.shape, attrs), x!.dtype);
    const plane = y.data.length / (y.shape[0]! * y.shape[1]!);
    if (bias) y.data.set(y.data.map((_, i) => bias.data[Math.floor(i / plane) % y.shape[1]!]!));
    const [from, weights, to] = [x!.data, w!.data, y.data];
    forEachRow(geometry(x!.shape, w!.shape, y.shape, attrs), (xi, wi, yi, count, step) => {
      const weight = weights[wi]!;
      for (let j = 0; j < count; j++) to[yi + j]! += from[xi + j * step]! * weight;
    });
    return [y];
  },
});

register<InputGradAttrs>({
  name: "convInputGrad",
  infer: ([dy, w], attrs) => {
    const shape = [dy!.shape[0]!, (w!.shape[1] ?? 0) * attrs.groups, ...attrs.size];
    checkResult(shape, w!.shape, dy!.shape, attrs);
    return [{ shape, dtype: sameFloat([dy!, w!]) }];
  },
  vjp: ({ inputs, cotangents, attrs, needs }: VjpArgs<InputGradAttrs>): Gradients => {
    const [dy, w] = inputs as [Tensor, Tensor];
    const c = cotangents[0]!;
    return [
      needs[0] ? call("conv", [c, w], own(attrs)) : undefined,
      needs[1] ? weightGrad(c, dy, attrs, spatial(w)) : undefined,
    ];
  },
  emit: emitInputGradient,
  evaluate: ([dy, w], attrs): NdArray[] => {
    const dx = nd([dy!.shape[0]!, w!.shape[1]! * attrs.groups, ...attrs.size], dy!.dtype);
    const [from, weights, to] = [dy!.data, w!.data, dx.data];
    forEachRow(geometry(dx.shape, w!.shape, dy!.shape, attrs), (xi, wi, yi, count, step) => {
      const weight = weights[wi]!;
      for (let j = 0; j < count; j++) to[xi + j * step]! += from[yi + j]! * weight;
    });
    return [dx];
  },
});

register<WeightGradAttrs>({
  name: "convWeightGrad",
  infer: ([x, dy], attrs) => {
    const shape = [dy!.shape[1]!, x!.shape[1]! / attrs.groups, ...attrs.kernel];
    checkResult(x!.shape, shape, dy!.shape, attrs);
    return [{ shape, dtype: sameFloat([x!, dy!]) }];
  },
  vjp: ({ inputs, cotangents, attrs, needs }: VjpArgs<WeightGradAttrs>): Gradients => {
    const [x, dy] = inputs as [Tensor, Tensor];
    const c = cotangents[0]!;
    return [
      needs[0] ? inputGrad(dy, c, attrs, spatial(x)) : undefined,
      needs[1] ? call("conv", [x, c], own(attrs)) : undefined,
    ];
  },
  emit: emitWeightGradient,
  evaluate: ([x, dy], attrs): NdArray[] => {
    const dw = nd([dy!.shape[1]!, x!.shape[1]! / attrs.groups, ...attrs.kernel], x!.dtype);
    const [from, slopes, to] = [x!.data, dy!.data, dw.data];
    forEachRow(geometry(x!.shape, dw.shape, dy!.shape, attrs), (xi, wi, yi, count, step) => {
      let sum = 0;
      for (let j = 0; j < count; j++) sum += from[xi + j * step]! * slopes[yi + j]!;
      to[wi]! += sum;
    });
    return [dw];
  },
});
