import { DataError, ShapeError, UsageError } from "../../base/errors.ts";
import { checkVariables, type Evidence, sizeOfTable, stateIndex, type Variable, variableNamed } from "./variable.ts";
import { sizesOf, stridesAlong, walkRows } from "./walk.ts";

/** Numbers for every combination of the states of some variables, row-major: the last variable varies fastest. */
export interface DenseTable {
  readonly variables: readonly Variable[];
  readonly values: Float64Array;
}

/**
 * A non-negative function of discrete variables: value × exp(logScale). Sums and products of probabilities keep their
 * relative precision in linear space (logarithms lose it in proportion to their size); the scale, a power of two and
 * so free of rounding, keeps long products from underflowing.
 */
export interface Factor extends DenseTable {
  readonly logScale: number;
}

/** Values below this share of a table's largest may have lost digits, or all, to underflow. */
export const LEAST = 1e-250;

/** Largest values outside 2^±100 are brought back to between 1 and 2. */
const RANGE = 2 ** 100;

/** A factor over variables from its values, the last variable varying fastest. */
export function factor(variables: readonly Variable[], values: ArrayLike<number>): Factor {
  checkVariables(variables);
  checkValues(variables, values);
  return { variables, values: Float64Array.from(values), logScale: 0 };
}

/** Throws unless the values fill the variables' table and are finite and not negative. */
export function checkValues(variables: readonly Variable[], values: ArrayLike<number>): void {
  const size = sizeOfTable(variables);
  const names = variables.map(({ name }) => name).join(", ");
  if (values.length !== size)
    throw new ShapeError(`A table over ${names || "no variables"} has ${size} values; got ${values.length}.`);
  for (let i = 0; i < size; i++)
    if (!(values[i]! >= 0 && values[i]! < Number.POSITIVE_INFINITY))
      throw new DataError(`Value ${i} of the table over ${names} is ${values[i]}; give finite numbers from 0 on.`);
}

/** The factor that is `value` for no variables. */
export function constant(value: number, logScale = 0): Factor {
  return { variables: [], values: Float64Array.of(value), logScale };
}

/** The variables of both, those of `a` first. */
export function union(a: readonly Variable[], b: readonly Variable[]): readonly Variable[] {
  const further = b.filter(({ name }) => !a.some((variable) => variable.name === name));
  return further.length === 0 ? a : [...a, ...further];
}

/** The values of a table repeated and reordered over more variables, among which are its own. */
export function spread(table: DenseTable, variables: readonly Variable[]): Float64Array {
  const values = new Float64Array(sizeOfTable(variables));
  const [own, from] = [stridesAlong(variables, variables), stridesAlong(variables, table.variables)];
  const source = table.values;
  walkRows(sizesOf(variables), own, from, (left, step, right, rightStep, length) => {
    for (let k = 0; k < length; k++) values[left + k * step] = source[right + k * rightStep]!;
  });
  return values;
}

/** The same table with its variables in another order. */
export function reordered<T extends DenseTable>(table: T, names: readonly string[]): T {
  const variables = names.map((name) => variableNamed(table.variables, name));
  if (new Set(names).size !== table.variables.length || names.length !== table.variables.length)
    throw new UsageError(`An order names each of the table's ${table.variables.length} variables once.`);
  return { ...table, variables, values: spread(table, variables) };
}

/** A factor that may have lost values to underflow, beside whether it has. */
export interface Checked {
  readonly factor: Factor;
  readonly underflowed: boolean;
}

/** Brings the largest value near one by a power of two, which rounds nothing, where it is far from it; in place. */
function rescaled(f: Factor): Checked {
  const { values } = f;
  let most = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! > most) most = values[i]!;
  if (most === 0 || (most <= RANGE && most >= 1 / RANGE)) return { factor: f, underflowed: false };
  const exponent = Math.floor(Math.log2(most));
  // In two halves: 2^exponent itself may lie outside the range of numbers.
  const [half, rest] = [2 ** -Math.trunc(exponent / 2), 2 ** (Math.trunc(exponent / 2) - exponent)];
  let underflowed = false;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) continue;
    values[i] = values[i]! * half * rest;
    if (values[i]! < LEAST) underflowed = true;
  }
  return { factor: { ...f, logScale: f.logScale + exponent * Math.LN2 }, underflowed };
}

/** a·b over the variables of both, with whether any product of values other than zero left the range of numbers. */
export function productChecked(a: Factor, b: Factor): Checked {
  const variables = union(a.variables, b.variables);
  const values = spread(a, variables);
  const [own, other] = [stridesAlong(variables, variables), stridesAlong(variables, b.variables)];
  const factors = b.values;
  let lost = false;
  walkRows(sizesOf(variables), own, other, (left, step, right, rightStep, length) => {
    for (let k = 0; k < length; k++) {
      const x = values[left + k * step]!;
      const y = factors[right + k * rightStep]!;
      const z = x * y;
      if (z < LEAST && x !== 0 && y !== 0) lost = true;
      values[left + k * step] = z;
    }
  });
  const { factor, underflowed } = rescaled({ variables, values, logScale: a.logScale + b.logScale });
  return { factor, underflowed: lost || underflowed };
}

