import { ShapeError } from "../../base/errors.ts";
import type { Shape } from "../../base/shape.ts";
import { broadcastIndices, lines, nd } from "../nd.ts";
import { type Aval, type Emission, type NdArray, type Primitive, register } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";
import { commonDType, type Kind } from "./elementwise.ts";

/** Attributes of a reduction: sorted non-negative axes, and whether they stay as axes of size 1. */
type ReduceAttrs = { readonly axes: readonly number[]; readonly keepDims: boolean };

/** The largest finite float32: keeps infinities out of differences. */
const largest = 3.4028234663852886e38;

/** The shape in which reduced axes have size 1. */
function keptShape(shape: Shape, axes: readonly number[]): number[] {
  return shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
}

function reducedShape(shape: Shape, { axes, keepDims }: ReduceAttrs): number[] {
  return keepDims ? keptShape(shape, axes) : shape.filter((_, axis) => !axes.includes(axis));
}

/** Folds all elements that share a result position, starting from `start`. */
function fold(x: NdArray, attrs: ReduceAttrs, start: number, step: (sum: number, value: number) => number): NdArray {
  const result = nd(reducedShape(x.shape, attrs), x.dtype);
  const position = broadcastIndices(keptShape(x.shape, attrs.axes), x.shape);
  result.data.fill(start);
  for (let i = 0; i < position.length; i++) result.data[position[i]!] = step(result.data[position[i]!]!, x.data[i]!);
  return result;
}

interface Reduction {
  readonly kind: Kind;
  /** Whether reducing no elements at all is an error. */
  readonly needsElements: boolean;
  /** Gradient of x from g and y, both with the reduced axes kept. */
  readonly vjp: (g: Tensor, x: Tensor, y: Tensor, attrs: ReduceAttrs) => Tensor;
  readonly emit: (emission: Emission<ReduceAttrs>) => string;
  readonly evaluate: (x: NdArray, attrs: ReduceAttrs) => NdArray;
}

function reduction(name: string, { kind, needsElements, ...spec }: Reduction): void {
  register<ReduceAttrs>({
    name,
    infer: (inputs, attrs) => {
      const dtype = commonDType(inputs, kind);
      const { shape } = inputs[0]!;
      if (needsElements && attrs.axes.some((axis) => shape[axis] === 0))
        throw new ShapeError("a reduced axis has no elements");
      return [{ shape: reducedShape(shape, attrs), dtype }];
    },
    vjp: ({ inputs, outputs, cotangents, attrs }) => {
      const kept = keptShape(inputs[0]!.shape, attrs.axes);
      return [spec.vjp(cotangents[0]!.reshape(kept), inputs[0]!, outputs[0]!.reshape(kept), attrs)];
    },
    emit: (emission) => (emission.attrs.axes.length === 0 ? emission.names[0]! : spec.emit(emission)),
    evaluate: ([x], attrs) => [spec.evaluate(x!, attrs)],
  });
}

/** The ONNX reduction of that name. */
const reduceNode =
  (onnx: string) =>
  ({ context, names, attrs }: Emission<ReduceAttrs>) =>
    context.node(onnx, [names[0]!, context.ints(attrs.axes)], { keepdims: Number(attrs.keepDims) });

reduction("sum", {
  kind: "number",
  needsElements: false,
  vjp: (g, x) => g.broadcastTo(x.shape),
  emit: reduceNode("ReduceSum"),
  evaluate: (x, attrs) => fold(x, attrs, 0, (sum, value) => sum + value),
});

/** The gradient of an extremum, shared equally among the elements that attain it. */
function toExtrema(g: Tensor, x: Tensor, y: Tensor, { axes }: ReduceAttrs): Tensor {
  const attained = x.equal(y).cast(x.dtype);
  return attained.mul(g.div(attained.sum(axes, true)));
}

/** The largest element; ties share the gradient equally. NaN in the reference; ONNX Runtime skips NaN here. */
reduction("max", {
  kind: "number",
  needsElements: true,
  vjp: toExtrema,
  emit: reduceNode("ReduceMax"),
  evaluate: (x, attrs) => fold(x, attrs, -Infinity, Math.max),
});

