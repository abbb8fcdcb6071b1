import { logSumExp } from "../../base/log-sum-exp.ts";
import { informationOf, maximumSpanningTree } from "../../bayes/structure/chow-liu.ts";

/** Distinct rows of zeros and ones, as the places of their ones, and how often each occurs. */
export interface BitRows {
  readonly size: number;
  readonly ones: readonly Int32Array[];
  readonly weights: Float64Array;
}

/** A tree over D bits: parents by place (−1 at the root) and p(1 | parent = 0), p(1 | parent = 1), [D, 2]. */
export interface BitTree {
  readonly parents: Int32Array;
  readonly probabilities: Float64Array;
}

/** A mixture of trees. */
export interface TreeMixture {
  readonly shares: Float64Array;
  readonly trees: readonly BitTree[];
}

/** Rows of bits [n · size] with equal ones made one. */
export function bitRows(x: ArrayLike<number>, size: number): BitRows {
  const places = new Map<string, number>();
  const [ones, weights]: [Int32Array[], number[]] = [[], []];
  for (let start = 0; start < x.length; start += size) {
    const own: number[] = [];
    for (let i = 0; i < size; i++) if (x[start + i]! > 0.5) own.push(i);
    const id = own.join();
    const at = places.get(id);
    if (at !== undefined) weights[at]!++;
    else {
      places.set(id, ones.length);
      ones.push(Int32Array.from(own));
      weights.push(1);
    }
  }
  return { size, ones, weights: Float64Array.from(weights) };
}

/** How often pairs of bits are one together, by weight; the diagonal holds single bits. Only i ≥ j is filled. */
function pairCounts({ size, ones }: BitRows, weights: ArrayLike<number>): { pairs: Float64Array; total: number } {
  const pairs = new Float64Array(size * size);
  let total = 0;
  for (const [n, row] of ones.entries()) {
    const w = weights[n]!;
    total += w;
    if (w < 1e-12) continue;
    for (let a = 0; a < row.length; a++) {
      const start = row[a]! * size;
      for (let b = 0; b <= a; b++) pairs[start + row[b]!]! += w;
    }
  }
  return { pairs, total };
}

/**
 * The Chow-Liu tree of weighted rows: a maximum spanning tree of the mutual information of pairs, each table of a pair
 * with `smoothing` imagined rows in each of its four cells.
 */
export function fitTree(rows: BitRows, weights: ArrayLike<number>, smoothing: number): BitTree {
  const { size } = rows;
  const { pairs, total } = pairCounts(rows, weights);
  const together = (i: number, j: number) => pairs[Math.max(i, j) * size + Math.min(i, j)]!;
  const single = (i: number) => pairs[i * size + i]!;
  const information = new Float64Array(size * size);
  const cells = new Float64Array(4);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < i; j++) {
      const both = together(i, j);
      cells[3] = both + smoothing;
      cells[2] = Math.max(0, single(i) - both) + smoothing;
      cells[1] = Math.max(0, single(j) - both) + smoothing;
      cells[0] = Math.max(0, total - single(i) - single(j) + both) + smoothing;
      information[i * size + j] = information[j * size + i] = informationOf(cells, 2);
    }
  const parents = Int32Array.from(maximumSpanningTree(information, size).parents);
  const probabilities = new Float64Array(2 * size);
  parents.forEach((p, i) => {
    if (p < 0) {
      probabilities.fill((single(i) + 2 * smoothing) / (total + 4 * smoothing), 2 * i, 2 * i + 2);
      return;
    }
    const both = together(i, p);
    probabilities[2 * i + 1] = share(both, single(p), smoothing);
    probabilities[2 * i] = share(single(i) - both, total - single(p), smoothing);
  });
  return { parents, probabilities };
}

/** (n + s) / (N + 2s), a half where nothing says anything. */
function share(n: number, of: number, smoothing: number): number {
  const total = Math.max(0, of) + 2 * smoothing;
  return total > 0 ? Math.min(1, Math.max(0, n + smoothing) / total) : 0.5;
}

