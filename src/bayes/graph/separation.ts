import { UsageError } from "../../base/errors.ts";
import { repeatedName } from "../../probability/tables/index.ts";
import { ancestors, type Dag, placesOf } from "./dag.ts";

/** How a path goes through an inner node: on in one direction, from a common cause, or into a common effect. */
export type Role = "chain" | "fork" | "collider";

/** A path along which dependence flows, with what each inner node does for it. */
export interface ActivePath {
  readonly nodes: readonly string[];
  /** Whether the arrow between nodes i and i + 1 points forward. */
  readonly forward: readonly boolean[];
  /** For the inner nodes in order; a collider names the observation that opens it: itself or a descendant. */
  readonly inner: readonly { readonly node: string; readonly role: Role; readonly openedBy?: string }[];
}

/** Whether two sets of nodes are d-separated by a third, and otherwise a path that connects them. */
export type Separation = { readonly separated: true } | { readonly separated: false; readonly path: ActivePath };

/** A node as a path arrives at it: from a child (upward) or from a parent. */
interface Arrival {
  readonly node: number;
  readonly upward: boolean;
  readonly from: Arrival | undefined;
}

/**
 * d-separation of a and b by given (Pearl 1988) by reachability over (node, direction) as in Koller & Friedman 2009,
 * algorithm 3.1: a path goes through a node that is not observed unless it is a collider, and through a collider if it
 * or a descendant is observed. The path found is a shortest one, and so passes no node twice.
 */
export function dSeparation(
  dag: Dag,
  a: readonly string[],
  b: readonly string[],
  given: readonly string[] = [],
): Separation {
  if (a.length === 0 || b.length === 0) throw new UsageError("Name at least one variable on each side.");
  const all = [...a, ...b, ...given];
  const twice = repeatedName(all);
  if (twice !== undefined) throw new UsageError(`"${twice}" is named twice; a variable stands on one side only.`);
  const [sources, goals, observed] = [a, b, given].map((names) => placesOf(dag, names));
  const arrival = reach(dag, sources!, new Set(goals), new Set(observed));
  return arrival ? { separated: false, path: pathOf(dag, arrival, new Set(observed)) } : { separated: true };
}

function reach(dag: Dag, sources: number[], goals: Set<number>, observed: Set<number>): Arrival | undefined {
  const opening = ancestors(dag, [...observed]);
  const queue: Arrival[] = sources.map((node) => ({ node, upward: true, from: undefined }));
  const seen = new Set(queue.map(({ node }) => 2 * node));
  for (let at = 0; at < queue.length; at++) {
    const arrival = queue[at]!;
    const { node, upward } = arrival;
    if (goals.has(node)) return arrival;
    const visit = (next: number, goesUp: boolean) => {
      const state = 2 * next + (goesUp ? 0 : 1);
      if (seen.has(state)) return;
      seen.add(state);
      queue.push({ node: next, upward: goesUp, from: arrival });
    };
    if (!observed.has(node)) for (const child of dag.children[node]!) visit(child, false);
    const goesUp = upward ? !observed.has(node) : opening.has(node);
    if (goesUp) for (const parent of dag.parents[node]!) visit(parent, true);
  }
  return undefined;
}

function pathOf(dag: Dag, last: Arrival, observed: Set<number>): ActivePath {
  const arrivals: Arrival[] = [];
  for (let at: Arrival | undefined = last; at; at = at.from) arrivals.unshift(at);
  const nodes = arrivals.map(({ node }) => dag.names[node]!);
  const forward = arrivals.slice(1).map(({ upward }) => !upward);
  const inner = arrivals.slice(1, -1).map(({ node }, i) => {
    const [entering, leaving] = [forward[i]!, forward[i + 1]!];
    const role: Role = entering === leaving ? "chain" : entering ? "collider" : "fork";
    if (role !== "collider") return { node: dag.names[node]!, role };
    return { node: dag.names[node]!, role, openedBy: dag.names[observedBelow(dag, node, observed)]! };
  });
  return { nodes, forward, inner };
}

/** The nearest observed node among a node and its descendants. */
function observedBelow(dag: Dag, node: number, observed: Set<number>): number {
  const queue = [node];
  for (let at = 0; at < queue.length; at++) {
    if (observed.has(queue[at]!)) return queue[at]!;
    queue.push(...dag.children[queue[at]!]!.filter((child) => !queue.includes(child)));
  }
  throw new Error("a collider on an active path has an observed descendant");
}

/** A path in words: `asia → tub → either ← lung: the collider either is open because xray is observed`. */
export function describePath({ nodes, forward, inner }: ActivePath): string {
  const drawn = nodes.map((name, i) => (i === 0 ? name : `${forward[i - 1] ? "→" : "←"} ${name}`)).join(" ");
  const opened = inner.flatMap(({ node, openedBy }) => (openedBy === undefined ? [] : [[node, openedBy] as const]));
  const why = opened.map(([node, by]) =>
    node === by
      ? `the collider ${node} is observed`
      : `the collider ${node} is open because ${by} below it is observed`,
  );
  return why.length > 0 ? `${drawn}: ${why.join(", ")}` : drawn;
}
