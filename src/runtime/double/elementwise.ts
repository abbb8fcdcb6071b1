import { sizeOf } from "../../base/shape.ts";
import { broadcastIndices } from "../../graph/nd.ts";
import type { GraphNode } from "../../graph/node.ts";
import type { Kernel } from "./kernel.ts";

type Fn1 = (x: number) => number;
type Fn2 = (a: number, b: number) => number;

/** Reads of an operand that broadcasting stretches; undefined where the elements stand one to one. */
function positions(operand: readonly number[], shape: readonly number[]): Int32Array | undefined {
  return sizeOf(operand) === sizeOf(shape) ? undefined : broadcastIndices(operand, shape);
}

function unary(fn: Fn1, x: Float64Array, y: Float64Array): Kernel {
  if (y.length === 1)
    return () => {
      y[0] = fn(x[0]!);
    };
  return () => {
    for (let i = 0; i < y.length; i++) y[i] = fn(x[i]!);
  };
}

/** The four operations that stand in every inner loop, written out so that the compiler sees them. */
const direct: Readonly<Record<string, (a: Float64Array, b: Float64Array, y: Float64Array) => void>> = {
  add: (a, b, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[i]! + b[i]!;
  },
  sub: (a, b, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[i]! - b[i]!;
  },
  mul: (a, b, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[i]! * b[i]!;
  },
  div: (a, b, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[i]! / b[i]!;
  },
};

function binary(
  { op, inputs, outputs }: GraphNode,
  fn: Fn2,
  buffers: readonly Float64Array[],
  y: Float64Array,
): Kernel {
  const [a, b] = buffers as [Float64Array, Float64Array];
  if (y.length === 1)
    return () => {
      y[0] = fn(a[0]!, b[0]!);
    };
  const { shape } = outputs[0]!;
  const [ia, ib] = inputs.map((operand) => positions(operand.shape, shape));
  if (!ia && !ib) {
    const loop = direct[op.name];
    if (loop) return () => loop(a, b, y);
    return () => {
      for (let i = 0; i < y.length; i++) y[i] = fn(a[i]!, b[i]!);
    };
  }
  if (!ia && b.length === 1)
    return () => {
      const right = b[0]!;
      for (let i = 0; i < y.length; i++) y[i] = fn(a[i]!, right);
    };
  if (!ib && a.length === 1)
    return () => {
      const left = a[0]!;
      for (let i = 0; i < y.length; i++) y[i] = fn(left, b[i]!);
    };
  return () => {
    for (let i = 0; i < y.length; i++) y[i] = fn(a[ia ? ia[i]! : i]!, b[ib ? ib[i]! : i]!);
  };
}

/** An operation that works element by element. */
export function elementwise(
  node: GraphNode,
  buffers: readonly Float64Array[],
  [y]: readonly Float64Array[],
): Kernel | undefined {
  const compute = node.op.compute?.(node.attrs);
  if (!compute || node.inputs[0]!.dtype === "int64") return undefined;
  if (buffers.length === 1) return unary(compute as Fn1, buffers[0]!, y!);
  return binary(node, compute as Fn2, buffers, y!);
}

/** `yes` where the condition holds, else `no`. */
export function select(
  { inputs, outputs }: GraphNode,
  [c, yes, no]: readonly Float64Array[],
  [y]: readonly Float64Array[],
): Kernel {
  const [ic, iy, io] = inputs.map((operand) => broadcastIndices(operand.shape, outputs[0]!.shape));
  return () => {
    for (let i = 0; i < y!.length; i++) y![i] = c![ic![i]!] !== 0 ? yes![iy![i]!]! : no![io![i]!]!;
  };
}
