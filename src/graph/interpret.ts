import { allocate, HostArray } from "../base/host.ts";
import { type Graph, graphNodes } from "./graph.ts";
import type { GraphNode } from "./node.ts";
import type { NdArray } from "./primitive.ts";
import type { Tensor } from "./tensor.ts";

/** A host array as the interpreter computes with it: float64 numbers. */
export function toNd(array: HostArray): NdArray {
  const { shape, dtype, data } = array;
  return {
    shape,
    dtype,
    data: data instanceof BigInt64Array ? Float64Array.from(data, Number) : new Float64Array(data),
  };
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
  return interpreter(graph)(args);
}

/** One evaluation among those of a graph: which results anyone wants, and the values nobody wants after it. */
interface Step {
  readonly node: GraphNode;
  readonly wanted: readonly boolean[];
  readonly last: readonly Tensor[];
}

/** A graph made ready to be evaluated several times, as the body of a loop is. Constants are read once. */
export function interpreter(graph: Graph): (args: readonly NdArray[]) => NdArray[] {
  const nodes = graphNodes(graph).filter(({ op }) => op.name !== "input");
  const isConstant = ({ op }: GraphNode) => op.name === "constant";
  const known = nodes
    .filter(isConstant)
    .map((node) => [node.outputs[0]!, node.op.evaluate([], node.attrs)[0]!] as const);
  const steps = stepsOf(
    nodes.filter((node) => !isConstant(node)),
    graph,
  );
  return (args) => {
    const values = new Map<Tensor, NdArray>(known);
    graph.inputs.forEach(({ tensor }, i) => {
      values.set(tensor, args[i]!);
    });
    for (const step of steps) evaluateStep(step, values);
    return graph.outputs.map(({ tensor }) => values.get(tensor)!);
  };
}

function evaluateStep({ node, wanted, last }: Step, values: Map<Tensor, NdArray>): void {
  const operands = node.inputs.map((operand) => values.get(operand)!);
  const results = node.op.evaluate(operands, node.attrs, wanted);
  node.outputs.forEach((output, i) => {
    if (wanted[i]) values.set(output, results[i]!);
  });
  for (const tensor of last) values.delete(tensor);
}

/** The evaluations in order; from the last to the first, the first use met of a value is its last. */
function stepsOf(nodes: readonly GraphNode[], graph: Graph): Step[] {
  const used = new Set(graph.outputs.map(({ tensor }) => tensor));
  const backwards = [...nodes].reverse().map((node): Step => {
    const wanted = node.outputs.map((output) => used.has(output));
    const last = [...new Set(node.inputs)].filter((operand) => !used.has(operand));
    for (const operand of last) used.add(operand);
    return { node, wanted, last };
  });
  return backwards.reverse();
}
