import { totalmem } from "node:os";
import { DataError } from "../../base/errors.ts";
import { looksLikeHeader, TableBuilder, type TableOptions } from "./builder.ts";
import { isMissing } from "./cells.ts";
import { rowSource } from "./read.node.ts";
import type { Table } from "./types.ts";
import { findColumn } from "./wishes.ts";

/** How the rows of a file are sequences. */
export interface SequenceFormat {
  /** The column whose equal values make rows one sequence, by name; without it each row is one, its cells the steps. */
  readonly sequence?: string;
  /** The column that says to which split a sequence belongs. */
  readonly splitBy?: string;
}

/** One row of steps, with what it belongs to. */
interface Step {
  /** What the column of sequences says, or the number of the row. */
  readonly sequence: string;
  readonly split?: string;
  readonly cells: string[];
  /** Its row in the file, from 1 on, the header among them. */
  readonly row: number;
}

/** Steps of a file with the names of their columns. */
interface Steps {
  readonly names: readonly string[];
  readonly steps: AsyncIterable<Step>;
}

/** Sequences of rows of a table. */
export interface ReadSequences {
  readonly table: Table;
  /** What each sequence is called in its file, its rows of the table in their order, its file's place, its split's word. */
  readonly sequences: readonly {
    readonly name: string;
    readonly rows: readonly number[];
    readonly file: number;
    readonly split?: string;
  }[];
}

/** The one column of sequences that are rows. */
export const VALUE = "value";

/** The steps of a file, in the order of its rows. */
export async function stepsOfFile(file: string, format: SequenceFormat, options: TableOptions = {}): Promise<Steps> {
  const { names, rows } = await rowSource(file, options.delimiter);
  const iterator = iterate(rows);
  return format.sequence === undefined
    ? { names: [VALUE], steps: stepsOfRows(iterator, names === undefined ? options.header : false) }
    : stepsByColumn(iterator, file, format as Required<Pick<SequenceFormat, "sequence">>, names);
}

async function* iterate(rows: AsyncIterable<string[]> | Iterable<string[]>): AsyncGenerator<string[]> {
  for await (const row of rows) yield row;
}

async function stepsByColumn(
  rows: AsyncGenerator<string[]>,
  file: string,
  { sequence, splitBy }: SequenceFormat & { readonly sequence: string },
  given?: readonly string[],
): Promise<Steps> {
  const header = given ?? (await rows.next()).value?.map((cell: string) => cell.trim());
  if (!header) throw new DataError(`${file} holds no row.`);
  const place = findColumn(sequence, header, file);
  const split = splitBy === undefined ? -1 : findColumn(splitBy, header, file);
  const kept = (list: readonly string[]) => list.filter((_, i) => i !== place && i !== split);
  if (kept(header).length === 0) throw new DataError(`${file} has no column beside "${sequence}".`);
  const steps = async function* (): AsyncGenerator<Step> {
    let row = given ? 0 : 1;
    for await (const cells of rows) {
      row++;
      if (cells.length !== header.length)
        throw new DataError(`${file}, row ${row}: ${cells.length} cells where there are ${header.length} columns.`);
      const name = cells[place]!.trim();
      if (isMissing(name))
        throw new DataError(`${file}, row ${row}: the column "${sequence}" does not say which sequence it belongs to.`);
      yield { sequence: name, cells: kept(cells), row, ...(split < 0 ? {} : { split: cells[split]!.trim() }) };
    }
  };
  return { names: kept(header), steps: steps() };
}

/** Rows that are looked at before it is decided whether the first is a header. */
const FIRST_LOOK = 100;

async function* stepsOfRows(rows: AsyncGenerator<string[]>, header?: boolean): AsyncGenerator<Step> {
  const first: string[][] = [];
  for (let next = await rows.next(); !next.done; next = await rows.next()) {
    first.push(next.value);
    if (first.length === FIRST_LOOK) break;
  }
  let row = 0;
  const named = header ?? looksLikeHeader(first);
  const all = async function* () {
    yield* first;
    yield* rows;
  };
  for await (const cells of all()) {
    row++;
    if (named && row === 1) continue;
    let length = cells.length;
    while (length > 1 && isMissing(cells[length - 1]!.trim())) length--;
    for (let t = 0; t < length; t++) yield { sequence: String(row), cells: [cells[t]!], row };
  }
}

/** Reads sequences from one or more files with the same columns; kinds and levels are those of all rows together. */
export async function readSequenceFiles(
  files: readonly string[],
  format: SequenceFormat,
  options: TableOptions = {},
): Promise<ReadSequences> {
  const sequences: { name: string; rows: number[]; file: number; split?: string }[] = [];
  const { rows: most = Number.POSITIVE_INFINITY, ...given } = options;
  let builder: TableBuilder | undefined;
  for (const [place, file] of files.entries()) {
    const { names, steps } = await stepsOfFile(file, format, options);
    builder ??= new TableBuilder(files[0]!, { budget: 0.4 * totalmem(), ...given }, names);
    const order = builder.columnNames.map((name) => {
      const found = names.indexOf(name);
      if (found < 0) throw new DataError(`${file} has no column "${name}".`);
      return found;
    });
    const known = new Map<string, number>();
    for await (const { sequence, split, cells, row } of steps) {
      if (builder.count >= most) break;
      let number = known.get(sequence);
      if (number === undefined) {
        number = sequences.length;
        known.set(sequence, number);
        sequences.push({ name: sequence, rows: [], file: place, ...(split === undefined ? {} : { split }) });
      }
      if (sequences[number]!.split !== split)
        throw new DataError(`${file}, row ${row}: the sequence "${sequence}" belongs to two splits.`);
      sequences[number]!.rows.push(builder.count);
      builder.restart(row - 1);
      builder.add(
        order.map((i) => cells[i]!),
        file,
      );
    }
  }
  return { table: builder!.finish().table, sequences };
}
