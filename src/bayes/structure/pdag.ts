import { UsageError } from "../../base/errors.ts";
import { type Dag, dagFrom, dagOf, type NamedParents, topologicalOrder } from "../graph/index.ts";

/**
 * A graph with arrows and lines: `marks[i·n + j]` is 1 where an arrow or a line leads from i to j; a line has both. The
 * completed one of a DAG (CPDAG) stands for all DAGs with the same independencies: arrows that all of them share, lines
 * where they differ (Chickering 1995).
 */
export interface Pdag {
  readonly names: readonly string[];
  readonly marks: Uint8Array;
}

/** The arrows of a DAG. */
export function pdagOf({ names, parents }: Dag): Pdag {
  const n = names.length;
  const marks = new Uint8Array(n * n);
  parents.forEach((list, child) => {
    for (const parent of list) marks[parent * n + child] = 1;
  });
  return { names, marks };
}

/** Whether two nodes are joined at all. */
export function adjacent({ names: { length: n }, marks }: Pdag, a: number, b: number): boolean {
  return marks[a * n + b] === 1 || marks[b * n + a] === 1;
}

/** Whether an arrow, not a line, leads from a to b. */
export function arrow({ names: { length: n }, marks }: Pdag, a: number, b: number): boolean {
  return marks[a * n + b] === 1 && marks[b * n + a] === 0;
}

/** Whether a line joins two nodes. */
export function line({ names: { length: n }, marks }: Pdag, a: number, b: number): boolean {
  return marks[a * n + b] === 1 && marks[b * n + a] === 1;
}

/** Turns a line into an arrow from a to b. */
export function orient({ names: { length: n }, marks }: Pdag, a: number, b: number): void {
  marks[b * n + a] = 0;
}

/** The arrows and lines of a graph by names. */
export function edgesOf(graph: Pdag) {
  const [arrows, lines]: [[string, string][], [string, string][]] = [[], []];
  const { names } = graph;
  for (let a = 0; a < names.length; a++)
    for (let b = 0; b < names.length; b++) {
      if (arrow(graph, a, b)) arrows.push([names[a]!, names[b]!]);
      else if (a < b && line(graph, a, b)) lines.push([names[a]!, names[b]!]);
    }
  return { arrows, lines };
}

/**
 * Orients every line whose direction follows (Meek 1995, rules 1 to 3): a → b — c with a and c apart gives b → c; a line
 * along a directed path follows it; and a — b with a — c → b, a — d → b, c and d apart, gives a → b. In place.
 */
export function applyMeekRules(graph: Pdag): void {
  const n = graph.names.length;
  const follows = (b: number, c: number) => {
    for (let a = 0; a < n; a++) {
      if (a === b || a === c) continue;
      if (arrow(graph, a, b) && !adjacent(graph, a, c)) return true;
      if (arrow(graph, b, a) && arrow(graph, a, c)) return true;
      if (!line(graph, b, a) || !arrow(graph, a, c)) continue;
      for (let d = 0; d < a; d++)
        if (d !== b && d !== c && line(graph, b, d) && arrow(graph, d, c) && !adjacent(graph, a, d)) return true;
    }
    return false;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (let b = 0; b < n; b++)
      for (let c = 0; c < n; c++)
        if (line(graph, b, c) && follows(b, c)) {
          orient(graph, b, c);
          changed = true;
        }
  }
}

/** The CPDAG of a DAG: its skeleton, its colliders a → c ← b with a and b apart, and what follows from them. */
export function cpdagOf(dag: Dag): Pdag {
  topologicalOrder(dag);
  const { names, marks } = pdagOf(dag);
  const n = names.length;
  const both = Uint8Array.from(marks, (mark, at) => mark | marks[(at % n) * n + Math.floor(at / n)]!);
  const graph: Pdag = { names, marks: both };
  dag.parents.forEach((list, child) => {
    for (const a of list) for (const b of list) if (a !== b && !adjacent(graph, a, b)) orient(graph, a, child);
  });
  applyMeekRules(graph);
  return graph;
}

/** Whether two graphs over the same names show the same independencies (Verma & Pearl 1990). */
export function markovEquivalent(a: NamedParents, b: NamedParents): boolean {
  return structuralHammingDistance(cpdagOf(dagOf(a)), cpdagOf(dagOf(b))) === 0;
}

/**
 * The structural Hamming distance (Tsamardinos, Brown & Aliferis 2006): pairs of nodes joined in one graph and not in
 * the other, or joined in another way (arrow, arrow back, line), each counted once. Nodes are matched by name.
 */
export function structuralHammingDistance(a: Pdag, b: Pdag): number {
  const n = a.names.length;
  const places = a.names.map((name) => b.names.indexOf(name));
  if (n !== b.names.length || places.includes(-1))
    throw new UsageError("The distance of two structures needs the same variables in both.");
  let distance = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const [p, q] = [places[i]!, places[j]!];
      if (a.marks[i * n + j] !== b.marks[p * n + q] || a.marks[j * n + i] !== b.marks[q * n + p]) distance++;
    }
  return distance;
}

/** What joins two nodes in one graph but not in the other, whatever its direction. */
export function skeletonDifference(a: Pdag, b: Pdag): { readonly missing: number; readonly extra: number } {
  const places = a.names.map((name) => b.names.indexOf(name));
  let [missing, extra] = [0, 0];
  for (let i = 0; i < a.names.length; i++)
    for (let j = 0; j < i; j++) {
      const [one, other] = [adjacent(a, i, j), adjacent(b, places[i]!, places[j]!)];
      if (one && !other) missing++;
      if (!one && other) extra++;
    }
  return { missing, extra };
}

/**
 * A DAG with the arrows of a graph, its lines oriented without new colliders (Dor & Tarsi 1992), or undefined where
 * there is none, as may be after tests that contradict each other.
 */
export function extensionOf(graph: Pdag): Dag | undefined {
  const n = graph.names.length;
  const rest: Pdag = { names: graph.names, marks: graph.marks.slice() };
  const parents: string[][] = graph.names.map(() => []);
  const left = new Set(graph.names.keys());
  const isSink = (x: number) => {
    const around = [...left].filter((y) => y !== x && adjacent(rest, x, y));
    if (around.some((y) => arrow(rest, x, y))) return false;
    return around.every((y) => !line(rest, x, y) || around.every((z) => z === y || adjacent(rest, y, z)));
  };
  while (left.size > 0) {
    const sink = [...left].find(isSink);
    if (sink === undefined) return undefined;
    for (const y of left) if (y !== sink && rest.marks[y * n + sink] === 1) parents[sink]!.push(graph.names[y]!);
    left.delete(sink);
  }
  return dagFrom(graph.names.map((name, i) => [name, parents[i]!] as const));
}
