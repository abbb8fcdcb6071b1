import { sameShape } from "../../base/shape.ts";
import { madeBy } from "./match.ts";
import type { TensorRule } from "./simplify.ts";

const isIdentity = (order: readonly number[]) => order.every((axis, i) => axis === i);

/** reshape, broadcastTo or cast to what the operand already is; stopGradient, which matters only to differentiation. */
const identity: TensorRule = (node) => {
  const [x] = node.inputs;
  const { name } = node.op;
  if (name === "stopGradient") return x;
  const [y] = node.outputs;
  if (name === "cast" && x!.dtype === y!.dtype) return x;
  if ((name === "reshape" || name === "broadcastTo") && sameShape(x!.shape, y!.shape)) return x;
  return name === "transpose" && isIdentity(node.attrs.order as number[]) ? x : undefined;
};

const reshapeOfReshape: TensorRule = (node) => {
  const inner = node.op.name === "reshape" && madeBy(node.inputs[0]!, "reshape");
  return inner ? inner.inputs[0]!.reshape(node.outputs[0]!.shape) : undefined;
};

const transposeOfTranspose: TensorRule = (node) => {
  const inner = node.op.name === "transpose" && madeBy(node.inputs[0]!, "transpose");
  if (!inner) return undefined;
  const before = inner.attrs.order as number[];
  return inner.inputs[0]!.transpose((node.attrs.order as number[]).map((axis) => before[axis]!));
};

/** A transposition that moves only axes of size 1 is a reshape, which copies nothing. */
const transposeOfOnes: TensorRule = (node) => {
  if (node.op.name !== "transpose") return undefined;
  const [x] = node.inputs;
  const moved = (node.attrs.order as number[]).filter((axis) => x!.shape[axis] !== 1);
  const ordered = moved.every((axis, i) => i === 0 || moved[i - 1]! < axis);
  return ordered ? x!.reshape(node.outputs[0]!.shape) : undefined;
};

/** Rules about operations that only look at the same elements in another way. */
export const viewRules = [identity, reshapeOfReshape, transposeOfTranspose, transposeOfOnes];
