import { UsageError } from "../../base/errors.ts";
import type { Key } from "../../random/index.ts";
import { bits53 } from "../uniforms.ts";
import type { Conditional } from "./conditional.ts";
import type { DenseTable } from "./factor.ts";
import { sizeOfTable, stateIndex, type Variable, variableNamed } from "./variable.ts";

/** Complete rows of discrete variables, column by column: the state of variable v in row i is `columns[v][i]`. */
export interface DiscreteRows {
  readonly variables: readonly Variable[];
  readonly count: number;
  readonly columns: readonly Int32Array[];
}

/** The state whose stretch of the cumulative distribution holds `uniform` of [0, 1); never one of probability zero. */
export function inverseCdf(probabilities: ArrayLike<number>, uniform: number, start = 0, length?: number): number {
  const count = length ?? probabilities.length - start;
  let last = 0;
  let cumulative = 0;
  for (let k = 0; k < count; k++) {
    const p = probabilities[start + k]!;
    if (p === 0) continue;
    cumulative += p;
    if (uniform < cumulative) return k;
    last = k;
  }
  return last;
}

/** Uniforms of 53 bits on [0, 1), from number `offset` of the key's stream on. */
export function uniforms64(key: Key, count: number, offset = 0): Float64Array {
  return bits53(key, count, offset).map((k) => k * 2 ** -53);
}

/**
 * Ancestral sampling: each variable in turn by the inverse CDF of its row given the parents drawn before it.
 * Conditionals stand in an order in which parents come first; `uniforms` holds one number for each row and variable,
 * row by row.
 */
export function ancestralSample(conditionals: readonly Conditional[], uniforms: ArrayLike<number>): DiscreteRows {
  const variables = conditionals.map(({ variable }) => variable);
  const width = variables.length;
  const count = width === 0 ? 0 : Math.floor(uniforms.length / width);
  const columns = variables.map(() => new Int32Array(count));
  conditionals.forEach(({ variable, parents, table }, v) => {
    const places = parents.map((name) => {
      const place = variables.indexOf(variableNamed(variables, name));
      if (place >= v) throw new UsageError(`${name} is a parent of ${variable.name} and must stand before it.`);
      return place;
    });
    const states = variable.states.length;
    for (let i = 0; i < count; i++) {
      const row = places.reduce((at, p) => at * variables[p]!.states.length + columns[p]![i]!, 0);
      columns[v]![i] = inverseCdf(table, uniforms[i * width + v]!, row * states, states);
    }
  });
  return { variables, count, columns };
}

/** Rows drawn by a key: row i depends only on (key, from + i). */
export function sampleConditionals(conditionals: readonly Conditional[], key: Key, count: number, from = 0) {
  const width = conditionals.length;
  return ancestralSample(conditionals, uniforms64(key, count * width, from * width));
}

/** How often each combination of states of the named variables (default: all) occurs in rows; weights count as many. */
export function countTable(rows: DiscreteRows, names?: readonly string[], weights?: ArrayLike<number>): DenseTable {
  const wanted = names?.map((name) => variableNamed(rows.variables, name)) ?? rows.variables;
  const columns = wanted.map((variable) => rows.columns[rows.variables.indexOf(variable)]!);
  const values = new Float64Array(sizeOfTable(wanted));
  for (let i = 0; i < rows.count; i++) {
    let at = 0;
    for (let v = 0; v < wanted.length; v++) at = at * wanted[v]!.states.length + columns[v]![i]!;
    values[at]! += weights ? weights[i]! : 1;
  }
  return { variables: wanted, values };
}

/** Rows from records of states by name; unknown names and states are refused with a suggestion. */
export function discreteRows(
  variables: readonly Variable[],
  records: readonly Readonly<Record<string, string>>[],
): DiscreteRows {
  const columns = variables.map((variable) =>
    Int32Array.from(records, (record, i) => {
      const state = Object.hasOwn(record, variable.name) ? record[variable.name] : undefined;
      if (state === undefined) throw new UsageError(`Row ${i} lacks ${variable.name}; complete rows are needed.`);
      return stateIndex(variable, state);
    }),
  );
  return { variables, count: records.length, columns };
}
