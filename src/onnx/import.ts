import { UsageError } from "../base/errors.ts";
import { constant, type Graph, graphNodes, input, type Tensor } from "../graph/index.ts";
import { fold } from "../graph/passes/fold.ts";
import { Call } from "./call.ts";
import { type DecodedGraph, type DecodedNode, type DecodedPort, decode } from "./decode.ts";
import { operators } from "./operators.ts";

/** How to read a model. */
export interface ImportOptions {
  /** Sizes of its free dimensions by name, such as `batch`; shapes are fixed in Sampo. */
  readonly dimensions?: Readonly<Record<string, number>>;
}

/**
 * An ONNX model as a graph: it can be differentiated, compiled and combined like a traced function. The standard
 * operators that Sampo writes are understood, without loops.
 */
export function importModel(bytes: Uint8Array, { dimensions = {} }: ImportOptions = {}): Graph {
  const { graph } = decode(bytes);
  const values = new Map<string, Tensor>();
  for (const [name, value] of Object.entries(graph.constants)) values.set(name, constant(value));
  const inputs = graph.inputs
    .filter(({ name }) => !values.has(name))
    .map((port) => ({ name: port.name, tensor: input(avalOf(port, dimensions)) }));
  for (const { name, tensor } of inputs) values.set(name, tensor);
  for (const node of graph.nodes) importNode(node, values);
  return { inputs, outputs: outputsOf(graph, values) };
}

function outputsOf(graph: DecodedGraph, values: ReadonlyMap<string, Tensor>) {
  return graph.outputs.map(({ name }) => {
    const tensor = values.get(name);
    if (!tensor) throw new UsageError(`The model's output "${name}" is computed by none of its operations.`);
    return { name, tensor };
  });
}

function avalOf({ name, dtype, shape }: DecodedPort, dimensions: Readonly<Record<string, number>>) {
  if (!dtype) throw new UsageError(`The model's input "${name}" has an element type Sampo does not have.`);
  const sizes = shape.map((dim) => {
    const size = typeof dim === "number" ? dim : dimensions[dim];
    if (size === undefined)
      throw new UsageError(
        `The model's input "${name}" has a free dimension "${dim}"; give its size in \`dimensions\`.`,
      );
    return size;
  });
  return { shape: sizes, dtype };
}

function importNode(node: DecodedNode, values: Map<string, Tensor>): void {
  const operands = node.inputs.map((name) => {
    const value = values.get(name);
    if (!value && name !== "") throw new UsageError(`The model uses "${name}" before it is computed.`);
    return value;
  });
  const call = new Call(node, operands);
  const known = node.domain === "" ? operators[node.op] : undefined;
  const operator = known ?? call.fail("Sampo does not know this operator");
  const results = operator(call);
  const list = Array.isArray(results) ? (results as readonly Tensor[]) : [results as Tensor];
  node.outputs.forEach((name, i) => {
    if (name === "") return;
    values.set(name, folded(list[i] ?? call.fail(`its output ${i} is not supported`)));
  });
}

/** The value of a small tensor that depends on constants only: shapes are computed this way in models with free dimensions. */
function folded(tensor: Tensor): Tensor {
  if (tensor.dtype !== "int64" || tensor.rank > 1) return tensor;
  const graph = { inputs: [], outputs: [{ name: "value", tensor }] };
  if (graphNodes(graph).some(({ op }) => op.name === "input")) return tensor;
  return fold(graph).outputs[0]!.tensor;
}
