import type { LocalScore } from "./scores.ts";

/** A structure while it changes: sorted parents, and which arrows there are. */
export interface State {
  readonly parents: number[][];
  readonly arrows: Uint8Array;
  score: number;
  /** A sum of random numbers of the arrows, by which visited structures are known. */
  mark: number;
}

/** A change: an arrow from → to added, deleted or reversed. */
export interface Move {
  readonly kind: "add" | "delete" | "reverse";
  readonly from: number;
  readonly to: number;
  readonly gain: number;
}

/** What a search keeps to: scores, constraints, and the numbers by which structures are known. */
export interface Search {
  readonly n: number;
  readonly local: LocalScore;
  readonly required: Uint8Array;
  readonly forbidden: Uint8Array;
  readonly maxParents: number;
  readonly marks: Float64Array;
}

/** Adds an arrow. */
export function put({ n, marks }: Search, state: State, from: number, to: number): void {
  const at = from * n + to;
  state.arrows[at] = 1;
  state.parents[to] = [...state.parents[to]!, from].sort((a, b) => a - b);
  state.mark += marks[at]!;
}

/** Takes an arrow away. */
function take({ n, marks }: Search, state: State, from: number, to: number): void {
  const at = from * n + to;
  state.arrows[at] = 0;
  state.parents[to] = state.parents[to]!.filter((p) => p !== from);
  state.mark -= marks[at]!;
}

/** A copy that changes by itself. */
export const copied = (state: State): State => ({
  ...state,
  parents: [...state.parents],
  arrows: state.arrows.slice(),
});

/** Whether a directed path leads from one node to another, not by the arrow between them where `indirect`. */
function leads({ parents }: State, from: number, to: number, indirect = false): boolean {
  const open = parents[to]!.filter((p) => !(indirect && p === from));
  const seen = new Set(open);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node === from) return true;
    for (const p of parents[node]!)
      if (!seen.has(p)) {
        seen.add(p);
        open.push(p);
      }
  }
  return false;
}

/** Every change that constraints and the score allow, with its gain; whether it makes a cycle is not yet known. */
export function* moves(search: Search, state: State): Generator<Move> {
  for (const move of allMoves(search, state)) if (move.gain > Number.NEGATIVE_INFINITY) yield move;
}

function* allMoves({ n, local, required, forbidden, maxParents }: Search, state: State): Generator<Move> {
  const { parents, arrows } = state;
  const now = parents.map((list, i) => local(i, list));
  const without = (to: number, from: number) => parents[to]!.filter((p) => p !== from);
  for (let to = 0; to < n; to++)
    for (let from = 0; from < n; from++) {
      if (from === to) continue;
      const at = from * n + to;
      if (!arrows[at]) {
        if (arrows[to * n + from] || forbidden[at] || parents[to]!.length >= maxParents) continue;
        yield { kind: "add", from, to, gain: local(to, [...parents[to]!, from]) - now[to]! };
        continue;
      }
      if (required[at]) continue;
      const gain = local(to, without(to, from)) - now[to]!;
      yield { kind: "delete", from, to, gain };
      if (forbidden[to * n + from] || parents[from]!.length >= maxParents) continue;
      yield { kind: "reverse", from, to, gain: gain + local(from, [...parents[from]!, to]) - now[from]! };
    }
}

/** Whether a change makes a cycle. */
export function cyclic(state: State, { kind, from, to }: Move): boolean {
  if (kind === "delete") return false;
  return kind === "add" ? leads(state, to, from) : leads(state, from, to, true);
}

/** The mark of the structure that a change leads to. */
export function markAfter({ n, marks }: Search, { mark }: State, { kind, from, to }: Move): number {
  const [there, back] = [marks[from * n + to]!, marks[to * n + from]!];
  return mark + (kind === "add" ? there : kind === "delete" ? -there : back - there);
}

/** Makes a change. */
export function apply(search: Search, state: State, { kind, from, to, gain }: Move): void {
  if (kind !== "add") take(search, state, from, to);
  if (kind === "add") put(search, state, from, to);
  if (kind === "reverse") put(search, state, to, from);
  state.score += gain;
}

/**
 * The arrows a → b that are covered, the parents of b being a and the parents of a: reversing one gives an equivalent
 * structure, and such reversals lead to every equivalent one (Chickering 1995, arXiv 1302.4938).
 */
export function covered({ n, required, forbidden }: Search, { parents }: State): [from: number, to: number][] {
  return parents.flatMap((list, to) =>
    list
      .filter((from) => {
        const [above, at] = [parents[from]!, from * n + to];
        if (required[at] || forbidden[to * n + from] || above.length !== list.length - 1) return false;
        return above.every((p) => list.includes(p));
      })
      .map((from): [number, number] => [from, to]),
  );
}

/** The reversal of an arrow with its gain: zero for a covered one and a score that equivalent structures share. */
export function reversal({ local }: Search, { parents }: State, from: number, to: number): Move {
  const rest = parents[to]!.filter((p) => p !== from);
  const gain =
    local(to, rest) - local(to, parents[to]!) + local(from, [...parents[from]!, to]) - local(from, parents[from]!);
  return { kind: "reverse", from, to, gain };
}
