import { ancestors, type Graph, input } from "../graph.ts";
import type { GraphNode } from "../node.ts";
import { apply, type Tensor } from "../tensor.ts";

/** A loop body as a graph of its own, with the values of the surrounding graph it uses. */
export interface ClosedBody {
  /** Inputs: the formal ones, then one for each capture. */
  readonly body: Graph;
  readonly captures: readonly Tensor[];
}

/** The nodes that depend on one of the given tensors, among those the outputs depend on. */
export function dependentNodes(outputs: readonly Tensor[], on: readonly Tensor[]): GraphNode[] {
  const formal = new Set(on);
  const inside = new Set<GraphNode>();
  return ancestors(outputs).filter((node) => {
    const depends = node.inputs.some((operand) => formal.has(operand) || inside.has(operand.node));
    if (depends) inside.add(node);
    return depends;
  });
}

/** Recomputes tensors with some values replaced: nodes are copied where an operand changed, shared where none did. */
export function substitute(outputs: readonly Tensor[], replacements: ReadonlyMap<Tensor, Tensor>): Tensor[] {
  const current = new Map(replacements);
  const of = (tensor: Tensor) => current.get(tensor) ?? tensor;
  for (const node of reachable(outputs, replacements)) {
    const inputs = node.inputs.map(of);
    if (inputs.every((operand, i) => operand === node.inputs[i])) continue;
    const results = apply(node.op, inputs, node.attrs);
    node.outputs.forEach((output, i) => {
      if (!current.has(output)) current.set(output, results[i]!);
    });
  }
  return outputs.map(of);
}

/** Nodes the outputs need when some tensors are given, in topological order. */
function reachable(outputs: readonly Tensor[], given: ReadonlyMap<Tensor, Tensor>): GraphNode[] {
  const seen = new Set<GraphNode>();
  const stack = outputs.filter((tensor) => !given.has(tensor)).map((tensor) => tensor.node);
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (seen.has(node)) continue;
    seen.add(node);
    for (const operand of node.inputs) if (!given.has(operand)) stack.push(operand.node);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/**
 * Separates a traced body from the graph around it. Values that do not depend on the formal inputs are computed once
 * outside and become captures; constants stay inside.
 */
export function closeBody(formal: readonly Tensor[], outputs: readonly Tensor[], names: readonly string[]): ClosedBody {
  const inside = new Set(dependentNodes(outputs, formal));
  const own = new Set(formal);
  const isOuter = ({ node }: Tensor) => !inside.has(node) && node.op.name !== "constant";
  const used = [...[...inside].flatMap((node) => node.inputs), ...outputs];
  const captures = [...new Set(used.filter((tensor) => isOuter(tensor) && !own.has(tensor)))];
  const stands = captures.map((tensor) => input(tensor));
  const results = substitute(outputs, new Map(captures.map((tensor, i) => [tensor, stands[i]!])));
  const named = [...formal, ...stands].map((tensor, i) => ({
    name: names[i] ?? `capture${i - formal.length}`,
    tensor,
  }));
  return { body: { inputs: named, outputs: results.map((tensor, i) => ({ name: `out${i}`, tensor })) }, captures };
}
