import type { NgramCounts } from "./counts.ts";
import type { NgramTree } from "./tree.ts";

/** What is taken off counts of 1, 2, and 3 or more. */
type Discounts = readonly [number, number, number];

/**
 * The discounts of modified Kneser-Ney smoothing from how many n-grams occur 1, 2, 3 and 4 times: Y = n₁/(n₁+2n₂),
 * D_j = j − (j+1)·Y·n_{j+1}/n_j (Chen & Goodman 1999, An empirical study of smoothing techniques, equation 26). Where a
 * count of counts is 0 the estimate does not exist, and ½ is taken off.
 */
export function discountsOf([n1, n2, n3, n4]: readonly [number, number, number, number]): Discounts {
  const y = n1 / (n1 + 2 * n2);
  const estimate = (j: number, n: number, next: number) => {
    const d = j - (j + 1) * y * (next / n);
    return Number.isFinite(d) && d > 0 && d <= j ? d : 0.5;
  };
  return [estimate(1, n1, n2), estimate(2, n2, n3), estimate(3, n3, n4)];
}

const discountOf = (discounts: Discounts, count: number) => (count === 0 ? 0 : discounts[Math.min(count, 3) - 1]!);

/** Nodes by depth, then parent, then token: the order of the tree. */
export function orderOf(counts: NgramCounts): Int32Array {
  const nodes = Int32Array.from({ length: counts.size - 1 }, (_, i) => i + 1);
  const byDepth: number[][] = Array.from({ length: counts.order + 1 }, () => []);
  for (const node of nodes) byDepth[counts.depth(node)]!.push(node);
  const place = new Int32Array(counts.size);
  const result = new Int32Array(counts.size);
  let next = 1;
  for (const level of byDepth) {
    level.sort((a, b) => place[counts.parent(a)]! - place[counts.parent(b)]! || counts.token(a) - counts.token(b));
    for (const node of level) {
      place[node] = next;
      result[next++] = node;
    }
  }
  return result;
}

function discountsByDepth(counts: NgramCounts): Discounts[] {
  const tallies = Array.from({ length: counts.order + 1 }, () => [0, 0, 0, 0] as [number, number, number, number]);
  for (let node = 1; node < counts.size; node++) {
    const count = counts.count(node);
    if (count >= 1 && count <= 4) tallies[counts.depth(node)]![count - 1]!++;
  }
  return tallies.map(discountsOf);
}

/**
 * Interpolated modified Kneser-Ney smoothing: p(w|h) = (a(hw) − D(a(hw)))/A(h) + γ(h)·p(w|h′), with a the count of the
 * longest n-grams and the number of different tokens before shorter ones, A(h) = Σ_w a(hw), and γ(h) what the discounts
 * took off. Kneser & Ney 1995; Chen & Goodman 1999. Backoffs are computed from the weights as they are stored, so that
 * probabilities sum to one.
 */
export function kneserNey(counts: NgramCounts): NgramTree {
  counts.closeCounts();
  const order = orderOf(counts);
  const discounts = discountsByDepth(counts);
  const sums = new Float64Array(counts.size);
  for (let node = 1; node < counts.size; node++) sums[counts.parent(node)]! += counts.count(node);
  const own = (node: number) => {
    const count = counts.count(node);
    if (count === 0) return 0;
    return Math.fround((count - discountOf(discounts[counts.depth(node)]!, count)) / sums[counts.parent(node)]!);
  };
  const left = new Float64Array(counts.size).fill(1);
  const children = new Int32Array(counts.size);
  for (let node = 1; node < counts.size; node++) {
    children[counts.parent(node)]!++;
    left[counts.parent(node)]! -= own(node);
  }
  const column = (value: (node: number) => number) => Float32Array.from(order, value);
  return {
    token: column((node) => counts.token(node)),
    children: column((node) => children[node]!),
    weight: column((node) => (node === 0 ? 0 : own(node))),
    backoff: column((node) => Math.max(0, left[node]!)),
  };
}
