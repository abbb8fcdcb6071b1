import { UsageError } from "../../base/errors.ts";
import { uniforms64 } from "../../probability/tables/index.ts";
import { fold, type Key } from "../../random/index.ts";
import { type Dag, dagFrom, placesOf, topologicalOrder } from "../graph/index.ts";
import { completeRows, type Records } from "../learning/records.ts";
import { finished, type Steps } from "../steps.ts";
import { type Constraints, checkedConstraints } from "./constraints.ts";
import { type LocalScore, localScore, type ScoreName, type ScoreOptions } from "./scores.ts";
import {
  apply,
  copied,
  covered,
  cyclic,
  type Move,
  markAfter,
  moves,
  put,
  reversal,
  type Search,
  type State,
} from "./search-state.ts";

/** How the climb goes. */
export interface HillClimbOptions extends Constraints, ScoreOptions {
  readonly score?: ScoreName;
  /** Where it starts: without arrows when left out. */
  readonly start?: Dag;
  /** Structures it does not return to (100); steps it goes on without a better one than before (10), down if it must. */
  readonly tabu?: number;
  readonly patience?: number;
  /** Further climbs from structures near the best by chance (0), which need a key. */
  readonly restarts?: number;
  readonly key?: Key;
  /** Steps that gain less than this do not count as better. */
  readonly tolerance?: number;
  readonly progress?: (step: number, score: number) => void;
}

/** What the climb found. */
export interface HillClimbResult {
  readonly dag: Dag;
  readonly score: number;
  readonly steps: number;
  /** Rows that were looked at: those without a missing value. */
  readonly rows: number;
  /** Climbs that came to their end, the first and the restarts; fewer than asked for where it was told to end. */
  readonly climbs: number;
}

/** Where the search stands: climbs that came to their end, steps of all so far, and the best score of this climb. */
export interface ClimbStep {
  readonly climbs: number;
  readonly step: number;
  readonly score: number;
}

/**
 * Structure by greedy search: the best of all additions, deletions and reversals of one arrow that leave no cycle, again
 * and again, with a tabu list of structures visited (Glover 1989; Bouckaert 1995) and random restarts. Rows with missing
 * values are left out. The same data and key give the same structure; of equal gains the first is taken.
 */
export function hillClimb(records: Records, options: HillClimbOptions = {}): HillClimbResult {
  return finished(hillClimbSteps(records, options), ({ step, score }) => options.progress?.(step, score));
}

/** The same in steps; told to end, it does so with the best structure so far. */
export function hillClimbSteps(records: Records, options: HillClimbOptions = {}): Steps<ClimbStep, HillClimbResult> {
  const data = completeRows(records);
  const names = data.variables.map(({ name }) => name);
  return climbSteps(names, localScore(options.score ?? "bic", data, options), data.count, options);
}

/** The climb by any score of a node and its parents, by places of names. */
export function climbStructure(
  names: readonly string[],
  local: LocalScore,
  rows: number,
  options: HillClimbOptions,
): HillClimbResult {
  return finished(climbSteps(names, local, rows, options), ({ step, score }) => options.progress?.(step, score));
}

function* climbSteps(
  names: readonly string[],
  local: LocalScore,
  rows: number,
  options: HillClimbOptions,
): Steps<ClimbStep, HillClimbResult> {
  const { required, forbidden, maxParents, start } = checkedConstraints(names, options);
  const { restarts = 0, key, patience = 10, tabu = 100, tolerance = 1e-9 } = options;
  if (restarts > 0 && !key) throw new UsageError("Random restarts need a key.");
  const n = names.length;
  // Sums of whole numbers below 2^44 are exact: the mark of a structure does not depend on the path to it.
  const marks = uniforms64({ hi: 0, lo: 0 }, n * n).map((u) => Math.floor(u * 2 ** 44));
  const search: Search = { n, local, required, forbidden, maxParents, marks };
  const [first, counter] = [options.start ?? start, { steps: 0, climbs: 0, stop: false }];
  const climb = (from: State) => climbed(search, from, { patience, tabu, tolerance }, counter);
  let best = yield* climb(startState(search, names, first));
  for (let i = 0; i < restarts && !counter.stop; i++) {
    const own = fold(key!, i);
    const next = yield* climb(shaken(search, wandered(search, best, fold(own, "equivalent")), own));
    if (next.score > best.score + tolerance) best = next;
  }
  const dag = dagFrom(names.map((name, i) => [name, best.parents[i]!.map((p) => names[p]!)] as const));
  return { dag, score: best.score, steps: counter.steps, rows, climbs: counter.climbs };
}

