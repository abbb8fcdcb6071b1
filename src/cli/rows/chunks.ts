import { UsageError } from "../../base/errors.ts";
import { detectDelimiter } from "../../data/readers/csv.ts";
import { textOfFile } from "../../data/table/csv.node.ts";
import { type KnownRows, knownRows, lackingSentence } from "../../data/table/known.ts";
import { cellValue, type RawRow, rawRowsOf } from "../../data/table/raw.ts";
import { rowSource } from "../../data/table/read.node.ts";
import type { Column } from "../../data/table/types.ts";

/** Some rows of a file as a model sees them, and the text they came from where it is CSV. */
export interface RowChunk extends KnownRows {
  /** The rows before them. */
  readonly first: number;
  readonly raw?: { readonly rows: readonly RawRow[]; readonly delimiter: string };
}

/** Rows of a chunk: a file of fewer is one. */
const ROWS = 2 ** 16;

/**
 * The rows of a file for a model of tables, some at a time, so that memory does not grow with the file. Columns are matched by
 * name; those that the file lacks are told once, as warnings.
 */
export async function* rowChunks(
  columns: readonly Column[],
  file: string,
  warn: (message: string) => void,
): AsyncGenerator<RowChunk> {
  const { names, rows } = await rowSource(file);
  const chunks = names ? typed(rows, names, columns, file) : csv(columns, file);
  let told = false;
  for await (const { found, ...chunk } of chunks) {
    if (!told) tell(columns, chunk, found, file, warn);
    told = true;
    yield chunk;
  }
}

type Found = RowChunk & { readonly found: readonly string[] };

function tell(
  columns: readonly Column[],
  { places }: RowChunk,
  found: readonly string[],
  file: string,
  warn: (message: string) => void,
) {
  const lacking = columns.filter((_, i) => places[i] === -1);
  if (lacking.length === columns.length)
    throw new UsageError(
      `${file} has none of the columns of the model: ${columns.map(({ name }) => name).join(", ")}.`,
    );
  if (lacking.length > 0) warn(lackingSentence(lacking, found, file));
}

async function* typed(
  rows: AsyncIterable<string[]> | Iterable<string[]>,
  names: readonly string[],
  columns: readonly Column[],
  file: string,
): AsyncGenerator<Found> {
  let [some, first]: [string[][], number] = [[], 0];
  for await (const row of rows) {
    some.push(row);
    if (some.length < ROWS) continue;
    yield { ...knownRows(some, columns, file, names, first), first, found: names };
    first += some.length;
    some = [];
  }
  if (some.length > 0 || first === 0) yield { ...knownRows(some, columns, file, names, first), first, found: names };
}

async function* csv(columns: readonly Column[], file: string): AsyncGenerator<Found> {
  let [some, first]: [RawRow[], number] = [[], 0];
  let names: readonly string[] | undefined;
  let header = false;
  const chunk = (delimiter: string): Found => {
    const values = some.map(({ cells }) => cells.map(cellValue));
    const known = knownRows(values, columns, file, names, first + Number(header));
    if (!names) {
      header = known.header;
      names = header ? values[0]! : (values[0] ?? []).map((_, i) => `column ${i + 1}`);
    }
    const found = { ...known, first, raw: { rows: some, delimiter }, found: header ? names : [] };
    first += known.count;
    some = [];
    return found;
  };
  let last = ",";
  for await (const { rows, delimiter } of rawRowsOf(textOfFile(file), detectDelimiter, file)) {
    last = delimiter;
    for (const row of rows) if (row.cells.length > 1 || row.cells[0]!.trim() !== "") some.push(row);
    if (some.length >= ROWS) yield chunk(delimiter);
  }
  if (some.length > 0 || names === undefined) yield chunk(last);
}
