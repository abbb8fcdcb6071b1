import { stationaryLaw, transitionOf } from "../../probability/markov/index.ts";
import type { LearntTable } from "../contract.ts";

type Row = LearntTable["rows"][number];

/** Levels up to which transitions are told, and contexts that are. */
export const MOST_CONTEXTS = 20;
export const MOST_LEVELS = 40;

/** A chain of order k over some levels; the context of k steps is a number whose last step varies fastest. */
export interface LearntChain {
  readonly levels: readonly string[];
  readonly order: number;
  /** p(next | context), [Kᵏ, K]. */
  readonly next: Float64Array;
}

/** Transitions and the stationary law of few levels at order 1; of other chains their most frequent contexts. */
export function chainTables({ levels, order, next }: LearntChain): LearntTable[] {
  const K = levels.length;
  if (order === 0) return [{ title: "Levels", head: ["", ...levels], rows: [["p(next)", ...next]] }];
  if (order === 1 && K <= MOST_LEVELS) return transitionTables(levels, next);
  const count = K ** order;
  const law = stationaryOf(next, K, order);
  if (!law) return [{ title: "Contexts", head: ["", "number"], rows: [["contexts", count]] }];
  const contexts = Array.from(law, (share, at) => ({
    name: contextName(at, order, levels),
    share,
    next: next.subarray(at * K, (at + 1) * K),
  }));
  return [frequentContexts(contexts, levels, count, "the stationary law of the chain")];
}

/** Transitions [K, K] of a chain of order 1, and its stationary law. */
export function transitionTables(levels: readonly string[], next: Float64Array): LearntTable[] {
  const K = levels.length;
  const rows = levels.map((name, i): Row => [`after ${name}`, ...next.slice(i * K, (i + 1) * K)]);
  return [
    { title: "Transitions", head: ["p(next given the one before)", ...levels], rows },
    {
      title: "Stationary law",
      head: ["", ...levels],
      rows: [
        ["share of steps in the long run", ...stationaryLaw(transitionOf(levels, { rows: K, columns: K, data: next }))],
      ],
    },
  ];
}

/** A context with its share of all and what follows it. */
export interface Context {
  readonly name: string;
  readonly share: number;
  readonly next: ArrayLike<number>;
}

/** The most frequent of so many contexts, each with what follows it most often. */
export function frequentContexts(
  contexts: readonly Context[],
  levels: readonly string[],
  count: number,
  source: string,
): LearntTable {
  const most = [...contexts].sort((a, b) => b.share - a.share).slice(0, MOST_CONTEXTS);
  const rows = most.map(({ name, share, next }): Row => {
    let best = 0;
    for (let v = 1; v < next.length; v++) if (next[v]! > next[best]!) best = v;
    return [name, share, levels[best]!, next[best]!];
  });
  const shown = most.length < count ? `The ${most.length} most frequent of ${count} contexts` : `All ${count} contexts`;
  return {
    title: "Contexts",
    head: ["context", "share", "most often followed by", "with probability"],
    rows,
    note: `${shown}; shares by ${source}.`,
  };
}

const contextName = (context: number, order: number, levels: readonly string[]): string =>
  Array.from(
    { length: order },
    (_, m) => levels[Math.floor(context / levels.length ** (order - 1 - m)) % levels.length],
  ).join(" ");

/** Products that the power method may take, the change below which it ends, and that from which it has failed. */
const [MOST_WORK, SMALL, FAILED] = [3e8, 1e-12, 1e-6];

/** The stationary law of the contexts of a chain by powers of half the step and half staying; undefined where they are too slow. */
export function stationaryOf(next: Float64Array, K: number, order: number): Float64Array | undefined {
  const size = K ** order;
  let law: Float64Array = new Float64Array(size).fill(1 / size);
  let moved = Number.POSITIVE_INFINITY;
  for (let work = 0; work < MOST_WORK && moved > SMALL; work += size * K) {
    const after = law.map((p) => p / 2);
    for (let context = 0; context < size; context++)
      for (let v = 0; v < K; v++) after[(context * K + v) % size]! += (law[context]! * next[context * K + v]!) / 2;
    moved = after.reduce((sum, p, i) => sum + Math.abs(p - law[i]!), 0);
    law = after;
  }
  return moved < FAILED ? law : undefined;
}
