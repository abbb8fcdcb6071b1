import { UsageError } from "../../base/errors.ts";
import { type Matrix, submatrix } from "../../numeric/linear/index.ts";
import { solveSystem } from "./solve.ts";
import { type CommunicatingClass, leadingTo, reachedBefore, structureOf } from "./structure.ts";
import { stateNumber, type Transition } from "./transition.ts";

function numbersOf({ states }: Transition, targets: readonly (string | number)[]): number[] {
  if (targets.length === 0) throw new UsageError("Hitting needs at least one target state.");
  return targets.map((target) => stateNumber(states, target));
}

/** 1 − P within some states. */
function rest(matrix: Matrix, inner: readonly number[]): Matrix {
  const q = submatrix(matrix, inner, inner);
  const n = inner.length;
  return { ...q, data: q.data.map((p, at) => (Math.floor(at / n) === at % n ? 1 - p : -p)) };
}

/** Solves (1 − Q) v = b over some states, where b is given for each; 0 elsewhere. */
function solved(matrix: Matrix, inner: readonly number[], b: (state: number) => number): Float64Array {
  const full = new Float64Array(matrix.rows);
  if (inner.length === 0) return full;
  const right = { rows: inner.length, columns: 1, data: Float64Array.from(inner, b) };
  solveSystem(rest(matrix, inner), right).data.forEach((value, i) => {
    full[inner[i]!] = value;
  });
  return full;
}

/** The probability of ever coming to one of the targets, from each state: the least solution of h = P h, h = 1 on them. */
export function hittingProbabilities(transition: Transition, targets: readonly (string | number)[]): Float64Array {
  const { matrix } = transition;
  const goal = new Set(numbersOf(transition, targets));
  const leads = leadingTo(matrix, [...goal]);
  const inner = transition.states.map((_, i) => i).filter((i) => leads[i] && !goal.has(i));
  const h = solved(matrix, inner, (i) => [...goal].reduce((sum, j) => sum + matrix.data[i * matrix.rows + j]!, 0));
  for (const i of goal) h[i] = 1;
  return h.map((value) => Math.min(1, Math.max(0, value)));
}

/** The expected number of steps until one of the targets, from each state; infinite where it may never be reached. */
export function hittingTimes(transition: Transition, targets: readonly (string | number)[]): Float64Array {
  const { matrix } = transition;
  const goal = new Set(numbersOf(transition, targets));
  const leads = leadingTo(matrix, [...goal]);
  const sure = transition.states.map((_, i) => reachedBefore(matrix, [i], goal).every((seen, j) => !seen || leads[j]!));
  const inner = transition.states.map((_, i) => i).filter((i) => sure[i] && !goal.has(i));
  const times = solved(matrix, inner, () => 1);
  return times.map((value, i) => (sure[i] ? value : Number.POSITIVE_INFINITY));
}

/** Where a chain ends. */
export interface Absorption {
  /** The classes it never leaves. */
  readonly classes: readonly CommunicatingClass[];
  /** For each of them the probability of ending there, from each state. */
  readonly probabilities: readonly Float64Array[];
  /** The expected number of steps until one of them. */
  readonly times: Float64Array;
}

/** In which closed class a chain ends, with which probability, and after how long. */
export function absorption(transition: Transition): Absorption {
  const classes = structureOf(transition).classes.filter(({ closed }) => closed);
  return {
    classes,
    probabilities: classes.map(({ states }) => hittingProbabilities(transition, states)),
    times: hittingTimes(
      transition,
      classes.flatMap(({ states }) => states),
    ),
  };
}
