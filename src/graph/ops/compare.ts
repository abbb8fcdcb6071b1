import { ShapeError } from "../../base/errors.ts";
import type { DType } from "../../base/host.ts";
import { broadcastShapes } from "../../base/shape.ts";
import { broadcastIndices, map, nd } from "../nd.ts";
import { type Emission, register } from "../primitive.ts";
import type { Tensor, TensorLike } from "../tensor.ts";
import { binary, commonDType, type NoAttrs, sumTo, unary, type Writer } from "./elementwise.ts";

/** ONNX's numbers for the dtypes. */
export const onnxDType: Record<DType, number> = { float32: 1, int64: 7, bool: 9, float64: 11 };

/** A comparison; ONNX orders numbers only, so bools go through float32. */
function comparison(name: string, onnx: string, compute: (a: number, b: number) => boolean): void {
  const emit = ({ n, x, y }: Writer, { context, inputs }: Emission<NoAttrs>) => {
    if (inputs[0]!.dtype !== "bool" || onnx === "Equal") return n(onnx, x, y);
    const [a, b] = [x, y].map((operand) => context.node("Cast", [operand], { to: onnxDType.float32 }));
    return n(onnx, a!, b!);
  };
  binary(name, { kind: "any", result: "bool", compute: (a, b) => Number(compute(a, b)), emit });
}

comparison("equal", "Equal", (a, b) => a === b);
comparison("less", "Less", (a, b) => a < b);
comparison("lessEqual", "LessOrEqual", (a, b) => a <= b);
comparison("greater", "Greater", (a, b) => a > b);
comparison("greaterEqual", "GreaterOrEqual", (a, b) => a >= b);

binary("and", { kind: "bool", compute: (a, b) => a & b, emit: "And" });
binary("or", { kind: "bool", compute: (a, b) => a | b, emit: "Or" });
unary("not", { kind: "bool", compute: (x) => 1 - x, emit: "Not" });
unary("isNaN", { result: "bool", compute: (x) => Number(Number.isNaN(x)), emit: "IsNaN" });

/**
 * Element by element `yes` where the condition holds, else `no`. The side not taken gets the gradient 0; an operation
 * before it whose derivative is infinite there still makes that 0·∞ = NaN, so select its operand as well.
 */
register<NoAttrs>({
  name: "select",
  infer: ([condition, yes, no]) => {
    if (condition!.dtype !== "bool") throw new ShapeError(`the condition is ${condition!.dtype}, not bool`);
    const dtype = commonDType([yes!, no!], "any");
    return [{ shape: broadcastShapes(condition!.shape, yes!.shape, no!.shape), dtype }];
  },
  vjp: ({ inputs: [condition, yes, no], cotangents: [g], needs }) => [
    undefined,
    needs[1] ? sumTo(condition!.select(g!, 0), yes!.shape) : undefined,
    needs[2] ? sumTo(condition!.select(0, g!), no!.shape) : undefined,
  ],
  emit: ({ context, names, outputs }) => {
    if (outputs[0]!.dtype !== "bool") return context.node("Where", names);
    const [condition, yes, no] = names as [string, string, string];
    const other = context.node("And", [context.node("Not", [condition]), no]);
    return context.node("Or", [context.node("And", [condition, yes]), other]);
  },
  evaluate: ([condition, yes, no]) => {
    const shape = broadcastShapes(condition!.shape, yes!.shape, no!.shape);
    const result = nd(shape, yes!.dtype);
    const [ic, iy, io] = [condition!, yes!, no!].map((x) => broadcastIndices(x.shape, shape));
    for (let i = 0; i < result.data.length; i++)
      result.data[i] = condition!.data[ic![i]!] ? yes!.data[iy![i]!]! : no!.data[io![i]!]!;
    return [result];
  },
});

const castTo: Record<DType, (x: number) => number> = {
  float32: (x) => x,
  float64: (x) => x,
  int64: Math.trunc,
  bool: (x) => Number(x !== 0),
};

/** The same values in another dtype: to int64 rounding towards zero, to bool "is not zero". Float to float keeps the gradient. */
register<{ dtype: DType }>({
  name: "cast",
  infer: ([x], { dtype }) => [{ shape: x!.shape, dtype }],
  vjp: ({ inputs, cotangents }) => [cotangents[0]!.cast(inputs[0]!.dtype)],
  emit: ({ context, names, attrs }) => context.node("Cast", names, { to: onnxDType[attrs.dtype] }),
  evaluate: ([x], { dtype }) => [map(x!, dtype, castTo[dtype])],
});

/** The identity, without a gradient. */
register<NoAttrs>({
  name: "stopGradient",
  infer: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  emit: ({ names }) => names[0]!,
  evaluate: ([x]) => [x!],
});

/** `yes` where a bool tensor is true, `no` elsewhere. */
export function where(condition: Tensor, yes: TensorLike, no: TensorLike): Tensor {
  return condition.select(yes, no);
}
