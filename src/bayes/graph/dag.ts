import { UsageError } from "../../base/errors.ts";
import { unknownAmong } from "../../probability/tables/index.ts";

/** A directed graph of named nodes: the parents and the children of each, by place. */
export interface Dag {
  readonly names: readonly string[];
  readonly parents: readonly (readonly number[])[];
  readonly children: readonly (readonly number[])[];
}

/** Anything whose nodes name their parents: a network, or the structure of one. */
export interface NamedParents {
  readonly nodes: readonly { readonly variable: { readonly name: string }; readonly parents: readonly string[] }[];
}

/** The graph of a network; it may still have cycles (findCycle says). */
export function dagOf({ nodes }: NamedParents): Dag {
  return dagFrom(nodes.map(({ variable, parents }) => [variable.name, parents] as const));
}

/** A graph from names and the names of their parents. */
export function dagFrom(nodes: readonly (readonly [name: string, parents: readonly string[]])[]): Dag {
  const names = nodes.map(([name]) => name);
  const places = new Map(names.map((name, i) => [name, i]));
  if (places.size < names.length) throw new UsageError("Two nodes of the graph have one name; give each its own.");
  const children: number[][] = names.map(() => []);
  const parents = nodes.map(([, list], child) =>
    list.map((name) => {
      const parent = places.get(name);
      if (parent === undefined) throw new UsageError(unknownAmong("variable", name, names));
      children[parent]!.push(child);
      return parent;
    }),
  );
  return { names, parents, children };
}

/** The places of nodes; throws with a suggestion for an unknown name. */
export function placesOf(dag: Dag, names: readonly string[]): number[] {
  const places = new Map(dag.names.map((name, i) => [name, i]));
  return names.map((name) => {
    const place = places.get(name);
    if (place === undefined) throw new UsageError(unknownAmong("variable", name, dag.names));
    return place;
  });
}

/** Nodes in an order in which parents stand before children (Kahn 1962), or undefined where there is a cycle. */
function sorted({ parents, children }: Dag): number[] | undefined {
  const open = parents.map((list) => list.length);
  const order = open.flatMap((count, i) => (count === 0 ? [i] : []));
  for (let at = 0; at < order.length; at++)
    for (const child of children[order[at]!]!) if (--open[child]! === 0) order.push(child);
  return order.length === parents.length ? order : undefined;
}

/** Nodes in an order in which parents stand before children; throws for a cycle, which it names. */
export function topologicalOrder(dag: Dag): number[] {
  const order = sorted(dag);
  if (order) return order;
  const names = findCycle(dag)!.map((i) => dag.names[i]!);
  throw new UsageError(`The graph has a cycle, ${[...names, names[0]].join(" → ")}; a Bayesian network has none.`);
}

/** The nodes of a directed cycle in its direction, or undefined where the graph has none. */
export function findCycle(dag: Dag): number[] | undefined {
  if (sorted(dag)) return undefined;
  const left = new Set(dag.names.keys());
  // Peel off nodes without children left: what stays has a child left, so that walking down meets itself.
  const open = dag.children.map((list) => list.length);
  const ends = open.flatMap((count, i) => (count === 0 ? [i] : []));
  for (let node = ends.pop(); node !== undefined; node = ends.pop()) {
    left.delete(node);
    for (const parent of dag.parents[node]!) if (--open[parent]! === 0) ends.push(parent);
  }
  const path: number[] = [];
  let node = [...left][0]!;
  while (!path.includes(node)) {
    path.push(node);
    node = dag.children[node]!.find((child) => left.has(child))!;
  }
  return path.slice(path.indexOf(node));
}

function reachable(from: readonly number[], next: readonly (readonly number[])[]): Set<number> {
  const found = new Set(from);
  const open = [...from];
  for (let node = open.pop(); node !== undefined; node = open.pop())
    for (const other of next[node]!) {
      if (found.has(other)) continue;
      found.add(other);
      open.push(other);
    }
  return found;
}

/** The given nodes and all from which a directed path leads to them. */
export function ancestors(dag: Dag, of: readonly number[]): Set<number> {
  return reachable(of, dag.parents);
}

/** The given nodes and all to which a directed path leads from them. */
export function descendants(dag: Dag, of: readonly number[]): Set<number> {
  return reachable(of, dag.children);
}

/** The moral graph: for each node its parents, its children and its children's other parents. */
export function moralGraph({ parents }: Dag): Set<number>[] {
  const neighbours = parents.map(() => new Set<number>());
  parents.forEach((list, child) => {
    const family = [child, ...list];
    for (const a of family) for (const b of family) if (a !== b) neighbours[a]!.add(b);
  });
  return neighbours;
}

/** The Markov blanket of a node: given it, the node is independent of everything else. */
export function markovBlanket(dag: Dag, node: number): number[] {
  const { parents, children } = dag;
  const blanket = new Set([...parents[node]!, ...children[node]!, ...children[node]!.flatMap((c) => parents[c]!)]);
  blanket.delete(node);
  return [...blanket].sort((a, b) => a - b);
}
