import { DataError, UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import type { Column, Table } from "../../data/table/types.ts";
import type { Variable } from "../../probability/tables/index.ts";

/**
 * Rows of discrete variables with gaps, column by column: the state of variable v in row i is `columns[v][i]`, −1 where
 * it is missing. `weights` say how many rows each stands for; one when left out.
 */
export interface Records {
  readonly variables: readonly Variable[];
  readonly count: number;
  readonly columns: readonly Int32Array[];
  readonly weights?: Float64Array;
}

function needLevels({ name, kind, levels }: Column): readonly string[] {
  if (levels && levels.length > 0) return levels;
  throw new UsageError(
    `A discrete network needs names of states, and the column "${name}" is ${kind === "count" ? "a count" : kind}: say --columns ${name}:categorical, cut it into levels, or train the model bayesian-network on it.`,
  );
}

function filled(values: Float64Array, states: (value: number) => number): Int32Array {
  return Int32Array.from(values, (value) => (Number.isNaN(value) ? -1 : states(value)));
}

/** The rows of a table whose columns all have levels; the variables are its columns. Throws for a column without any value. */
export function recordsOf({ columns, count, values }: Table): Records {
  const variables = columns.map((column) => ({ name: column.name, states: needLevels(column) }));
  const states = values.map((column) => filled(column, (value) => value));
  states.forEach((column, v) => {
    if (column.every((state) => state < 0))
      throw new DataError(`The column "${columns[v]!.name}" has no value in any row: leave it out with --drop.`);
  });
  return { variables, count, columns: states };
}

/**
 * The rows of a table for given variables, matched by the names of columns and levels; a variable without a column is
 * missing in every row (hidden). Columns that are no variable are left out.
 */
export function recordsFor(table: Table, variables: readonly Variable[]): Records {
  const columns = variables.map(({ name, states }) => {
    const place = table.columns.findIndex((column) => column.name === name);
    if (place < 0) return new Int32Array(table.count).fill(-1);
    const column = table.columns[place]!;
    const levels = column.levels?.map((level) => states.indexOf(level));
    return filled(table.values[place]!, (value) => {
      const state = levels ? levels[value]! : states.indexOf(String(value));
      if (state >= 0) return state;
      throw new DataError(unknownName(`state of ${name}`, column.levels?.[value] ?? String(value), states));
    });
  });
  if (columns.every((column) => column.every((state) => state < 0)))
    throw new DataError("No column of the table has the name of a variable of the network.");
  return { variables, count: table.count, columns };
}

/** How many rows a set of records stands for. */
export function totalWeight({ weights, count }: Records): number {
  return weights ? weights.reduce((sum, weight) => sum + weight, 0) : count;
}

/** The rows of some places. */
function rowsAt({ variables, columns, weights }: Records, rows: readonly number[]): Records {
  return {
    variables,
    count: rows.length,
    columns: columns.map((column) => Int32Array.from(rows, (row) => column[row]!)),
    ...(weights ? { weights: Float64Array.from(rows, (row) => weights[row]!) } : {}),
  };
}

/** The rows in which nothing is missing; throws where there are none. */
export function completeRows(records: Records): Records {
  if (records.columns.every((column) => !column.includes(-1))) return records;
  const rows: number[] = [];
  for (let i = 0; i < records.count; i++) if (records.columns.every((column) => column[i]! >= 0)) rows.push(i);
  if (rows.length === 0)
    throw new DataError(
      "Every row lacks some value: give a structure and learn its parameters by EM, or drop columns.",
    );
  return rowsAt(records, rows);
}

/** Equal rows made one, with the weight of all of them. */
export function distinctRows(records: Records): Records {
  const places = new Map<string, number>();
  const [rows, weights]: [number[], number[]] = [[], []];
  for (let i = 0; i < records.count; i++) {
    const id = records.columns.map((column) => column[i]).join();
    const at = places.get(id);
    const weight = records.weights?.[i] ?? 1;
    if (at !== undefined) weights[at]! += weight;
    else {
      places.set(id, rows.length);
      rows.push(i);
      weights.push(weight);
    }
  }
  return { ...rowsAt(records, rows), weights: Float64Array.from(weights) };
}

/** The columns of these names, in this order; throws with a suggestion for a name that is none. */
export function columnsNamed({ variables }: Records, names: readonly string[]): number[] {
  return names.map((name) => {
    const place = variables.findIndex((variable) => variable.name === name);
    if (place >= 0) return place;
    throw new UsageError(
      unknownName(
        "column",
        name,
        variables.map((variable) => variable.name),
      ),
    );
  });
}

/** The largest table of counts: 512 MiB. */
const LARGEST = 2 ** 26;

/**
 * How often each combination of states occurs of the columns at `places`, the last varying fastest, by weight; rows that
 * lack one of them are left out.
 */
export function countsOf({ variables, columns, count, weights }: Records, places: readonly number[]): Float64Array {
  const size = places.reduce((product, v) => product * variables[v]!.states.length, 1);
  if (size > LARGEST)
    throw new UsageError(
      `A table over ${places.map((v) => variables[v]!.name).join(", ")} has ${size} cells: allow fewer parents.`,
    );
  const cells = new Int32Array(count);
  for (const v of places) {
    const [width, column] = [variables[v]!.states.length, columns[v]!];
    for (let i = 0; i < count; i++) cells[i] = cells[i]! < 0 || column[i]! < 0 ? -1 : cells[i]! * width + column[i]!;
  }
  const counts = new Float64Array(size);
  for (let i = 0; i < count; i++) if (cells[i]! >= 0) counts[cells[i]!]! += weights ? weights[i]! : 1;
  return counts;
}
