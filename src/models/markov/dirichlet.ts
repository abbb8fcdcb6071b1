import type { NgramCounts } from "../baselines/ngram/counts.ts";
import { orderOf } from "../baselines/ngram/kneser-ney.ts";
import type { NgramTree } from "../baselines/ngram/tree.ts";

/**
 * Posterior means under Dirichlet laws around what a shorter context says: p(w|h) = (n(hw) + α p(w|h′))/(n(h) + α), with h′
 * the context without its first token and 1/V below the empty one (MacKay & Peto 1995, A hierarchical Dirichlet language
 * model). The shortest context by itself is additive smoothing with α/V imagined observations of each token.
 */
export function dirichletSmoothing(counts: NgramCounts, alpha: number): NgramTree {
  counts.closeCounts(true);
  const order = orderOf(counts);
  const totals = new Float64Array(counts.size); // of what follows a node
  const children = new Int32Array(counts.size);
  for (let node = 1; node < counts.size; node++) {
    totals[counts.parent(node)]! += counts.count(node);
    children[counts.parent(node)]!++;
  }
  const own = (node: number) => Math.fround(counts.count(node) / (totals[counts.parent(node)]! + alpha));
  const left = new Float64Array(counts.size).fill(1);
  for (let node = 1; node < counts.size; node++) left[counts.parent(node)]! -= own(node);
  const column = (value: (node: number) => number) => Float32Array.from(order, value);
  return {
    token: column((node) => counts.token(node)),
    children: column((node) => children[node]!),
    weight: column((node) => (node === 0 ? 0 : own(node))),
    backoff: column((node) => Math.max(0, left[node]!)),
  };
}
