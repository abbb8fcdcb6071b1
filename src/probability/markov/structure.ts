import type { Matrix } from "../../numeric/linear/index.ts";
import type { Transition } from "./transition.ts";

/** States that lead to one another. */
export interface CommunicatingClass {
  /** Numbers of the states, ascending. */
  readonly states: readonly number[];
  /** Whether the chain never leaves it: its states are then recurrent, else transient. */
  readonly closed: boolean;
  /** The greatest common divisor of the lengths of its cycles; 0 for a state that never comes back to itself. */
  readonly period: number;
}

/** How the states of a chain hang together. */
export interface Structure {
  /** In the order of their first states. */
  readonly classes: readonly CommunicatingClass[];
  /** Whether every state leads to every other. */
  readonly irreducible: boolean;
  /** Whether every closed class has period 1. */
  readonly aperiodic: boolean;
}

/** Successors of every state: where the probability is above zero. */
function successors({ rows: n, data }: Matrix): number[][] {
  return Array.from({ length: n }, (_, i) => {
    const next: number[] = [];
    for (let j = 0; j < n; j++) if (data[i * n + j]! > 0) next.push(j);
    return next;
  });
}

function reversed(edges: readonly (readonly number[])[]): number[][] {
  const back: number[][] = edges.map(() => []);
  edges.forEach((next, i) => {
    for (const j of next) back[j]!.push(i);
  });
  return back;
}

/** States that can be reached from `starts`, those included, without going on from a state that `stops`. */
export function reachable(
  edges: readonly (readonly number[])[],
  starts: readonly number[],
  stops: (state: number) => boolean = () => false,
): boolean[] {
  const seen = new Array<boolean>(edges.length).fill(false);
  const open = [...starts];
  for (const state of starts) seen[state] = true;
  while (open.length > 0) {
    const state = open.pop()!;
    if (stops(state)) continue;
    for (const next of edges[state]!)
      if (!seen[next]) {
        seen[next] = true;
        open.push(next);
      }
  }
  return seen;
}

/** States from which one of `targets` can be reached, those included. */
export function leadingTo(matrix: Matrix, targets: readonly number[]): boolean[] {
  return reachable(reversed(successors(matrix)), targets);
}

/** States that can be reached from `starts` before one of `targets`; the walk stops there. */
export function reachedBefore(matrix: Matrix, starts: readonly number[], targets: ReadonlySet<number>): boolean[] {
  return reachable(successors(matrix), starts, (state) => targets.has(state));
}

/** States by the time they are left in a depth-first search, the last first. */
function finishingOrder(edges: readonly (readonly number[])[]): number[] {
  const seen = new Uint8Array(edges.length);
  const order: number[] = [];
  for (let root = 0; root < edges.length; root++) {
    if (seen[root]) continue;
    seen[root] = 1;
    const path = [{ state: root, next: 0 }];
    while (path.length > 0) {
      const top = path.at(-1)!;
      const next = edges[top.state]![top.next++];
      if (next === undefined) order.push(path.pop()!.state);
      else if (!seen[next]) {
        seen[next] = 1;
        path.push({ state: next, next: 0 });
      }
    }
  }
  return order.reverse();
}

/** Strongly connected components by two searches (Sharir 1981, after Kosaraju). */
function components(edges: readonly (readonly number[])[]): number[][] {
  const back = reversed(edges);
  const owner = new Int32Array(edges.length).fill(-1);
  const found: number[][] = [];
  for (const root of finishingOrder(edges)) {
    if (owner[root] !== -1) continue;
    const members: number[] = [];
    const open = [root];
    owner[root] = found.length;
    while (open.length > 0) {
      const state = open.pop()!;
      members.push(state);
      for (const before of back[state]!)
        if (owner[before] === -1) {
          owner[before] = found.length;
          open.push(before);
        }
    }
    found.push(members.sort((a, b) => a - b));
  }
  return found.sort((a, b) => a[0]! - b[0]!);
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** gcd of level(i) + 1 − level(j) over the steps i → j within a class, levels by breadth-first search. */
function periodOf(edges: readonly (readonly number[])[], members: readonly number[]): number {
  const level = new Map([[members[0]!, 0]]);
  const queue = [members[0]!];
  const inside = new Set(members);
  let period = 0;
  for (let at = 0; at < queue.length; at++) {
    const state = queue[at]!;
    for (const next of edges[state]!) {
      if (!inside.has(next)) continue;
      const known = level.get(next);
      if (known === undefined) {
        level.set(next, level.get(state)! + 1);
        queue.push(next);
      } else period = gcd(period, Math.abs(level.get(state)! + 1 - known));
    }
  }
  return period;
}

/** Communicating classes of a chain with their periods. */
export function structureOf({ matrix }: Transition): Structure {
  const edges = successors(matrix);
  const classes = components(edges).map((states): CommunicatingClass => {
    const inside = new Set(states);
    const closed = states.every((i) => edges[i]!.every((j) => inside.has(j)));
    return { states, closed, period: periodOf(edges, states) };
  });
  const aperiodic = classes.every(({ closed, period }) => !closed || period === 1);
  return { classes, irreducible: classes.length === 1, aperiodic };
}
