import { UsageError } from "../../base/errors.ts";

/** An order of elimination and what it costs. */
export interface EliminationOrder {
  readonly order: readonly number[];
  /** For each eliminated node itself and its neighbours at that moment. */
  readonly cliques: readonly (readonly number[])[];
  readonly cost: Cost;
}

/** Sizes of the tables of an inference, in numbers. */
export interface Cost {
  readonly largest: number;
  readonly total: number;
}

/** An undirected graph over places; nodes that take no part are missing from the keys. */
export type Neighbours = Map<number, Set<number>>;

/** Joins every two of the given nodes. */
export function joinAll(graph: Neighbours, nodes: readonly number[]): void {
  for (const a of nodes) {
    const around = graph.get(a) ?? new Set();
    graph.set(a, around);
    for (const b of nodes) if (a !== b) around.add(b);
  }
}

/** How many pairs of neighbours of a node are not neighbours of each other. */
function fillOf(graph: Neighbours, node: number): number {
  const around = graph.get(node)!;
  let joined = 0;
  for (const other of around) {
    const further = graph.get(other)!;
    const [small, large] = further.size < around.size ? [further, around] : [around, further];
    for (const third of small) if (large.has(third)) joined++;
  }
  return (around.size * (around.size - 1)) / 2 - joined / 2;
}

/**
 * Eliminates the nodes of each stage, one stage after the other, always one that joins fewest pairs of its neighbours
 * (min-fill; Rose 1970), of several the one with the smallest table, of these the first. The graph is used up. Fill
 * counts are kept exact edge by edge, so that hubs with thousands of neighbours cost no more than their edges.
 */
export function minFill(
  graph: Neighbours,
  sizes: readonly number[],
  stages: readonly (readonly number[])[],
  limit = Number.POSITIVE_INFINITY,
): EliminationOrder {
  const fill = new Map([...graph.keys()].map((node) => [node, fillOf(graph, node)]));
  const order: number[] = [];
  const cliques: number[][] = [];
  let [largest, total] = [0, 0];
  for (const stage of stages) {
    const left = new Set(stage);
    while (left.size > 0) {
      const node = cheapest(graph, sizes, fill, left);
      left.delete(node);
      const clique = [node, ...graph.get(node)!];
      const size = clique.reduce((product, each) => product * sizes[each]!, 1);
      largest = Math.max(largest, size);
      total += size;
      order.push(node);
      cliques.push(clique);
      if (largest > limit) return { order, cliques, cost: { largest, total } };
      removeNode(graph, fill, node);
    }
  }
  return { order, cliques, cost: { largest, total } };
}

function cheapest(graph: Neighbours, sizes: readonly number[], fill: Map<number, number>, left: Set<number>): number {
  let [best, least, smallest] = [-1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const node of left) {
    const cost = fill.get(node)!;
    if (cost > least) continue;
    let size = sizes[node]!;
    for (const other of graph.get(node)!) size *= sizes[other]!;
    if (best >= 0 && cost === least && size >= smallest) continue;
    [best, least, smallest] = [node, cost, size];
  }
  return best;
}

/** Joins the neighbours of a node and takes it away, keeping every fill count right. */
function removeNode(graph: Neighbours, fill: Map<number, number>, node: number): void {
  const around = [...graph.get(node)!];
  for (let i = 0; i < around.length; i++)
    for (let j = i + 1; j < around.length; j++)
      if (!graph.get(around[i]!)!.has(around[j]!)) joinPair(graph, fill, around[i]!, around[j]!);
  // All neighbours are joined now: one of k neighbours that loses this one loses its pairs with those outside.
  for (const other of around) {
    const further = graph.get(other)!;
    fill.set(other, fill.get(other)! - (further.size - around.length));
    further.delete(node);
  }
  graph.delete(node);
}

function joinPair(graph: Neighbours, fill: Map<number, number>, a: number, b: number): void {
  const [left, right] = [graph.get(a)!, graph.get(b)!];
  let common = 0;
  const [small, large] = left.size < right.size ? [left, right] : [right, left];
  for (const node of small)
    if (large.has(node)) {
      common++;
      fill.set(node, fill.get(node)! - 1);
    }
  fill.set(a, fill.get(a)! + left.size - common);
  fill.set(b, fill.get(b)! + right.size - common);
  left.add(b);
  right.add(a);
}

/** The memory of one inference unless another limit is given. */
export const MAX_BYTES = 2 ** 30;

/** A size in powers of 1024: `3.2 GiB`, or its power of two where it has no name. */
function bytesInWords(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];
  const unit = Math.max(0, Math.floor(Math.log2(bytes) / 10));
  if (unit >= units.length) return `2^${Math.round(Math.log2(bytes))} bytes`;
  return `${Number((bytes / 1024 ** unit).toPrecision(3))} ${units[unit]}`;
}

/** Exact inference would take more memory than allowed: callers that can sample instead catch this. */
export class TablesTooLarge extends UsageError {}

/** Throws, before anything is allocated, where `numbers` of eight bytes would exceed the memory allowed. */
export function refuseTooMuch(what: string, numbers: number, atLeast: boolean, maxBytes = MAX_BYTES): void {
  if (numbers * 8 <= maxBytes) return;
  const size = Number.isFinite(numbers) ? bytesInWords(numbers * 8) : "more than 2^1000 bytes";
  throw new TablesTooLarge(
    `${what} needs tables of ${atLeast ? "at least " : ""}${size}, more than the ${bytesInWords(maxBytes)} allowed: ` +
      "observe more variables, ask for fewer at once, allow more memory (maxBytes, --max-memory), or sample instead of computing exactly.",
  );
}