/** The smallest element; ties share the gradient equally. NaN in the reference; ONNX Runtime skips NaN here. */
reduction("min", {
  kind: "number",
  needsElements: true,
  vjp: toExtrema,
  emit: reduceNode("ReduceMin"),
  evaluate: (x, attrs) => fold(x, attrs, Infinity, Math.min),
});

/** Shifts along the last axis by `by` places (negative: towards the front), filling with ones. */
function shift(x: Tensor, by: number): Tensor {
  const last = x.rank - 1;
  return x.pad(
    x.shape.map((_, axis) => (axis === last ? [by, -by] : [0, 0])),
    1,
  );
}

/** Products of all elements before (direction 1) or after (−1) each one along the last axis, by doubling. */
function othersProduct(x: Tensor, direction: 1 | -1): Tensor {
  const n = x.shape[x.rank - 1]!;
  let product = shift(x, direction);
  for (let reach = 1; reach < n - 1; reach *= 2) product = product.mul(shift(product, direction * reach));
  return product;
}

/** ∂ Πx / ∂xᵢ as the product of the others: right with any number of zeros and in every order of differentiation. */
function prodVjp(g: Tensor, x: Tensor, _y: Tensor, { axes }: ReduceAttrs): Tensor {
  const order = [...x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis)), ...axes];
  const moved = x.transpose(order);
  const rows = moved.flatten(x.rank - axes.length);
  const others = rows.size === 0 ? rows : othersProduct(rows, 1).mul(othersProduct(rows, -1));
  const back = x.shape.map((_, axis) => order.indexOf(axis));
  return others.reshape(moved.shape).transpose(back).mul(g);
}

reduction("prod", {
  kind: "number",
  needsElements: false,
  vjp: prodVjp,
  emit: reduceNode("ReduceProd"),
  evaluate: (x, attrs) => fold(x, attrs, 1, (product, value) => product * value),
});

/** log Σ exp(x − m) + m with the largest element m: the reference, right also when all are −∞ or one is ∞. */
function logSumExp(x: NdArray, attrs: ReduceAttrs): NdArray {
  const top = fold(x, attrs, -Infinity, Math.max);
  const position = broadcastIndices(keptShape(x.shape, attrs.axes), x.shape);
  const result = nd(top.shape, x.dtype);
  for (let i = 0; i < position.length; i++) {
    const m = top.data[position[i]!]!;
    result.data[position[i]!]! += Number.isFinite(m) ? Math.exp(x.data[i]! - m) : 1;
  }
  for (let i = 0; i < result.data.length; i++) {
    const m = top.data[i]!;
    result.data[i] = Number.isFinite(m) ? m + Math.log(result.data[i]!) : m;
  }
  return result;
}

function emitLogSumExp({ context, names, inputs, attrs }: Emission<ReduceAttrs>): string {
  const n = (opType: string, ...operands: string[]) => context.node(opType, operands);
  const num = (value: number) => context.scalar(value, inputs[0]!.dtype);
  const axes = context.ints(attrs.axes);
  const top = n("Clip", context.node("ReduceMax", [names[0]!, axes], { keepdims: 1 }), num(-largest), num(largest));
  const sum = context.node("ReduceSum", [n("Exp", n("Sub", names[0]!, top)), axes], { keepdims: 1 });
  const result = n("Add", n("Log", sum), top);
  return attrs.keepDims ? result : n("Squeeze", result, axes);
}

/**
 * e^(x − m) / Σ e^(x − m): as accurate far from 0 as near it, where e^(x − y) has only the digits that y left over. The
 * sum is at least 1, or 0 where all elements are −∞.
 */
function softmaxOver(x: Tensor, axes: readonly number[]): Tensor {
  const top = x.max(axes, true).clip(-largest, largest).stopGradient();
  const exponential = x.sub(top).exp();
  return exponential.div(exponential.sum(axes, true).clip(0.5, largest));
}

/** log Σ exp(x), without overflow; its gradient is softmax, and 0 where all elements are −∞. */
reduction("logSumExp", {
  kind: "float",
  needsElements: true,
  vjp: (g, x, _y, { axes }) => g.mul(softmaxOver(x, axes)),
  emit: emitLogSumExp,
  evaluate: logSumExp,
});

