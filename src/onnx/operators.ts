import { HostArray, int64 } from "../base/host.ts";
import { broadcastShapes, type Shape, sizeOf } from "../base/shape.ts";
import { concat, constant, conv, convTranspose, maxPool, type Tensor } from "../graph/index.ts";
import { primitive } from "../graph/primitive.ts";
import { apply } from "../graph/tensor.ts";
import type { Call } from "./call.ts";
import { dtypeOfCode } from "./tensor.ts";

/** Builds what an ONNX operator computes. */
type Operator = (call: Call) => Tensor | readonly Tensor[];

const unary =
  (fn: (x: Tensor) => Tensor): Operator =>
  (c) =>
    fn(c.x(0));
const binary =
  (fn: (x: Tensor, y: Tensor) => Tensor): Operator =>
  (c) =>
    fn(c.x(0), c.x(1));
const variadic =
  (fn: (x: Tensor, y: Tensor) => Tensor): Operator =>
  (c) =>
    c.all.reduce(fn);

const arithmetic: Record<string, Operator> = {
  Add: binary((x, y) => x.add(y)),
  Sub: binary((x, y) => x.sub(y)),
  Mul: binary((x, y) => x.mul(y)),
  Div: binary((x, y) => x.div(y)),
  Pow: binary((x, y) => x.pow(y)),
  Max: variadic((x, y) => x.maximum(y)),
  Min: variadic((x, y) => x.minimum(y)),
  Sum: variadic((x, y) => x.add(y)),
  Equal: binary((x, y) => x.equal(y)),
  Less: binary((x, y) => x.less(y)),
  LessOrEqual: binary((x, y) => x.lessEqual(y)),
  Greater: binary((x, y) => x.greater(y)),
  GreaterOrEqual: binary((x, y) => x.greaterEqual(y)),
  And: binary((x, y) => x.and(y)),
  Or: binary((x, y) => x.or(y)),
  Mod: (c) => (c.number("fmod", 0) === 1 ? truncatedRemainder(c.x(0), c.x(1)) : c.x(0).mod(c.x(1))),
};

/** Remainder with the sign of the dividend, as in C. */
function truncatedRemainder(x: Tensor, y: Tensor): Tensor {
  const magnitude = x.abs().mod(y.abs());
  return x.less(0).select(magnitude.neg(), magnitude);
}

const functions: Record<string, Operator> = {
  Identity: unary((x) => x),
  Abs: unary((x) => x.abs()),
  Neg: unary((x) => x.neg()),
  Sign: unary((x) => x.sign()),
  Floor: unary((x) => x.floor()),
  Ceil: unary((x) => x.ceil()),
  Round: unary((x) => x.round()),
  Reciprocal: unary((x) => x.reciprocal()),
  Exp: unary((x) => x.exp()),
  Log: unary((x) => x.log()),
  Sqrt: unary((x) => x.sqrt()),
  Sin: unary((x) => x.sin()),
  Cos: unary((x) => x.cos()),
  Tan: unary((x) => x.tan()),
  Atan: unary((x) => x.atan()),
  Tanh: unary((x) => x.tanh()),
  Erf: unary((x) => x.erf()),
  Sigmoid: unary((x) => x.sigmoid()),
  Softplus: unary((x) => x.softplus()),
  Relu: unary((x) => x.relu()),
  Not: unary((x) => x.not()),
  IsNaN: unary((x) => x.isNaN()),
  Cast: (c) => c.x(0).cast(dtypeOfCode(c.number("to", 0)) ?? c.fail("its element type is unknown to Sampo")),
  Where: (c) => c.x(0).select(c.x(1), c.x(2)),
  Clip: (c) => {
    const [low, high] = [c.maybe(1), c.maybe(2)];
    const raised = low ? c.x(0).maximum(low) : c.x(0);
    return high ? raised.minimum(high) : raised;
  },
  Softmax: (c) => c.x(0).softmax(c.number("axis", -1)),
  LogSoftmax: (c) => c.x(0).logSoftmax(c.number("axis", -1)),
  CumSum: (c) =>
    c
      .x(0)
      .cumsum(c.numbers(1)![0], { exclusive: c.number("exclusive", 0) === 1, reverse: c.number("reverse", 0) === 1 }),
};

type Reduction = (x: Tensor, axes: readonly number[] | undefined, keepDims: boolean) => Tensor;

const reduction =
  (fn: Reduction): Operator =>
  (c) => {
    const axes = c.numbers(1) ?? c.list("axes");
    const none = axes === undefined || axes.length === 0;
    if (none && c.number("noop_with_empty_axes", 0) === 1) return c.x(0);
    return fn(c.x(0), none ? undefined : axes, c.number("keepdims", 1) === 1);
  };

const reductions: Record<string, Operator> = {
  ReduceSum: reduction((x, axes, keep) => x.sum(axes, keep)),
  ReduceMean: reduction((x, axes, keep) => x.mean(axes, keep)),
  ReduceMax: reduction((x, axes, keep) => x.max(axes, keep)),
  ReduceMin: reduction((x, axes, keep) => x.min(axes, keep)),
  ReduceProd: reduction((x, axes, keep) => x.prod(axes, keep)),
  ReduceLogSumExp: reduction((x, axes, keep) => x.logSumExp(axes, keep)),
  ArgMax: (c) => c.x(0).argmax(c.number("axis", 0), c.number("keepdims", 1) === 1),
  ArgMin: (c) => c.x(0).argmin(c.number("axis", 0), c.number("keepdims", 1) === 1),
  TopK: (c) => {
    const { values, indices } = c.x(0).topK(c.numbers(1)![0]!, c.number("axis", -1), c.number("largest", 1) === 1);
    return [values, indices];
  },
};

