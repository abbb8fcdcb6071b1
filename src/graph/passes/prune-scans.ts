import { type Graph, graphNodes } from "../graph.ts";
import type { GraphNode } from "../node.ts";
import { substitute } from "../ops/body.ts";
import type { ScanAttrs } from "../ops/scan.ts";
import { apply, type Tensor } from "../tensor.ts";

/** What a scan keeps: positions among its outputs and inputs, and its new attributes. */
interface Kept {
  readonly outputs: readonly number[];
  readonly inputs: readonly number[];
  readonly attrs: ScanAttrs;
}

/**
 * Removes from every scan the outputs nobody uses (a scan offers all its intermediate values to its gradient), then the
 * carries, slices and captures only they needed; in loop bodies as well.
 */
export function pruneScans(graph: Graph): Graph {
  const kept = plan(graph);
  if (kept.size === 0) return graph;
  const replacements = new Map<Tensor, Tensor>();
  for (const node of graphNodes(graph)) {
    const keep = kept.get(node);
    if (!keep) continue;
    const inputs = substitute(
      keep.inputs.map((position) => node.inputs[position]!),
      replacements,
    );
    const results = apply(node.op, inputs, keep.attrs);
    keep.outputs.forEach((position, i) => {
      replacements.set(node.outputs[position]!, results[i]!);
    });
  }
  const outputs = substitute(
    graph.outputs.map(({ tensor }) => tensor),
    replacements,
  );
  return { inputs: graph.inputs, outputs: graph.outputs.map(({ name }, i) => ({ name, tensor: outputs[i]! })) };
}

/** From the results backwards: which values are used, and what each scan may drop. */
function plan(graph: Graph): Map<GraphNode, Kept> {
  const used = new Set(graph.outputs.map(({ tensor }) => tensor));
  const kept = new Map<GraphNode, Kept>();
  for (const node of graphNodes(graph).reverse()) {
    const live = node.outputs.flatMap((output, i) => (used.has(output) ? [i] : []));
    if (live.length === 0) continue;
    if (node.op.name !== "scan") {
      for (const operand of node.inputs) used.add(operand);
      continue;
    }
    const keep = pruned(node.attrs as ScanAttrs, live);
    for (const position of keep.inputs) used.add(node.inputs[position]!);
    kept.set(node, keep);
  }
  return kept;
}

/** A scan reduced to the given outputs: their carries feed other carries, so the set grows until it is closed. */
function pruned(attrs: ScanAttrs, live: readonly number[]): Kept {
  const { carries, xs } = attrs;
  const ys = live.filter((position) => position >= carries);
  let states = live.filter((position) => position < carries);
  for (;;) {
    const outputs = [...states, ...ys];
    const body = pruneScans({ inputs: attrs.body.inputs, outputs: outputs.map((i) => attrs.body.outputs[i]!) });
    const reached = new Set(graphNodes(body).flatMap((node) => node.outputs));
    const needed = body.inputs.flatMap(({ tensor }, i) => (reached.has(tensor) ? [i] : []));
    const closed = [...new Set([...states, ...needed.filter((i) => i < carries)])].sort((a, b) => a - b);
    if (closed.length > states.length) {
      states = closed;
      continue;
    }
    const slices = needed.filter((i) => i >= carries && i < carries + xs);
    const keptSlices = slices.length > 0 ? slices : [carries];
    const inputs = [...states, ...keptSlices, ...needed.filter((i) => i >= carries + xs)];
    const kept = { inputs: inputs.map((i) => body.inputs[i]!), outputs: body.outputs };
    return { outputs, inputs, attrs: { ...attrs, body: kept, carries: states.length, xs: keptSlices.length } };
  }
}