/** Position of the largest element along an axis, the first one where several tie. */
register<{ axis: number; keepDims: boolean }>({
  name: "argmax",
  infer: (inputs, { axis, keepDims }) => {
    commonDType(inputs, "number");
    if (inputs[0]!.shape[axis] === 0) throw new ShapeError("the axis has no elements");
    return [{ shape: reducedShape(inputs[0]!.shape, { axes: [axis], keepDims }), dtype: "int64" }];
  },
  emit: ({ context, names, attrs }) =>
    context.node("ArgMax", names, { axis: attrs.axis, keepdims: Number(attrs.keepDims) }),
  evaluate: ([x], { axis, keepDims }) => {
    const result = nd(reducedShape(x!.shape, { axes: [axis], keepDims }), "int64");
    const { n, inner } = lines(x!.shape, axis);
    for (let i = 0; i < result.data.length; i++) {
      const start = Math.floor(i / inner) * n * inner + (i % inner);
      let best = 0;
      for (let j = 1; j < n; j++) if (x!.data[start + j * inner]! > x!.data[start + best * inner]!) best = j;
      result.data[i] = best;
    }
    return [result];
  },
});

type AxisAttrs = { readonly axis: number };

const sameFloat: Primitive<AxisAttrs>["infer"] = (inputs: readonly Aval[]) => [
  { shape: inputs[0]!.shape, dtype: commonDType(inputs, "float") },
];

/** x − log Σ exp x along one axis, or its exponential. */
function normalised(x: NdArray, axis: number, finish: (logProbability: number) => number): NdArray {
  const attrs = { axes: [axis], keepDims: true };
  const total = logSumExp(x, attrs);
  const position = broadcastIndices(total.shape, x.shape);
  return nd(
    x.shape,
    x.dtype,
    x.data.map((value, i) => finish(value - total.data[position[i]!]!)),
  );
}

/** ONNX Runtime's softmax kernels work on the last axis: along others they transpose, at twice the cost of the formula. */
const isLast = ({ inputs, attrs }: Emission<AxisAttrs>) => attrs.axis === inputs[0]!.shape.length - 1;

/** Nodes for x − max, its exponential, and the sum of that along the axis. */
function emitShifted({ context, names, attrs }: Emission<AxisAttrs>) {
  const axes = context.ints([attrs.axis]);
  const top = context.node("ReduceMax", [names[0]!, axes], { keepdims: 1 });
  const shifted = context.node("Sub", [names[0]!, top]);
  const exponential = context.node("Exp", [shifted]);
  return { shifted, exponential, total: context.node("ReduceSum", [exponential, axes], { keepdims: 1 }) };
}

/** e^x / Σ e^x along an axis. */
register<AxisAttrs>({
  name: "softmax",
  infer: sameFloat,
  vjp: ({ outputs, cotangents, attrs }) => {
    const weighted = cotangents[0]!.mul(outputs[0]!);
    return [weighted.sub(outputs[0]!.mul(weighted.sum(attrs.axis, true)))];
  },
  emit: (emission) => {
    if (isLast(emission)) return emission.context.node("Softmax", emission.names, emission.attrs);
    const { exponential, total } = emitShifted(emission);
    return emission.context.node("Div", [exponential, total]);
  },
  evaluate: ([x], { axis }) => [normalised(x!, axis, Math.exp)],
});

/** x − log Σ e^x along an axis. */
register<AxisAttrs>({
  name: "logSoftmax",
  infer: sameFloat,
  vjp: ({ outputs, cotangents, attrs }) => [
    cotangents[0]!.sub(outputs[0]!.exp().mul(cotangents[0]!.sum(attrs.axis, true))),
  ],
  emit: (emission) => {
    if (isLast(emission) && emission.context.device.kind !== "webgpu")
      return emission.context.node("LogSoftmax", emission.names, emission.attrs);
    const { shifted, total } = emitShifted(emission);
    return emission.context.node("Sub", [shifted, emission.context.node("Log", [total])]);
  },
  evaluate: ([x], { axis }) => [normalised(x!, axis, (value) => value)],
});
