import { type Graph, graphNodes } from "../graph.ts";
import { apply } from "../tensor.ts";
import { cse } from "./cse.ts";
import { fold } from "./fold.ts";
import { pruneScans } from "./prune-scans.ts";
import { isGraph, rewrite } from "./rewrite.ts";
import { simplify } from "./simplify.ts";

/** How far to optimise. */
export interface OptimizeOptions {
  /** Whether to compute constants; not when numbers that depend on the batch size must stay visible. */
  readonly folds?: boolean;
}

const maxRounds = 4;

/** The graph rewritten to compute the same with fewer and cheaper operations, loop bodies included. */
export function optimize(graph: Graph, { folds = true }: OptimizeOptions = {}): Graph {
  let result = bodies(pruneScans(graph), folds);
  let count = Number.POSITIVE_INFINITY;
  for (let round = 0; round < maxRounds; round++) {
    const simpler = simplify(cse(result));
    result = cse(folds ? fold(simpler) : simpler);
    const size = graphNodes(result).length;
    if (size === count) break;
    count = size;
  }
  return result;
}

/** The same graph with every loop body in it optimised. */
function bodies(graph: Graph, folds: boolean): Graph {
  return rewrite(graph, ({ op, inputs, attrs }) => {
    const entries = Object.entries(attrs);
    if (!entries.some(([, value]) => isGraph(value) && !done.has(value))) return undefined;
    const better = entries.map(([key, value]) => [key, isGraph(value) ? finished(optimize(value, { folds })) : value]);
    return apply(op, inputs, Object.fromEntries(better));
  });
}

const done = new WeakSet<Graph>();

function finished(graph: Graph): Graph {
  done.add(graph);
  return graph;
}
