import type { Dag } from "../graph/index.ts";
import { completeRows, type Records } from "../learning/records.ts";
import { finished, type Steps } from "../steps.ts";
import { subsets } from "./pc.ts";
import { adjacent, arrow, cpdagOf, extensionOf, line, type Pdag } from "./pdag.ts";
import { type LocalScore, localScore, type ScoreName, type ScoreOptions } from "./scores.ts";

/** How the search goes. */
export interface GreedyEquivalenceOptions extends ScoreOptions {
  /** A score that is the same for equivalent structures: BIC (the default), AIC or BDeu. */
  readonly score?: Exclude<ScoreName, "k2">;
  /** The most parents a node may have in a structure that is tried. */
  readonly maxParents?: number;
  /** Steps that gain less than this do not count. */
  readonly tolerance?: number;
  readonly progress?: (step: number, score: number) => void;
}

/** What the search found: a class of structures, one of them and its score. */
export interface GreedyEquivalenceResult {
  readonly graph: Pdag;
  readonly dag: Dag;
  readonly score: number;
  readonly steps: number;
  /** Rows that were looked at: those without a missing value. */
  readonly rows: number;
  /** Whether no change was left that gains; not where the search was told to end. */
  readonly complete: boolean;
}

/** Where the search stands. */
interface GreedyStep {
  readonly step: number;
  readonly score: number;
}

/** An operator on a class: what it gains and the graph (not yet completed) it leads to. */
interface Change {
  readonly gain: number;
  readonly make: () => Pdag;
}

interface Search {
  readonly local: LocalScore;
  readonly maxParents: number;
}

/**
 * Greedy equivalence search (Chickering 2002, JMLR 3): steps between equivalence classes, first the best insertion of
 * an edge again and again, then the best deletion, and both once more until neither gains. In the limit of many rows it
 * finds the class of the distribution. An operator's gain is one difference of local scores: Insert(x, y, T) gains
 * s(y, NA ∪ T ∪ Pa ∪ x) − s(y, NA ∪ T ∪ Pa), NA being the neighbours of y joined to x and Pa its parents; it is allowed
 * where NA ∪ T are all joined and block every path from y to x along lines and arrows.
 */
export function greedyEquivalence(records: Records, options: GreedyEquivalenceOptions = {}): GreedyEquivalenceResult {
  return finished(greedySteps(records, options), ({ step, score }) => options.progress?.(step, score));
}

/** The same in steps; told to end, it does so with the class it stands at. */
export function* greedySteps(
  records: Records,
  options: GreedyEquivalenceOptions = {},
): Steps<GreedyStep, GreedyEquivalenceResult> {
  const data = completeRows(records);
  const names = data.variables.map(({ name }) => name);
  const { maxParents = names.length, tolerance = 1e-9 } = options;
  const search: Search = { local: localScore(options.score ?? "bic", data, options), maxParents };
  const total = ({ parents }: Dag) => parents.reduce((sum, list, i) => sum + search.local(i, list), 0);
  let graph: Pdag = { names, marks: new Uint8Array(names.length ** 2) };
  let [dag, steps, stop] = [extensionOf(graph)!, 0, false];
  function* repeat(changes: (search: Search, graph: Pdag) => Generator<Change>): Steps<GreedyStep, number> {
    for (let count = 0; ; count++, steps++) {
      const found = stop ? undefined : bestOf(changes(search, graph), tolerance);
      const next = found && extensionOf(found.make());
      if (!next) return count;
      [dag, graph] = [next, cpdagOf(next)];
      if (yield { step: steps, score: total(dag) }) stop = true;
    }
  }
  while ((yield* repeat(insertions)) + (yield* repeat(deletions)) > 0);
  return { graph, dag, score: total(dag), steps, rows: data.count, complete: !stop };
}

