import type { DataError } from "../../base/errors.ts";
import { repeatedName, sizeOfTable, unknownAmong, type Variable } from "../../probability/tables/index.ts";
import { dagOf, findCycle } from "../graph/index.ts";
import type { Network, Node } from "../network.ts";
import { Lexer } from "./lexer.ts";
import { type Document, type Entry, parseBlocks, type TableBlock } from "./parse.ts";
import { normaliseRows } from "./rows.ts";

/** How a BIF text is read. */
export interface BifOptions {
  /** What errors call the text: a file name. */
  readonly source?: string;
  /** How far from one a row may sum: rounding to four digits by default. */
  readonly tolerance?: number;
  /** The most numbers a table may hold: 2²⁶, half a gibibyte. */
  readonly maxEntries?: number;
}

type Complain = (message: string, line: number) => DataError;

/**
 * Reads a Bayesian network in the Interchange Format (BIF 0.15 as JavaBayes and the bnlearn repository write it): network,
 * variable and probability blocks in any order, properties, both kinds of comments, quoted names, separators that may be
 * left out, and tables as rows `(yes, no) 0.1, 0.9;`, as a whole (`table`, the variable's own state varying slowest) or
 * with a `default` row. Rows that sum to one within `tolerance` are normalised, and the numbers as written are kept beside
 * them for writing; others are refused. Errors name the line.
 */
export function readBif(text: string, options: BifOptions = {}): Network {
  const { source = "The BIF text", tolerance = 1e-4, maxEntries = 2 ** 26 } = options;
  const lexer = new Lexer(text.replace(/^\uFEFF/, ""), source);
  const document = parseBlocks(lexer);
  const complain: Complain = (message, line) => lexer.error(message, line);
  const variables = declared(document, complain);
  const tables = tablesByChild(document, variables, complain);
  const nodes = document.variables.map((block): Node => {
    const table = tables.get(block.name);
    if (!table)
      throw complain(`variable "${block.name}" has no probability block; the network is incomplete.`, block.line);
    const properties = { variable: block.properties, table: table.properties };
    const kept = block.properties.length + table.properties.length > 0 ? { properties } : {};
    const parents = table.parents.map((name) => variables.get(name)!);
    const numbers = fill(variables.get(block.name)!, parents, table, maxEntries, complain);
    return { variable: variables.get(block.name)!, parents: table.parents, ...numbersOf(numbers, table), ...kept };
  });
  refuseCycles(nodes, tables, complain);
  const properties = document.properties.length > 0 ? { properties: document.properties } : {};
  return { name: document.name, nodes, ...properties };

  function numbersOf(rows: Rows, table: TableBlock) {
    const { variable } = rows;
    return normaliseRows(rows.values, variable.states.length, (row, sum) => {
      if (Math.abs(sum - 1) <= tolerance) return;
      const given = rows.parents.length > 0 ? ` for (${statesOfRow(rows.parents, row).join(", ")})` : "";
      const hint =
        table.entries.some(({ kind }) => kind === "table") && transposed(rows)
          ? "; the table varies the other way round"
          : "";
      throw complain(
        `the probabilities of "${variable.name}"${given} sum to ${Number(sum.toPrecision(12))}, not to one within ${tolerance}${hint}.`,
        rows.lines[row]!,
      );
    });
  }
}

function declared({ variables }: Document, complain: Complain): Map<string, Variable> {
  const byName = new Map<string, Variable>();
  for (const { name, states, line } of variables) {
    if (byName.has(name)) throw complain(`variable "${name}" is declared twice.`, line);
    if (states.length === 0) throw complain(`variable "${name}" has no states.`, line);
    const twice = repeatedName(states);
    if (twice !== undefined) throw complain(`variable "${name}" has two states named "${twice}".`, line);
    byName.set(name, { name, states });
  }
  return byName;
}

function tablesByChild({ tables }: Document, variables: Map<string, Variable>, complain: Complain) {
  const byChild = new Map<string, TableBlock>();
  for (const block of tables) {
    for (const name of [block.child, ...block.parents])
      if (!variables.has(name)) throw complain(unknownAmong("variable", name, [...variables.keys()]), block.line);
    if (byChild.has(block.child)) throw complain(`"${block.child}" has two probability blocks; keep one.`, block.line);
    const twice = repeatedName(block.parents);
    if (twice !== undefined) throw complain(`"${block.child}" has the parent "${twice}" twice.`, block.line);
    byChild.set(block.child, block);
  }
  return byChild;
}

/** A table being filled: its numbers in our layout, and the line each row stands in. */
interface Rows {
  readonly variable: Variable;
  readonly parents: readonly Variable[];
  /** For each parent the places of its states. */
  readonly states: readonly ReadonlyMap<string, number>[];
  readonly values: Float64Array;
  readonly lines: Int32Array;
}

