import { broadcastShapes, type Shape, sameShape, sizeOf } from "../../base/shape.ts";
import { apply, constant, type Tensor } from "../tensor.ts";
import { madeBy, unbroadcast } from "./match.ts";
import type { TensorRule } from "./simplify.ts";

const elementwise = new Set(
  [
    "add,sub,mul,div,pow,mod,maximum,minimum,equal,less,lessEqual,greater,greaterEqual,and,or,select".split(","),
    "neg,abs,sign,exp,expm1,log,log1p,sqrt,reciprocal,square,tanh,sigmoid,softplus,relu,erf,cast,not,clip".split(","),
  ].flat(),
);

const broadcastTo: TensorRule = (node) => {
  const inner = node.op.name === "broadcastTo" && madeBy(node.inputs[0]!, "broadcastTo");
  return inner ? inner.inputs[0]!.broadcastTo(node.outputs[0]!.shape) : undefined;
};

/** An elementwise operation broadcasts by itself: its operands need not be; if all were, only the result is. */
const operands: TensorRule = (node) => {
  if (!elementwise.has(node.op.name)) return undefined;
  const sources = node.inputs.map(unbroadcast);
  if (sources.every((source, i) => source === node.inputs[i])) return undefined;
  const [result] = apply(node.op, sources, node.attrs);
  const { shape } = node.outputs[0]!;
  return sameShape(result!.shape, shape) ? result : result!.broadcastTo(shape);
};

/** A stretched number stays one when it is reshaped or transposed. */
const viewOfNumber: TensorRule = (node) => {
  if (node.op.name !== "reshape" && node.op.name !== "transpose") return undefined;
  const source = unbroadcast(node.inputs[0]!);
  if (source === node.inputs[0] || source.size !== 1) return undefined;
  return source.reshape([]).broadcastTo(node.outputs[0]!.shape);
};

/** Σ of a stretched tensor over stretched axes only is the tensor times how often it was repeated. */
const sumOfBroadcast: TensorRule = (node) => {
  if (node.op.name !== "sum" || !madeBy(node.inputs[0]!, "broadcastTo")) return undefined;
  const [x] = node.inputs;
  const source = unbroadcast(x!);
  const axes = node.attrs.axes as number[];
  const padded = [...new Array<number>(x!.rank - source.rank).fill(1), ...source.shape];
  if (source.dtype !== "float32" || !axes.every((axis) => padded[axis] === 1)) return undefined;
  const repeats = sizeOf(axes.map((axis) => x!.shape[axis]!));
  return stretched(source.mul(constant(repeats)), padded, axes, node.outputs[0]!);
};

function stretched(scaled: Tensor, padded: Shape, axes: readonly number[], result: Tensor): Tensor {
  const dropped = result.rank < padded.length;
  const shape = dropped ? padded.filter((_, axis) => !axes.includes(axis)) : padded;
  return scaled.reshape(shape).broadcastTo(broadcastShapes(shape, result.shape));
}

/** Rules about broadcasting. */
export const broadcastRules = [broadcastTo, operands, viewOfNumber, sumOfBroadcast];