function bestOf(changes: Generator<Change>, tolerance: number): Change | undefined {
  let best: Change | undefined;
  for (const change of changes) if (change.gain > (best?.gain ?? 0) + tolerance) best = change;
  return best;
}

/** What stands around a node y, seen from x. */
function around(graph: Pdag, x: number, y: number) {
  const nodes = [...graph.names.keys()];
  const neighbours = nodes.filter((z) => z !== x && line(graph, y, z));
  return {
    parents: nodes.filter((z) => z !== x && arrow(graph, z, y)),
    joined: neighbours.filter((z) => adjacent(graph, x, z)),
    apart: neighbours.filter((z) => !adjacent(graph, x, z)),
  };
}

/** All subsets of nodes of at most `most`. */
function* allSubsets(nodes: readonly number[], most: number): Generator<number[]> {
  for (let size = 0; size <= Math.min(most, nodes.length); size++) yield* subsets(nodes, size);
}

const allJoined = (graph: Pdag, nodes: readonly number[]) =>
  nodes.every((a, i) => nodes.slice(i + 1).every((b) => adjacent(graph, a, b)));

/** Whether a path along lines and arrows leads from one node to another past the blocked ones. */
function leads({ names: { length: n }, marks }: Pdag, from: number, to: number, blocked: readonly number[]): boolean {
  const seen = new Set([from, ...blocked]);
  const open = [from];
  for (let node = open.pop(); node !== undefined; node = open.pop())
    for (let next = 0; next < n; next++) {
      if (marks[node * n + next] === 0 || seen.has(next)) continue;
      if (next === to) return true;
      seen.add(next);
      open.push(next);
    }
  return false;
}

/** Every insertion of an edge that gains, with the lines to `added` neighbours turned away from them. */
export function* insertions({ local, maxParents }: Search, graph: Pdag): Generator<Change> {
  const n = graph.names.length;
  for (let y = 0; y < n; y++)
    for (let x = 0; x < n; x++) {
      if (x === y || adjacent(graph, x, y)) continue;
      const { parents, joined, apart } = around(graph, x, y);
      for (const added of allSubsets(apart, maxParents - 1 - parents.length - joined.length)) {
        const clique = [...joined, ...added];
        if (!allJoined(graph, clique)) continue;
        const family = [...clique, ...parents];
        const gain = local(y, [...family, x]) - local(y, family);
        if (!(gain > 0) || leads(graph, y, x, clique)) continue;
        yield { gain, make: () => changed(graph, (set) => [set(x, y, 1), ...added.map((t) => set(y, t, 0))]) };
      }
    }
}

/** Every deletion of an edge that gains. */
export function* deletions({ local, maxParents }: Search, graph: Pdag): Generator<Change> {
  const n = graph.names.length;
  for (let y = 0; y < n; y++)
    for (let x = 0; x < n; x++) {
      if (x === y || graph.marks[x * n + y] === 0) continue;
      const { parents, joined } = around(graph, x, y);
      for (const taken of allSubsets(joined, joined.length)) {
        const rest = joined.filter((z) => !taken.includes(z));
        const family = [...rest, ...parents];
        if (family.length > maxParents || !allJoined(graph, rest)) continue;
        const gain = local(y, family) - local(y, [...family, x]);
        if (!(gain > 0)) continue;
        const make = () =>
          changed(graph, (set) => [
            set(x, y, 0),
            set(y, x, 0),
            // Lines to those taken become arrows away from y, and from x where there was a line.
            ...taken.flatMap((h) => [set(h, y, 0), ...(line(graph, x, h) ? [set(h, x, 0)] : [])]),
          ]);
        yield { gain, make };
      }
    }
}

/** A copy of a graph with some marks set. */
function changed({ names, marks }: Pdag, change: (set: (a: number, b: number, mark: number) => void) => void): Pdag {
  const copy = marks.slice();
  change((a, b, mark) => {
    copy[a * names.length + b] = mark;
  });
  return { names, marks: copy };
}