/** A tree's tables as logarithms, [D, parent, bit]. */
export function logsOf({ probabilities }: BitTree): Float64Array {
  return Float64Array.from({ length: 2 * probabilities.length }, (_, at) => {
    const p = probabilities[at >> 1]!;
    return Math.log(at % 2 === 1 ? p : 1 - p);
  });
}

/** log p(row) under a tree, of a row of bits. */
export function treeNats({ parents }: BitTree, logs: Float64Array, bits: ArrayLike<number>, start = 0): number {
  let sum = 0;
  for (let i = 0; i < parents.length; i++) {
    const p = parents[i]!;
    const row = p >= 0 && bits[start + p]! > 0.5 ? 2 : 0;
    sum += logs[4 * i + row + (bits[start + i]! > 0.5 ? 1 : 0)]!;
  }
  return sum;
}

/** log p(rows) under a mixture, and p(tree | row) as one array for each tree. */
export function expectation(mixture: TreeMixture, rows: BitRows): { nats: Float64Array; shares: Float64Array[] } {
  const logs = mixture.trees.map(logsOf);
  const shares = mixture.trees.map(() => new Float64Array(rows.ones.length));
  const nats = new Float64Array(rows.ones.length);
  const bits = new Uint8Array(rows.size);
  const joint = new Float64Array(mixture.trees.length);
  for (const [n, ones] of rows.ones.entries()) {
    for (const i of ones) bits[i] = 1;
    for (const [k, tree] of mixture.trees.entries())
      joint[k] = Math.log(mixture.shares[k]!) + treeNats(tree, logs[k]!, bits);
    nats[n] = logSumExp(joint);
    for (let k = 0; k < joint.length; k++) shares[k]![n] = Math.exp(joint[k]! - nats[n]!);
    for (const i of ones) bits[i] = 0;
  }
  return { nats, shares };
}

/** Places in an order in which parents come first. */
export function downwards(parents: Int32Array): Int32Array {
  const children: number[][] = Array.from(parents, () => []);
  const order: number[] = [];
  parents.forEach((p, i) => {
    if (p < 0) order.push(i);
    else children[p]!.push(i);
  });
  for (let at = 0; at < order.length; at++) order.push(...children[order[at]!]!);
  return Int32Array.from(order);
}

/** What the observed bits (0 or 1; others −1) say from below: log p(observed at and below i | parent of i), [D, 2]. */
export function upward({ parents }: BitTree, logs: Float64Array, order: Int32Array, seen: ArrayLike<number>) {
  const below = new Float64Array(2 * parents.length);
  const messages = new Float64Array(2 * parents.length);
  let root = 0;
  for (let at = order.length - 1; at >= 0; at--) {
    const i = order[at]!;
    const said = (parent: number) => {
      const of = (bit: number) => logs[4 * i + 2 * parent + bit]! + below[2 * i + bit]!;
      if (seen[i]! >= 0) return of(seen[i]!);
      return logSumExp([of(0), of(1)]);
    };
    const p = parents[i]!;
    if (p < 0) root += said(0);
    else
      for (let v = 0; v < 2; v++) {
        messages[2 * i + v] = said(v);
        below[2 * p + v]! += messages[2 * i + v]!;
      }
  }
  return { below, logProbability: root };
}

/** A draw of all bits given the observed ones, from a uniform for each. */
export function drawTree(
  { parents }: BitTree,
  logs: Float64Array,
  order: Int32Array,
  seen: ArrayLike<number>,
  below: Float64Array,
  uniforms: ArrayLike<number>,
): Uint8Array {
  const bits = new Uint8Array(parents.length);
  for (const i of order) {
    const row = parents[i]! >= 0 ? 2 * bits[parents[i]!]! : 0;
    const [zero, one] = [logs[4 * i + row]! + below[2 * i]!, logs[4 * i + row + 1]! + below[2 * i + 1]!];
    bits[i] = seen[i]! >= 0 ? seen[i]! : Number(uniforms[i]! < 1 / (1 + Math.exp(zero - one)));
  }
  return bits;
}
