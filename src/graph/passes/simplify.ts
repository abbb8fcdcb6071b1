import type { Graph } from "../graph.ts";
import type { GraphNode } from "../node.ts";
import type { Tensor } from "../tensor.ts";
import { rewrite } from "./rewrite.ts";
import { arithmeticRules } from "./rules-arithmetic.ts";
import { broadcastRules } from "./rules-broadcast.ts";
import { productRules } from "./rules-product.ts";
import { viewRules } from "./rules-view.ts";

/** What a node of one output may become: a cheaper tensor of the same shape, dtype and values. */
export type TensorRule = (node: GraphNode) => Tensor | undefined;

const rules: readonly TensorRule[] = [...viewRules, ...arithmeticRules, ...broadcastRules, ...productRules];

/** Rewrites nodes into cheaper ones by local rules: views of views, neutral elements, broadcasts, transposed products. */
export function simplify(graph: Graph): Graph {
  return rewrite(graph, (node) => {
    if (node.outputs.length !== 1) return undefined;
    for (const rule of rules) {
      const better = rule(node);
      if (better && better.node !== node) return [better];
    }
    return undefined;
  });
}
