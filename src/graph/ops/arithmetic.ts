import { ShapeError } from "../../base/errors.ts";
import { broadcastShapes, type Shape } from "../../base/shape.ts";
import { broadcastMap } from "../nd.ts";
import { type Aval, type Gradients, register, type VjpArgs } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";

type NoAttrs = Record<never, never>;

/** Sums a gradient over the axes that broadcasting added or stretched, back to the operand's shape. */
export function sumTo(gradient: Tensor, shape: Shape): Tensor {
  const extra = gradient.rank - shape.length;
  const stretched = shape.flatMap((dim, axis) =>
    dim === 1 && gradient.shape[axis + extra] !== 1 ? [axis + extra] : [],
  );
  const axes = [...Array.from({ length: extra }, (_, axis) => axis), ...stretched];
  return axes.length === 0 ? gradient : gradient.sum(axes, true).reshape(shape);
}

function sameDType([a, b]: readonly Aval[]): Aval["dtype"] {
  if (a!.dtype !== b!.dtype) throw new ShapeError(`dtypes ${a!.dtype} and ${b!.dtype} differ; use cast()`);
  return a!.dtype;
}

/** An elementwise operation of two operands of one dtype, with broadcasting. */
function binary(
  name: string,
  onnx: string,
  compute: (a: number, b: number) => number,
  vjp: (g: Tensor, a: Tensor, b: Tensor, y: Tensor) => [() => Tensor, () => Tensor],
): void {
  register<NoAttrs>({
    name,
    infer: (inputs) => [{ shape: broadcastShapes(inputs[0]!.shape, inputs[1]!.shape), dtype: sameDType(inputs) }],
    vjp: ({ inputs, outputs, cotangents, needs }: VjpArgs<NoAttrs>): Gradients => {
      const [a, b] = inputs as [Tensor, Tensor];
      const [forA, forB] = vjp(cotangents[0]!, a, b, outputs[0]!);
      return [needs[0] ? sumTo(forA(), a.shape) : undefined, needs[1] ? sumTo(forB(), b.shape) : undefined];
    },
    emit: ({ context, names }) => context.node(onnx, names),
    evaluate: ([a, b]) => [broadcastMap(a!, b!, a!.dtype, compute)],
  });
}

binary(
  "add",
  "Add",
  (a, b) => a + b,
  (g) => [() => g, () => g],
);
binary(
  "mul",
  "Mul",
  (a, b) => a * b,
  (g, a, b) => [() => g.mul(b), () => g.mul(a)],
);