function startState(search: Search, names: readonly string[], dag: Dag): State {
  const { n, required, forbidden, maxParents } = search;
  topologicalOrder(dag);
  const places = placesOf(dagFrom(names.map((name) => [name, []] as const)), dag.names);
  const state: State = {
    parents: Array.from({ length: n }, () => []),
    arrows: new Uint8Array(n * n),
    score: 0,
    mark: 0,
  };
  dag.parents.forEach((list, i) => {
    for (const p of list) put(search, state, places[p]!, places[i]!);
  });
  if (required.some((one, at) => one && !state.arrows[at]))
    throw new UsageError("The structure to start from lacks an arrow that is required.");
  if (forbidden.some((one, at) => one && state.arrows[at]) || state.parents.some((list) => list.length > maxParents))
    throw new UsageError("The structure to start from has a forbidden arrow or a node with too many parents.");
  state.score = state.parents.reduce((sum, parents, i) => sum + search.local(i, parents), 0);
  if (state.score === Number.NEGATIVE_INFINITY)
    throw new UsageError(
      "Under the structure to start from, or the arrows required, a column follows exactly from its parents.",
    );
  return state;
}

interface Limits {
  readonly patience: number;
  readonly tabu: number;
  readonly tolerance: number;
}

/** What climbs have done so far, and whether they were told to end. */
interface Counter {
  steps: number;
  climbs: number;
  stop: boolean;
}

function* climbed(
  search: Search,
  start: State,
  { patience, tabu, tolerance }: Limits,
  counter: Counter,
): Steps<ClimbStep, State> {
  const state = copied(start);
  const visited = [state.mark];
  let best = copied(state);
  for (let waited = 0; waited <= patience; ) {
    const move = bestMove(search, state, tolerance, new Set(visited));
    if (!move || (patience === 0 && move.gain <= tolerance)) break;
    apply(search, state, move);
    counter.steps++;
    visited.push(state.mark);
    if (visited.length > Math.max(1, tabu)) visited.shift();
    const better = state.score > best.score + tolerance;
    waited = better ? 0 : waited + 1;
    if (better) best = copied(state);
    if (yield { climbs: counter.climbs, step: counter.steps, score: best.score }) counter.stop = true;
    if (counter.stop) return best;
  }
  counter.climbs++;
  return best;
}

function bestMove(search: Search, state: State, tolerance: number, visited: ReadonlySet<number>): Move | undefined {
  let best: Move | undefined;
  for (const move of moves(search, state)) {
    if (best && move.gain <= best.gain + tolerance) continue;
    if (visited.has(markAfter(search, state, move)) || cyclic(state, move)) continue;
    best = move;
  }
  return best;
}

/** A structure with a fifth as many random changes as it has nodes, at least three, of each kind equally often. */
function shaken(search: Search, from: State, key: Key): State {
  const state = copied(from);
  const changes = Math.max(3, Math.ceil(search.n / 5));
  const uniforms = uniforms64(key, 2 * changes);
  for (let i = 0; i < changes; i++) {
    const kind = (["add", "delete", "reverse"] as const)[Math.floor(3 * uniforms[2 * i]!)]!;
    const legal = [...moves(search, state)].filter((move) => move.kind === kind && !cyclic(state, move));
    const move = legal[Math.floor(uniforms[2 * i + 1]! * legal.length)];
    if (move) apply(search, state, move);
  }
  return state;
}

/** A structure equivalent to another, by twice as many random reversals of covered arrows as it has nodes. */
function wandered(search: Search, from: State, key: Key): State {
  const state = copied(from);
  for (const uniform of uniforms64(key, 2 * search.n)) {
    const arrows = covered(search, state);
    const chosen = arrows[Math.floor(uniform * arrows.length)];
    if (!chosen) break;
    apply(search, state, reversal(search, state, ...chosen));
  }
  return state;
}
