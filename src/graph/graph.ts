import { HostArray } from "../base/host.ts";
import { mapTree, namedLeaves } from "../base/tree.ts";
import type { GraphNode } from "./node.ts";
import { type Aval, type Primitive, register } from "./primitive.ts";
import { apply, Tensor } from "./tensor.ts";

/** A traced function: a directed acyclic graph from named inputs to named outputs. */
export interface Graph {
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
}

/** A tensor with the path it has in the argument or result tree. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** A traced function with the tree its results form. */
export interface Traced<R> {
  readonly graph: Graph;
  readonly result: R;
}

const notEvaluated = () => {
  throw new Error("an input has no value of its own");
};

/** Stands for an argument of the traced function. */
export const inputPrimitive = register<{ aval: Aval }>({
  name: "input",
  infer: (_inputs, attrs) => [attrs.aval],
  emit: notEvaluated,
  evaluate: notEvaluated,
});

/** A fresh symbolic input. */
export function input(aval: Aval): Tensor {
  return apply(inputPrimitive as unknown as Primitive, [], { aval: { shape: [...aval.shape], dtype: aval.dtype } })[0]!;
}

/** A leaf an argument tree of `trace` may have: anything with a shape and a dtype. */
function avalOf(leaf: unknown): Aval {
  if (typeof leaf === "number") return { shape: [], dtype: "float32" };
  if (leaf instanceof HostArray || leaf instanceof Tensor || leaf instanceof Spec) return leaf;
  throw new TypeError(`cannot trace an argument of type ${typeof leaf}: pass host arrays, specs or numbers`);
}

/** Shape and dtype as a leaf of an argument tree: what to trace with when there is no value yet. */
export class Spec implements Aval {
  readonly shape: readonly number[];
  readonly dtype: Aval["dtype"];

  constructor(shape: readonly number[], dtype: Aval["dtype"] = "float32") {
    this.shape = shape;
    this.dtype = dtype;
  }
}

/**
 * Traces a pure function: calls it once with symbolic tensors shaped like the arguments (trees of HostArray, Spec or
 * number) and returns the graph. Input names are `position/path`, output names are paths in the result.
 */
export function trace<R>(fn: (...args: never[]) => R, args: readonly unknown[]): Traced<R> {
  const symbolic = args.map((arg) => mapTree<unknown, Tensor>(arg, (leaf) => input(avalOf(leaf))));
  const result = fn(...(symbolic as never[]));
  const named = (tree: unknown) =>
    namedLeaves<Tensor>(tree).map(({ path, leaf }) => ({ name: path === "" ? "value" : path, tensor: leaf }));
  return { graph: { inputs: named(symbolic), outputs: named(result) }, result };
}

/** All nodes the given tensors depend on, in topological order. */
export function ancestors(tensors: readonly Tensor[]): GraphNode[] {
  const seen = new Set<GraphNode>();
  const stack = tensors.map((tensor) => tensor.node);
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (seen.has(node)) continue;
    seen.add(node);
    for (const operand of node.inputs) stack.push(operand.node);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** The nodes a graph computes, inputs included, in topological order: unreachable ones are already gone. */
export function graphNodes(graph: Graph): GraphNode[] {
  return ancestors(graph.outputs.map((output) => output.tensor));
}
