import { allocate, HostArray } from "../base/host.ts";
import { type Graph, graphNodes } from "./graph.ts";
import type { NdArray } from "./primitive.ts";
import type { Tensor } from "./tensor.ts";

/** A host array as the interpreter computes with it: float64 numbers. */
export function toNd(array: HostArray): NdArray {
  const data = Float64Array.from(array.data as ArrayLike<number | bigint>, Number);
  return { shape: array.shape, dtype: array.dtype, data };
}

/** An interpreter value as a host array of its dtype; floats stay float64 when asked, else round to their dtype. */
export function fromNd(array: NdArray, keepDouble = false): HostArray {
  const dtype = keepDouble && array.dtype === "float32" ? "float64" : array.dtype;
  const data = allocate(dtype, array.data.length);
  if (data instanceof BigInt64Array) for (let i = 0; i < data.length; i++) data[i] = BigInt(Math.trunc(array.data[i]!));
  else data.set(array.data as never);
  return new HostArray(dtype, array.shape, data);
}

/** Evaluates a graph in float64, primitive by primitive: the oracle every other runtime is compared with. */
export function interpret(graph: Graph, args: readonly NdArray[]): NdArray[] {
  const values = new Map<Tensor, NdArray>();
  graph.inputs.forEach(({ tensor }, i) => {
    values.set(tensor, args[i]!);
  });
  for (const node of graphNodes(graph)) {
    if (node.op.name === "input") continue;
    const operands = node.inputs.map((operand) => values.get(operand)!);
    const results = node.op.evaluate(operands, node.attrs);
    node.outputs.forEach((output, i) => {
      values.set(output, results[i]!);
    });
  }
  return graph.outputs.map(({ tensor }) => values.get(tensor)!);
}