const views: Record<string, Operator> = {
  Constant: (c) => {
    const { value } = c.node.attributes;
    return value instanceof HostArray ? constant(value) : c.fail("only whole tensors are supported as its value");
  },
  Shape: (c) => constant(int64(c.x(0).shape.slice(c.number("start", 0), c.number("end", c.x(0).rank)))),
  Reshape: (c) => c.x(0).reshape(targetShape(c)),
  Flatten: (c) => {
    const { shape } = c.x(0);
    const axis = c.number("axis", 1);
    return c.x(0).reshape([sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))]);
  },
  Squeeze: (c) => c.x(0).squeeze(c.numbers(1)),
  Unsqueeze: (c) => unsqueeze(c.x(0), c.numbers(1)!),
  Transpose: (c) => c.x(0).transpose(c.list("perm")),
  Expand: (c) => c.x(0).broadcastTo(broadcastShapes(c.x(0).shape, c.numbers(1)!)),
  Concat: (c) => concat(c.all, c.number("axis", 0)),
  Split: (c) => c.x(0).split(c.numbers(1) ?? c.node.outputs.length, c.number("axis", 0)),
  Slice: (c) => slice(c),
  Pad: (c) => pad(c),
  Gather: (c) => c.x(0).gather(c.x(1), c.number("axis", 0)),
  GatherElements: (c) => c.x(0).takeAlong(c.x(1), c.number("axis", 0)),
};

/** Reshape's target: 0 keeps the operand's size there. */
function targetShape(c: Call): number[] {
  const { shape } = c.x(0);
  const keeps = c.number("allowzero", 0) === 0;
  return c.numbers(1)!.map((dim, axis) => (dim === 0 && keeps ? (shape[axis] ?? 0) : dim));
}

function unsqueeze(x: Tensor, axes: readonly number[]): Tensor {
  const rank = x.rank + axes.length;
  const added = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  let next = 0;
  const shape: Shape = Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : x.shape[next++]!));
  return x.reshape(shape);
}

function slice(c: Call): Tensor {
  const [starts, ends] = [c.numbers(1)!, c.numbers(2)!];
  const axes = c.numbers(3) ?? starts.map((_, axis) => axis);
  const steps = c.numbers(4) ?? starts.map(() => 1);
  return axes.reduce((x, axis, i) => {
    const size = x.shape[axis < 0 ? axis + x.rank : axis]!;
    const [start, end, step] = [starts[i]!, ends[i]!, steps[i]!];
    const open = step > 0 ? end >= size : end < -size;
    return x.slice(axis, Math.max(-size, Math.min(start, step > 0 ? size : size - 1)), open ? undefined : end, step);
  }, c.x(0));
}

function pad(c: Call): Tensor {
  const mode = c.text("mode") ?? "constant";
  if (mode !== "constant") c.fail(`padding by "${mode}" is not supported`);
  const [amounts, axes] = [c.numbers(1)!, c.numbers(3)];
  const x = c.x(0);
  const pairs = x.shape.map(() => [0, 0] as [number, number]);
  const half = amounts.length / 2;
  for (let i = 0; i < half; i++) pairs[axes?.at(i) ?? i] = [amounts[i]!, amounts[half + i]!];
  return x.pad(pairs, c.numbers(2)?.[0] ?? 0);
}

const products: Record<string, Operator> = {
  MatMul: binary((x, y) => x.matmul(y)),
  Gemm: (c) => {
    const attrs = { transposeA: c.number("transA", 0) === 1, transposeB: c.number("transB", 0) === 1 };
    const product = apply(primitive("matmul"), [c.x(0), c.x(1)], attrs)[0]!.mul(c.number("alpha", 1));
    const bias = c.maybe(2);
    return bias ? product.add(bias.mul(c.number("beta", 1))) : product;
  },
  Conv: (c) => conv(c.x(0), c.x(1), { ...windows(c), groups: c.number("group", 1), ...bias(c) }),
  ConvTranspose: (c) => {
    const outputPadding = c.list("output_padding") ?? 0;
    return convTranspose(c.x(0), c.x(1), { ...windows(c), outputPadding, groups: c.number("group", 1), ...bias(c) });
  },
  MaxPool: (c) => {
    const { dilation: _, ...rest } = windows(c);
    return maxPool(c.x(0), { kernel: c.list("kernel_shape")!, ...rest });
  },
  LayerNormalization: (c) => {
    const axis = c.number("axis", -1);
    const attrs = { axis: axis < 0 ? axis + c.x(0).rank : axis, epsilon: c.number("epsilon", 1e-5) };
    return apply(primitive("layerNorm"), c.all, attrs);
  },
};

const bias = (c: Call) => (c.maybe(2) ? { bias: c.x(2) } : {});

function windows(c: Call) {
  if ((c.text("auto_pad") ?? "NOTSET") !== "NOTSET") c.fail("automatic padding is not supported");
  const spatial = c.x(0).rank - 2;
  const pads = c.list("pads") ?? new Array<number>(2 * spatial).fill(0);
  const padding = Array.from({ length: spatial }, (_, axis) => [pads[axis]!, pads[spatial + axis]!] as const);
  return { stride: c.list("strides") ?? 1, dilation: c.list("dilations") ?? 1, padding };
}

/** What Sampo understands of ONNX's standard operators. */
export const operators: Readonly<Record<string, Operator>> = {
  ...arithmetic,
  ...functions,
  ...reductions,
  ...views,
  ...products,
};
