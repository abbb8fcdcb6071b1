import type { HostArray } from "../../base/host.ts";
import { NgramReader, type NgramTree } from "../baselines/ngram/tree.ts";
import type { LearntTable, Params } from "../contract.ts";
import { frequentContexts, MOST_CONTEXTS, MOST_LEVELS, transitionTables } from "./chain-learnt.ts";

/** What is known of a chain whose laws stand in a tree of n-grams. */
export interface TreeChain {
  readonly levels: number;
  readonly order: number;
  /** Imagined observations after each context. */
  readonly smoothing: number;
}

const columnsOf = (params: Params): NgramTree => {
  const named = params as unknown as Readonly<Record<keyof NgramTree, HostArray<"float32">>>;
  const { token, children, weight, backoff } = named;
  return { token: token.data, children: children.data, weight: weight.data, backoff: backoff.data };
};

/** Independent numbers: the weight of each n-gram that was seen, since those of a context and its backoff sum to one. */
export const freeTreeParameters = (params: Params): number => columnsOf(params).weight.length - 1;

/** Transitions and the stationary law of few levels at order 1; of other chains their most frequent contexts. */
export function treeTables(chain: TreeChain, params: Params): LearntTable[] {
  const { levels: K, order } = chain;
  const reader = new NgramReader(params, K, order + 1);
  const names = Array.from({ length: K }, (_, v) => String(v));
  const law = (context: readonly number[]) => normalised(reader.probabilities(context, context.length));
  if (order === 0 && K <= MOST_LEVELS)
    return [{ title: "Levels", head: ["", ...names], rows: [["p(next)", ...law([])]] }];
  if (order === 1 && K <= MOST_LEVELS)
    return transitionTables(names, Float64Array.from(names.flatMap((_, v) => [...law([v])])));
  const { contexts, count } = mostFrequent(columnsOf(params), chain);
  const told = contexts.map(({ tokens, share }) => ({ name: tokens.join(" "), share, next: law(tokens) }));
  return [frequentContexts(told, names, count, "how often they were seen; values by their numbers")];
}

function normalised(law: Float64Array): Float64Array {
  const sum = law.reduce((a, b) => a + b, 0);
  return law.map((p) => p / sum);
}

/** Below this share of the shorter contexts, which float32 holds less and less exactly, what follows is taken as the count itself. */
const EXACT = 1e-3;

/** The most frequent contexts of k tokens, with their shares of all, and how many there are. */
function mostFrequent({ token, children, weight, backoff }: NgramTree, { order, smoothing }: TreeChain) {
  const parent = new Int32Array(token.length);
  const depth = new Uint8Array(token.length);
  const counts = new Float64Array(token.length);
  const found: number[] = [];
  let [total, first] = [0, 1];
  const after = (node: number) => {
    const share = backoff[node]!;
    return node > 0 && share < EXACT ? counts[node]! : smoothing * (1 / share - 1);
  };
  for (let node = 0; node < token.length; node++) {
    for (const end = first + children[node]!; first < end; first++) {
      parent[first] = node;
      depth[first] = depth[node]! + 1;
      counts[first] = weight[first]! * (after(node) + smoothing);
    }
    if (depth[node] !== order || children[node] === 0) continue;
    found.push(node);
    total += order === 0 ? 1 : counts[node]!;
  }
  const most = found.sort((a, b) => counts[b]! - counts[a]!).slice(0, MOST_CONTEXTS);
  const tokensOf = (node: number): number[] => (node === 0 ? [] : [...tokensOf(parent[node]!), token[node]!]);
  const contexts = most.map((node) => ({ tokens: tokensOf(node), share: order === 0 ? 1 : counts[node]! / total }));
  return { contexts, count: found.length };
}
