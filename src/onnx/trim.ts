import type { GraphProto } from "./generated/onnx_pb.js";

/** Operators whose later outputs may be left out, and are then not computed. */
const optionalOutputs: ReadonlySet<string> = new Set(["MaxPool", "LayerNormalization"]);

/** All graphs of a model: the given one and the loop bodies in it. */
export function allGraphs(graph: GraphProto): GraphProto[] {
  const inner = graph.node.flatMap(({ attribute }) => attribute.flatMap(({ g }) => (g ? allGraphs(g) : [])));
  return [graph, ...inner];
}

/** Names that some operation reads or that are results of a graph. */
export function usedNames(graph: GraphProto): Set<string> {
  const graphs = allGraphs(graph);
  return new Set(graphs.flatMap(({ node, output }) => [...node.flatMap((n) => n.input), ...output.map((o) => o.name)]));
}

/** Leaves out last outputs that nobody uses, where the operator allows it. */
export function dropUnusedOutputs(graph: GraphProto): void {
  const used = usedNames(graph);
  for (const node of allGraphs(graph).flatMap(({ node: nodes }) => nodes)) {
    if (!optionalOutputs.has(node.opType)) continue;
    while (node.output.length > 1 && !used.has(node.output.at(-1)!)) node.output.pop();
  }
}
