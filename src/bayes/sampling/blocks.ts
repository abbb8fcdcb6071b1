import { UsageError } from "../../base/errors.ts";
import type { Plan, PlannedNode } from "./plan.ts";

/** Nodes that Gibbs sampling draws together, and the nodes whose tables say how. */
export interface Block {
  readonly places: readonly number[];
  readonly factors: readonly PlannedNode[];
  /** Combinations of their states. */
  readonly size: number;
}

/** The most combinations of states that are drawn together. */
const LARGEST = 2 ** 14;

/**
 * Unobserved nodes in blocks. A table with zeros can keep nodes drawn one by one from ever leaving where they are, so
 * all unobserved nodes of such a table (what evidence leaves of it) are drawn together, and blocks that share a node are
 * one. What is possible is then possible block by block, and the chain reaches all of it.
 */
export function blocksOf(plan: Plan): Block[] {
  const { nodes, observed, variables, children } = plan;
  const root = nodes.map((_, i) => i);
  const find = (i: number): number => (root[i] === i ? i : find(root[i]!));
  for (const node of nodes) {
    const free = [node.place, ...node.parents].filter((i) => observed[i]! < 0);
    if (free.length < 2 || !hasZero(node, plan)) continue;
    for (const other of free) root[find(other)] = find(free[0]!);
  }
  const groups = new Map<number, number[]>();
  for (const { place } of nodes)
    if (observed[place]! < 0) groups.set(find(place), [...(groups.get(find(place)) ?? []), place]);
  return [...groups.values()].map((places) => {
    const size = places.reduce((product, i) => product * variables[i]!.states.length, 1);
    if (size > LARGEST)
      throw new UsageError(
        `Deterministic tables tie ${places.length} variables together (${places
          .slice(0, 4)
          .map((i) => variables[i]!.name)
          .join(", ")}, …), ` +
          "too many for Gibbs sampling to draw at once, and one by one it may never leave where it starts: use weighting or the exact method.",
      );
    const touched = new Set(places.flatMap((i) => [i, ...children[i]!]));
    return { places, factors: [...touched].map((i) => nodes[i]!), size };
  });
}

/** Whether a node's table has a zero where the observed states hold. */
function hasZero({ place, width, parents, strides, table }: PlannedNode, { observed }: Plan): boolean {
  return table.some((value, at) => {
    if (value !== 0) return false;
    if (observed[place]! >= 0 && at % width !== observed[place]) return false;
    let rest = at;
    return parents.every((parent, i) => {
      const state = Math.floor(rest / strides[i]!);
      rest -= state * strides[i]!;
      return observed[parent]! < 0 || observed[parent] === state;
    });
  });
}
