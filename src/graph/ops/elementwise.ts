import { ShapeError } from "../../base/errors.ts";
import type { DType } from "../../base/host.ts";
import { broadcastShapes, type Shape } from "../../base/shape.ts";
import { broadcastMap, map } from "../nd.ts";
import { type Attrs, type Aval, type Emission, type Gradients, type Primitive, register } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";

/** Attributes of an operation that has none. */
export type NoAttrs = Record<never, never>;

/** Which dtypes an operation takes: floats only, floats and integers, or anything. */
export type Kind = "float" | "number" | "bool" | "any";

const members: Record<Kind, readonly DType[]> = {
  float: ["float32", "float64"],
  number: ["float32", "float64", "int64"],
  bool: ["bool"],
  any: ["float32", "float64", "int64", "bool"],
};

/** The one dtype of all operands; throws when they differ or the operation does not take it. */
export function commonDType(avals: readonly Aval[], kind: Kind): DType {
  const dtype = avals[0]!.dtype;
  const other = avals.find((aval) => aval.dtype !== dtype);
  if (other) throw new ShapeError(`dtypes ${dtype} and ${other.dtype} differ; use cast()`);
  if (!members[kind].includes(dtype))
    throw new ShapeError(`dtype ${dtype} is not supported here, only ${members[kind].join(", ")}; use cast()`);
  return dtype;
}

/** Sums a gradient over the axes that broadcasting added or stretched, back to the operand's shape. */
export function sumTo(gradient: Tensor, shape: Shape): Tensor {
  const extra = gradient.rank - shape.length;
  const stretched = shape.flatMap((dim, axis) =>
    dim === 1 && gradient.shape[axis + extra] !== 1 ? [axis + extra] : [],
  );
  const axes = [...Array.from({ length: extra }, (_, axis) => axis), ...stretched];
  return axes.length === 0 ? gradient : gradient.sum(axes, true).reshape(shape);
}

/** Short spellings for writing a formula as nodes: `n("Add", x, num(1))`. */
export interface Writer {
  readonly x: string;
  readonly y: string;
  n(opType: string, ...inputs: string[]): string;
  num(value: number): string;
}

/** The writer of an emission: its first two operands, and constants of the first operand's dtype. */
function writer({ context, names, inputs }: Emission<Attrs>): Writer {
  return {
    x: names[0]!,
    y: names[1] ?? "",
    n: (opType, ...operands) => context.node(opType, operands),
    num: (value) => context.scalar(value, inputs[0]!.dtype),
  };
}

/** An ONNX operator's name, or a formula of several. */
type Emit<A> = string | ((w: Writer, emission: Emission<A>) => string);

function emitter<A extends Attrs>(emit: Emit<A>): Primitive<A>["emit"] {
  if (typeof emit !== "string") return (emission) => emit(writer(emission), emission);
  return ({ context, names }) => context.node(emit, names);
}

/** What a function of one number is made of. */
export interface Unary<A extends Attrs> {
  readonly kind?: Kind;
  /** The result's dtype when it is not the operand's. */
  readonly result?: DType;
  readonly compute: (x: number, attrs: A) => number;
  /** Gradient of the operand from that of the result, g; absent: the derivative is zero everywhere it exists. */
  readonly vjp?: (g: Tensor, x: Tensor, y: Tensor, attrs: A) => Tensor;
  readonly emit: Emit<A>;
}

/** Registers an elementwise function of one operand. */
export function unary<A extends Attrs = NoAttrs>(name: string, spec: Unary<A>): void {
  const { vjp, compute, kind = "float", result } = spec;
  register<A>({
    name,
    infer: (inputs) => {
      const dtype = commonDType(inputs, kind);
      return [{ shape: inputs[0]!.shape, dtype: result ?? dtype }];
    },
    ...(vjp && {
      vjp: ({ inputs, outputs, cotangents, attrs }) => [vjp(cotangents[0]!, inputs[0]!, outputs[0]!, attrs)],
    }),
    emit: emitter(spec.emit),
    evaluate: ([x], attrs) => [map(x!, result ?? x!.dtype, (value) => compute(value, attrs))],
    compute: (attrs) => (compute.length < 2 ? (compute as (x: number) => number) : (x) => compute(x!, attrs)),
  });
}

/** What a function of two numbers is made of. */
export interface Binary {
  readonly kind?: Kind;
  readonly result?: DType;
  readonly compute: (a: number, b: number) => number;
  /** Gradients of both operands before broadcasting is undone, each computed only when asked for. */
  readonly vjp?: (g: Tensor, a: Tensor, b: Tensor, y: Tensor) => readonly [() => Tensor, () => Tensor];
  readonly emit: Emit<NoAttrs>;
}

/** Registers an elementwise function of two operands of one dtype, with broadcasting; int64 results round towards zero. */
export function binary(name: string, spec: Binary): void {
  const { vjp, compute, kind = "number", result } = spec;
  const integer = (a: number, b: number) => Math.trunc(compute(a, b));
  register<NoAttrs>({
    name,
    infer: (inputs) => {
      const dtype = commonDType(inputs, kind);
      return [{ shape: broadcastShapes(inputs[0]!.shape, inputs[1]!.shape), dtype: result ?? dtype }];
    },
    ...(vjp && {
      vjp: ({ inputs, outputs, cotangents, needs }): Gradients => {
        const [a, b] = inputs as [Tensor, Tensor];
        const [forA, forB] = vjp(cotangents[0]!, a, b, outputs[0]!);
        return [needs[0] ? sumTo(forA(), a.shape) : undefined, needs[1] ? sumTo(forB(), b.shape) : undefined];
      },
    }),
    emit: emitter(spec.emit),
    evaluate: ([a, b]) => [broadcastMap(a!, b!, result ?? a!.dtype, a!.dtype === "int64" ? integer : compute)],
    compute: () => compute as (...values: readonly number[]) => number,
  });
}