function fill(
  variable: Variable,
  parents: readonly Variable[],
  block: TableBlock,
  maxEntries: number,
  complain: Complain,
): Rows {
  const count = sizeOfTable(parents);
  const width = variable.states.length;
  if (count * width > maxEntries)
    throw complain(
      `the table of "${variable.name}" would hold ${count * width} numbers; at most ${maxEntries} are read.`,
      block.line,
    );
  const states = parents.map((parent) => new Map(parent.states.map((state, i) => [state, i])));
  const rows = { variable, parents, states, values: new Float64Array(count * width), lines: new Int32Array(count) };
  for (const entry of block.entries) if (entry.kind !== "default") place(rows, entry, complain);
  const fallbacks = block.entries.filter(({ kind }) => kind === "default");
  if (fallbacks.length > 1) throw complain(`"${variable.name}" has two default rows; keep one.`, fallbacks[1]!.line);
  if (fallbacks[0]) placeDefault(rows, fallbacks[0], complain);
  const missing = rows.lines.indexOf(0);
  if (missing < 0) return rows;
  const which = parents.length > 0 ? `no row for (${statesOfRow(parents, missing).join(", ")})` : "no probabilities";
  throw complain(`the table of "${variable.name}" has ${which}; the network is incomplete.`, block.line);
}

function place(rows: Rows, entry: Entry, complain: Complain): void {
  const { variable, values, lines } = rows;
  const width = variable.states.length;
  const expected = entry.kind === "table" ? values.length : width;
  if (entry.numbers.length !== expected)
    throw complain(`"${variable.name}" needs ${expected} numbers here, got ${entry.numbers.length}.`, entry.line);
  const first = entry.kind === "table" ? 0 : rowOf(rows, entry, complain);
  const last = entry.kind === "table" ? lines.length : first + 1;
  for (let row = first; row < last; row++) {
    if (lines[row] !== 0)
      throw complain(`this row of "${variable.name}" stands in line ${lines[row]} already.`, entry.line);
    lines[row] = entry.line;
    for (let k = 0; k < width; k++)
      values[row * width + k] = entry.numbers[entry.kind === "table" ? k * lines.length + row : k]!;
  }
}

function placeDefault({ variable, values, lines }: Rows, entry: Entry, complain: Complain): void {
  const width = variable.states.length;
  if (entry.numbers.length !== width)
    throw complain(`"${variable.name}" needs ${width} numbers here, got ${entry.numbers.length}.`, entry.line);
  for (let row = 0; row < lines.length; row++) {
    if (lines[row] !== 0) continue;
    lines[row] = entry.line;
    values.set(entry.numbers, row * width);
  }
}

function rowOf({ variable, parents, ...rows }: Rows, { states, line }: Entry, complain: Complain): number {
  if (states.length !== parents.length)
    throw complain(`"${variable.name}" has ${parents.length} parents; this row names ${states.length} states.`, line);
  return parents.reduce((row, parent, i) => {
    const state = rows.states[i]!.get(states[i]!);
    if (state === undefined) throw complain(unknownAmong(`state of ${parent.name}`, states[i]!, parent.states), line);
    return row * parent.states.length + state;
  }, 0);
}

/** The parents' states of a row of a table. */
function statesOfRow(parents: readonly Variable[], row: number): string[] {
  const states: string[] = [];
  for (let i = parents.length - 1, rest = row; i >= 0; i--) {
    const { length } = parents[i]!.states;
    states.unshift(parents[i]!.states[rest % length]!);
    rest = Math.floor(rest / length);
  }
  return states;
}

/** Whether numbers read the other way round (own state fastest) would sum to one: a file that mistook the order. */
function transposed({ variable, values, lines }: Rows): boolean {
  const width = variable.states.length;
  const flat = Float64Array.from(values, (_, i) => values[(i % lines.length) * width + Math.floor(i / lines.length)]!);
  for (let row = 0; row < lines.length; row++) {
    const sum = flat.subarray(row * width, (row + 1) * width).reduce((total, value) => total + value, 0);
    if (Math.abs(sum - 1) > 1e-6) return false;
  }
  return lines.length > 1;
}

function refuseCycles(nodes: readonly Node[], tables: Map<string, TableBlock>, complain: Complain): void {
  const dag = dagOf({ nodes });
  const cycle = findCycle(dag);
  if (!cycle) return;
  const names = cycle.map((i) => dag.names[i]!);
  throw complain(
    `the network has a cycle, ${[...names, names[0]].join(" → ")}; a Bayesian network has none.`,
    tables.get(names[0]!)!.line,
  );
}
