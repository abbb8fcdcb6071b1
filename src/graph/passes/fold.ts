import type { HostArray } from "../../base/host.ts";
import type { Graph } from "../graph.ts";
import { fromNd, toNd } from "../interpret.ts";
import type { GraphNode } from "../node.ts";
import { constant, type Tensor } from "../tensor.ts";
import { isGraph, rewrite } from "./rewrite.ts";

/** Results larger than this stay computations, so that models stay small. */
const maxElements = 256;
/** Operands larger than this are left alone, so that folding stays quick. */
const maxOperand = 4096;

/** Computes what depends on constants only, where operands and results are small. */
export function fold(graph: Graph): Graph {
  return rewrite(graph, (node) => (foldable(node) ? folded(node) : undefined));
}

/** The value of a tensor known while tracing. */
export function constantValue(tensor: Tensor): HostArray | undefined {
  return tensor.node.op.name === "constant" ? (tensor.node.attrs.value as HostArray) : undefined;
}

function foldable(node: GraphNode): boolean {
  if (node.op.name === "constant" || node.op.name === "broadcastTo") return false;
  if (Object.values(node.attrs).some(isGraph)) return false;
  if (!node.outputs.every((output) => output.size <= maxElements)) return false;
  return node.inputs.every((operand) => operand.size <= maxOperand && constantValue(operand) !== undefined);
}

function folded(node: GraphNode): readonly Tensor[] {
  const operands = node.inputs.map((operand) => toNd(constantValue(operand)!));
  return node.op.evaluate(operands, node.attrs).map((value) => constant(fromNd(value)));
}
