import { sameShape } from "../../base/shape.ts";
import type { GraphNode } from "../node.ts";
import { constant, type Tensor } from "../tensor.ts";
import { madeBy, uniform } from "./match.ts";
import type { TensorRule } from "./simplify.ts";

const isFloat = (tensor: Tensor) => tensor.dtype === "float32" || tensor.dtype === "float64";

/** The operand in the result's shape: as it is, or broadcast to it. */
function shapedLike(operand: Tensor, result: Tensor): Tensor {
  return sameShape(operand.shape, result.shape) ? operand : operand.broadcastTo(result.shape);
}

/** For a commutative operation: the operand that is one number everywhere, and the other. */
function splitUniform(node: GraphNode): { value: number; other: Tensor } | undefined {
  const [a, b] = node.inputs as [Tensor, Tensor];
  const right = uniform(b);
  if (right !== undefined) return { value: right, other: a };
  const left = uniform(a);
  return left === undefined ? undefined : { value: left, other: b };
}

/** x + 0, x − 0, x · 1, x / 1. */
const neutral: TensorRule = (node) => {
  const { name } = node.op;
  const [y] = node.outputs;
  if (name === "add" || name === "mul") {
    const parts = splitUniform(node);
    return parts?.value === (name === "add" ? 0 : 1) ? shapedLike(parts.other, y!) : undefined;
  }
  if (name !== "sub" && name !== "div") return undefined;
  return uniform(node.inputs[1]!) === (name === "sub" ? 0 : 1) ? shapedLike(node.inputs[0]!, y!) : undefined;
};

/** (x · a) · b = x · (a · b) and (x + a) + b = x + (a + b) for numbers a and b; float64 is asked for to keep every rounding. */
const chain: TensorRule = (node) => {
  const { name } = node.op;
  if ((name !== "mul" && name !== "add") || node.outputs[0]!.dtype !== "float32") return undefined;
  const outer = splitUniform(node);
  const inner = outer && madeBy(outer.other, name);
  const parts = inner && splitUniform(inner);
  if (!parts) return undefined;
  const { dtype } = parts.other;
  const result =
    name === "mul"
      ? parts.other.mul(constant(outer.value * parts.value, dtype))
      : parts.other.add(constant(outer.value + parts.value, dtype));
  return shapedLike(result, node.outputs[0]!);
};

/** −(−x), a + (−b), a − (−b), (−a) · (−b), x · (−1). */
const negations: TensorRule = (node) => {
  const { name } = node.op;
  const [a, b] = node.inputs as [Tensor, Tensor];
  if (name === "neg") return madeBy(a, "neg")?.inputs[0];
  if (name === "mul" && isFloat(a) && splitUniform(node)?.value === -1)
    return shapedLike(splitUniform(node)!.other.neg(), node.outputs[0]!);
  if (name !== "add" && name !== "sub" && name !== "mul") return undefined;
  const negated = madeBy(b, "neg")?.inputs[0];
  if (name === "sub") return negated && a.add(negated);
  const first = madeBy(a, "neg")?.inputs[0];
  if (name === "mul") return negated && first ? first.mul(negated) : undefined;
  if (negated) return a.sub(negated);
  return first ? b.sub(first) : undefined;
};

/** Σ c·x = c·Σ x for a number c, and Σ −x = −Σ x: one pass over the elements less, and other roundings. */
const sumOfScaled: TensorRule = (node) => {
  if (node.op.name !== "sum" || node.outputs[0]!.dtype === "float64") return undefined;
  const [x] = node.inputs;
  const axes = node.attrs.axes as number[];
  const keepDims = node.attrs.keepDims as boolean;
  const negated = madeBy(x!, "neg")?.inputs[0];
  if (negated) return negated.sum(axes, keepDims).neg();
  const parts = madeBy(x!, "mul") && splitUniform(x!.node);
  if (!parts || !sameShape(parts.other.shape, x!.shape)) return undefined;
  return parts.other.sum(axes, keepDims).mul(constant(parts.value, x!.dtype));
};

/** Σ over axes of size 1 (or none) moves no numbers. */
const sumOfOnes: TensorRule = (node) => {
  if (node.op.name !== "sum") return undefined;
  const [x] = node.inputs;
  const trivial = (node.attrs.axes as number[]).every((axis) => x!.shape[axis] === 1);
  return trivial ? x!.reshape(node.outputs[0]!.shape) : undefined;
};

/** x + x = 2x, which the gradient of a square is made of: a number that may join others. */
const twice: TensorRule = (node) => {
  const [a, b] = node.inputs as [Tensor, Tensor];
  return node.op.name === "add" && a === b && isFloat(a) ? a.mul(constant(2, a.dtype)) : undefined;
};

/** Rules about neutral elements, signs and numbers. */
export const arithmeticRules = [neutral, chain, negations, sumOfScaled, sumOfOnes, twice];
