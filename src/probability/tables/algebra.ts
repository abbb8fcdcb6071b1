import {
  type Checked,
  type DenseTable,
  type Factor,
  LEAST,
  maximaOnto,
  productChecked,
  quotientChecked,
  spread,
  sumOnto,
  union,
  without,
} from "./factor.ts";
import type { Variable } from "./variable.ts";
import { sizesOf, stridesAlong, walkRows } from "./walk.ts";

/**
 * How factors are multiplied and variables taken out of them: the one algorithm of elimination or of a junction tree
 * then gives probabilities (sums of products, in linear or in log space) or most probable states (maxima of products).
 */
export interface Algebra {
  /** What stands for probability one and for zero. */
  readonly one: number;
  readonly none: number;
  /** A table of probabilities as a factor. */
  lift(table: DenseTable): Factor;
  /** A table of logarithms, none above 0, as a factor. */
  liftLogs(table: DenseTable): Factor;
  times(a: Factor, b: Factor): Factor;
  /** a / b, where b's variables are among a's and nothing by nothing is nothing. */
  over(a: Factor, b: Factor): Factor;
  /** Takes the named variables out. */
  out(f: Factor, names: readonly string[]): Factor;
}

/** Thrown by linear arithmetic that leaves the range of numbers; the caller begins again in log space. */
export class Underflow extends Error {}

function kept({ factor, underflowed }: Checked): Factor {
  if (underflowed) throw new Underflow();
  return factor;
}

function exponential(log: number): number {
  const value = Math.exp(log);
  if (value < LEAST && log > Number.NEGATIVE_INFINITY) throw new Underflow();
  return value;
}

/** Sums of products of probabilities, scaled by powers of two; throws Underflow where digits would be lost. */
export const linear: Algebra = {
  one: 1,
  none: 0,
  lift: ({ variables, values }) => ({ variables, values, logScale: 0 }),
  liftLogs: ({ variables, values }) => ({ variables, values: values.map(exponential), logScale: 0 }),
  times: (a, b) => kept(productChecked(a, b)),
  over: (a, b) => kept(quotientChecked(a, b)),
  out: (f, names) => onto(f, names, sumOnto),
};

/** Sums of products of probabilities given as logarithms: slower, for models with more than 1e-250 between their parts. */
export const logSum: Algebra = {
  one: 0,
  none: Number.NEGATIVE_INFINITY,
  lift: ({ variables, values }) => ({ variables, values: values.map(Math.log), logScale: 0 }),
  liftLogs: ({ variables, values }) => ({ variables, values, logScale: 0 }),
  times: (a, b) => combined(a, b, 1),
  over: (a, b) => combined(a, b, -1),
  out: (f, names) => onto(f, names, logSumOnto),
};

/** Maxima of products of probabilities given as logarithms: for most probable explanations. */
export const logMax: Algebra = { ...logSum, out: (f, names) => onto(f, names, maximaOnto) };

type Onto = (table: DenseTable, variables: readonly Variable[]) => Float64Array;

function onto(f: Factor, names: readonly string[], take: Onto): Factor {
  const variables = without(f.variables, names);
  return { variables, values: take(f, variables), logScale: f.logScale };
}

/** Sums (sign 1) or differences (sign −1) of logarithms; −∞ stays −∞. */
function combined(a: Factor, b: Factor, sign: 1 | -1): Factor {
  const variables = union(a.variables, b.variables);
  const values = spread(a, variables);
  const [own, other] = [stridesAlong(variables, variables), stridesAlong(variables, b.variables)];
  walkRows(sizesOf(variables), own, other, (left, step, right, rightStep, length) => {
    for (let k = 0; k < length; k++) {
      const at = left + k * step;
      if (values[at] !== Number.NEGATIVE_INFINITY) values[at]! += sign * b.values[right + k * rightStep]!;
    }
  });
  return { variables, values, logScale: 0 };
}

/** log Σ exp over all but the given variables: m + log Σ exp(v − m) with m the largest value of each sum. */
function logSumOnto(table: DenseTable, variables: readonly Variable[]): Float64Array {
  const maxima = maximaOnto(table, variables);
  const sums = new Float64Array(maxima.length);
  const { values } = table;
  const [own, to] = [stridesAlong(table.variables, table.variables), stridesAlong(table.variables, variables)];
  walkRows(sizesOf(table.variables), own, to, (left, step, right, rightStep, length) => {
    for (let k = 0; k < length; k++) {
      const at = right + k * rightStep;
      if (maxima[at] !== Number.NEGATIVE_INFINITY) sums[at]! += Math.exp(values[left + k * step]! - maxima[at]!);
    }
  });
  return maxima.map((most, i) => (most === Number.NEGATIVE_INFINITY ? most : most + Math.log(sums[i]!)));
}
