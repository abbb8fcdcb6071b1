import { ShapeError, UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import { type Matrix, type MatrixLike, matrixOf, rowOf } from "../../numeric/linear/index.ts";

/** Where a chain may go in one step: P[i, j] is the probability of state j after state i. */
export interface Transition {
  readonly states: readonly string[];
  readonly matrix: Matrix;
}

/** How far from one the sum of given probabilities may be; they are divided by it. */
const SLACK = 1e-6;

/** Probabilities divided by their sum; refuses negative ones and sums that are not one. */
export function checkedLaw(values: ArrayLike<number>, what: string): Float64Array {
  const law = Float64Array.from(values);
  const wrong = law.findIndex((p) => !(p >= 0 && p <= 1 + SLACK));
  if (wrong >= 0) throw new UsageError(`${what} needs probabilities from 0 to 1; number ${wrong} is ${law[wrong]}.`);
  const sum = law.reduce((a, b) => a + b, 0);
  if (!(Math.abs(sum - 1) <= SLACK)) throw new UsageError(`${what} must sum to 1; the sum is ${sum}.`);
  return law.map((p) => p / sum);
}

/** Names that are all different, at least one. */
export function checkedStates(states: readonly string[]): readonly string[] {
  if (states.length === 0) throw new UsageError("A Markov chain needs at least one state.");
  const twice = states.find((name, i) => states.indexOf(name) < i);
  if (twice !== undefined) throw new UsageError(`The state "${twice}" is named twice.`);
  return states;
}

/** A checked transition matrix; rows may miss the sum of one by rounding. */
export function transitionOf(states: readonly string[], matrix: MatrixLike): Transition {
  checkedStates(states);
  const given = matrixOf(matrix);
  const n = states.length;
  if (given.rows !== n || given.columns !== n)
    throw new ShapeError(
      `The transitions of ${n} states are ${n} x ${n} numbers; got ${given.rows} x ${given.columns}.`,
    );
  const data = new Float64Array(n * n);
  states.forEach((name, i) => {
    data.set(checkedLaw(rowOf(given, i), `The transitions from "${name}"`), i * n);
  });
  return { states, matrix: { rows: n, columns: n, data } };
}

/** The number of a state by its name; a number is checked and stays. */
export function stateNumber(states: readonly string[], state: string | number): number {
  const at = typeof state === "number" ? state : states.indexOf(state);
  if (Number.isInteger(at) && at >= 0 && at < states.length) return at;
  if (typeof state === "string") throw new UsageError(unknownName("state", state, states));
  throw new UsageError(`States are numbered from 0 to ${states.length - 1}; got ${state}.`);
}

/** Pᵏ for k = 0, 1, 2, … by repeated squaring. */
export function power({ matrix }: Transition, steps: number): Matrix {
  if (!Number.isSafeInteger(steps) || steps < 0)
    throw new UsageError(`A chain moves a whole number of steps from 0 on; got ${steps}.`);
  const n = matrix.rows;
  let result: Matrix = { rows: n, columns: n, data: new Float64Array(n * n) };
  for (let i = 0; i < n; i++) result.data[i * (n + 1)] = 1;
  let square = matrix;
  for (let left = steps; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = product(result, square);
    if (left > 1) square = product(square, square);
  }
  return result;
}

/** A·B of square matrices; rows of probabilities stay rows of probabilities to rounding. */
export function product(a: Matrix, b: Matrix): Matrix {
  const n = a.rows;
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const weight = a.data[i * n + k]!;
      if (weight !== 0) for (let j = 0; j < n; j++) data[i * n + j]! += weight * b.data[k * n + j]!;
    }
  return { rows: n, columns: n, data };
}
