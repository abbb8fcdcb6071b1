import type { Graph } from "../graph.ts";
import { graphNodes } from "../graph.ts";
import type { GraphNode } from "../node.ts";
import { apply, type Tensor } from "../tensor.ts";

/** Replaces the outputs of a node whose inputs are already rewritten; undefined leaves it as it is. */
export type Rule = (node: GraphNode) => readonly Tensor[] | undefined;

/** Rebuilds a graph from its inputs to its outputs, giving each node to the rule until it has nothing more to say. */
export function rewrite(graph: Graph, rule: Rule): Graph {
  const replaced = new Map<Tensor, Tensor>();
  const current = (tensor: Tensor) => replaced.get(tensor) ?? tensor;
  for (const node of graphNodes(graph)) {
    if (node.op.name === "input") continue;
    const results = settle(rebuilt(node, node.inputs.map(current)), rule);
    node.outputs.forEach((output, i) => {
      if (results[i] !== output) replaced.set(output, results[i]!);
    });
  }
  const outputs = graph.outputs.map(({ name, tensor }) => ({ name, tensor: current(tensor) }));
  return { inputs: graph.inputs, outputs };
}

/** The node with other inputs: itself when they are the same. */
function rebuilt(node: GraphNode, inputs: readonly Tensor[]): readonly Tensor[] {
  if (inputs.every((operand, i) => operand === node.inputs[i])) return node.outputs;
  return apply(node.op, inputs, node.attrs);
}

/** More rules than this in a row on one node would mean that two of them undo each other. */
const patience = 20;

function settle(outputs: readonly Tensor[], rule: Rule): readonly Tensor[] {
  let results = outputs;
  for (let round = 0; round < patience; round++) {
    const { node } = results[0]!;
    if (node.op.name === "input" || !results.every((result, i) => result.node === node && result.index === i)) break;
    if (node.outputs.length !== results.length) break;
    const next = rule(node);
    if (!next) break;
    results = next;
  }
  return results;
}

/** Whether an attribute is a graph: the body of a loop. */
export function isGraph(value: unknown): value is Graph {
  return typeof value === "object" && value !== null && "inputs" in value && "outputs" in value;
}