/** The product of two factors over the variables of both: (a·b)(x, y, z) = a(x, y) b(y, z). */
export function product(a: Factor, b: Factor): Factor {
  return productChecked(a, b).factor;
}

/** a / b with 0/0 = 0, where b's variables are among a's, with whether any quotient left the range of numbers. */
export function quotientChecked(a: Factor, b: Factor): Checked {
  for (const { name } of b.variables) variableNamed(a.variables, name);
  const values = a.values.slice();
  const [own, other] = [stridesAlong(a.variables, a.variables), stridesAlong(a.variables, b.variables)];
  const divisors = b.values;
  walkRows(sizesOf(a.variables), own, other, (left, step, right, rightStep, length) => {
    for (let k = 0; k < length; k++) {
      const at = left + k * step;
      if (values[at] !== 0) values[at]! /= divisors[right + k * rightStep]!;
    }
  });
  return rescaled({ variables: a.variables, values, logScale: a.logScale - b.logScale });
}

/** The quotient of a factor and one over some of its variables, with 0/0 = 0: what message passing needs. */
export function divide(a: Factor, b: Factor): Factor {
  return quotientChecked(a, b).factor;
}

/** The variables that stay when those named go; throws where a name is none of the table's. */
export function without(variables: readonly Variable[], names: readonly string[]): readonly Variable[] {
  for (const name of names) variableNamed(variables, name);
  return variables.filter(({ name }) => !names.includes(name));
}

/** Sums variables out: Σ over the states of those named. */
export function marginalise(f: Factor, names: readonly string[]): Factor {
  const variables = without(f.variables, names);
  return { variables, values: sumOnto(f, variables), logScale: f.logScale };
}

/** The sums of a table's values over all but the given variables of its own. */
export function sumOnto(table: DenseTable, variables: readonly Variable[]): Float64Array {
  const sums = new Float64Array(sizeOfTable(variables));
  const { values } = table;
  const [own, onto] = [stridesAlong(table.variables, table.variables), stridesAlong(table.variables, variables)];
  walkRows(sizesOf(table.variables), own, onto, (left, step, right, rightStep, length) => {
    for (let k = 0; k < length; k++) sums[right + k * rightStep]! += values[left + k * step]!;
  });
  return sums;
}

/** Maximises variables out: the largest value over the states of those named. */
export function maximise(f: Factor, names: readonly string[]): Factor {
  const variables = without(f.variables, names);
  return { variables, values: maximaOnto(f, variables), logScale: f.logScale };
}

/** The largest of a table's values over all but the given variables of its own; the numbers may be logarithms. */
export function maximaOnto(table: DenseTable, variables: readonly Variable[]): Float64Array {
  const maxima = new Float64Array(sizeOfTable(variables)).fill(Number.NEGATIVE_INFINITY);
  const { values } = table;
  const [own, onto] = [stridesAlong(table.variables, table.variables), stridesAlong(table.variables, variables)];
  walkRows(sizesOf(table.variables), own, onto, (left, step, right, rightStep, length) => {
    for (let k = 0; k < length; k++) {
      const value = values[left + k * step]!;
      const at = right + k * rightStep;
      if (value > maxima[at]!) maxima[at] = value;
    }
  });
  return maxima;
}

/** The part of a table in which the observed variables have their states; they are no longer among its variables. */
export function reduce<T extends DenseTable>(table: T, evidence: Evidence): T {
  const observed = table.variables.filter(({ name }) => Object.hasOwn(evidence, name));
  if (observed.length === 0) return table;
  const variables = table.variables.filter((variable) => !observed.includes(variable));
  const strides = stridesAlong(observed, table.variables);
  const start = observed.reduce((sum, v, i) => sum + strides[i]! * stateIndex(v, evidence[v.name]!), 0);
  const values = new Float64Array(sizeOfTable(variables));
  const [own, from] = [stridesAlong(variables, variables), stridesAlong(variables, table.variables)];
  const copy = (left: number, step: number, right: number, rightStep: number, length: number) => {
    for (let k = 0; k < length; k++) values[left + k * step] = table.values[right + k * rightStep]!;
  };
  walkRows(sizesOf(variables), own, from, copy, { right: start });
  return { ...table, variables, values };
}

/** The sum of all values, as a logarithm; −Infinity where all are zero. */
export function logTotal({ values, logScale }: Factor): number {
  return Math.log(sum(values)) + logScale;
}

/** The sum of numbers, in order. */
export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
