import { UsageError } from "../../base/errors.ts";
import { type Dag, dagFrom } from "../graph/index.ts";
import { columnsNamed, completeRows, countsOf, type Records } from "../learning/records.ts";

/** A tree of greatest weight by the places of parents, −1 at the root. */
export interface Tree {
  readonly parents: readonly number[];
  /** The sum of the weights of its edges. */
  readonly weight: number;
}

/**
 * The spanning tree of greatest total weight of a symmetric matrix [n · n] (Prim 1957), grown from the root; of equal
 * weights the first is taken.
 */
export function maximumSpanningTree(weights: ArrayLike<number>, n: number, root = 0): Tree {
  const parents = new Array<number>(n).fill(root);
  const best = Float64Array.from({ length: n }, (_, i) => weights[root * n + i]!);
  const left = new Set(Array.from({ length: n }, (_, i) => i).filter((i) => i !== root));
  if (n > 0) parents[root] = -1;
  let weight = 0;
  while (left.size > 0) {
    let next = -1;
    for (const i of left) if (next < 0 || best[i]! > best[next]!) next = i;
    left.delete(next);
    weight += best[next]!;
    for (const i of left)
      if (weights[next * n + i]! > best[i]!) {
        best[i] = weights[next * n + i]!;
        parents[i] = next;
      }
  }
  return { parents, weight };
}

/** The mutual information of each pair of columns in nats, [n · n], by counts and `smoothing` imagined ones in each cell. */
export function pairwiseInformation(records: Records, smoothing = 0): Float64Array {
  const n = records.variables.length;
  const matrix = new Float64Array(n * n);
  for (let a = 0; a < n; a++)
    for (let b = 0; b < a; b++) {
      const counts = countsOf(records, [a, b]).map((count) => count + smoothing);
      matrix[a * n + b] = matrix[b * n + a] = informationOf(counts, records.variables[b]!.states.length);
    }
  return matrix;
}

/** The mutual information of the rows and columns of a table of counts, in nats. */
export function informationOf(counts: Float64Array, width: number): number {
  const rows = counts.length / width;
  const [byRow, byColumn] = [new Float64Array(rows), new Float64Array(width)];
  let total = 0;
  counts.forEach((count, i) => {
    byRow[Math.floor(i / width)]! += count;
    byColumn[i % width]! += count;
    total += count;
  });
  let sum = 0;
  counts.forEach((count, i) => {
    if (count > 0) sum += count * Math.log((count * total) / (byRow[Math.floor(i / width)]! * byColumn[i % width]!));
  });
  return total > 0 ? Math.max(0, sum / total) : 0;
}

/** How the tree is made. */
export interface ChowLiuOptions {
  /** The variable all arrows lead away from; the first when left out. */
  readonly root?: string;
  /** Imagined observations in each cell of the tables of pairs. */
  readonly smoothing?: number;
}

/**
 * The tree of greatest likelihood (Chow & Liu 1968): a maximum spanning tree of mutual information, its arrows leading
 * away from the root. Rows with missing values are left out.
 */
export function chowLiu(records: Records, { root, smoothing = 0 }: ChowLiuOptions = {}): Dag {
  const data = completeRows(records);
  const names = data.variables.map(({ name }) => name);
  if (names.length === 0) throw new UsageError("A tree needs at least one variable.");
  const start = root === undefined ? 0 : columnsNamed(data, [root])[0]!;
  const { parents } = maximumSpanningTree(pairwiseInformation(data, smoothing), names.length, start);
  return dagFrom(names.map((name, i) => [name, parents[i]! < 0 ? [] : [names[parents[i]!]!]] as const));
}

/** The naive structure: every variable depends on the target alone. */
export function naiveStructure(names: readonly string[], target: string): Dag {
  return dagFrom(names.map((name) => [name, name === target ? [] : [target]] as const));
}
