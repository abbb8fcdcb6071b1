import { CsvError, parse } from "csv-parse/browser/esm/sync";
import { DataError, UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import { unzipped } from "./inflate.ts";

/** How to read a table; what is left out is detected from the first rows. */
export interface CsvOptions {
  readonly delimiter?: string;
  readonly header?: boolean;
  /** Name, or number from 1 on, of the column that holds labels; "none" when no column does. */
  readonly label?: string;
  /** Columns to leave out, by name or number. */
  readonly drop?: readonly string[];
  readonly limit?: number;
}

/** A numeric table: rows × columns floats, row-major, and the label column when there is one. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: number;
  readonly values: Float32Array;
  readonly label?: { readonly name: string; readonly classes: readonly string[]; readonly values: Int32Array };
}

/** Most bytes of text that are parsed: 256 MiB. */
const textLimit = 2 ** 28;

const missing = new Set(["", "?", "na", "n/a", "nan", "null", "none", "inf", "-inf", "+inf", "infinity", "-infinity"]);
/** "none" may well be the name of a class. */
const labelGaps = new Set(["", "?", "na", "nan"]);
const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** Reads a table of numbers (comma, tab or semicolon), gzip-compressed or not; gaps and text are refused by row and column. */
export function readCsv(packed: Uint8Array, where = "The CSV file", options: CsvOptions = {}): Table {
  const bytes = unzipped(packed, where, options.limit ?? textLimit);
  const text = decodeText(bytes, where);
  const records = parseRecords(text, options.delimiter ?? detectDelimiter(text), where);
  const hasHeader = options.header ?? looksLikeHeader(records);
  const rows = hasHeader ? records.slice(1) : records;
  const first = rows[0];
  if (!first) throw new DataError(`${where} holds no row of data.`);
  const names = hasHeader ? records[0]!.map((name) => name.trim()) : first.map((_, i) => `column ${i + 1}`);
  const dropped = (options.drop ?? []).map((name) => findColumn(name, names, where));
  const label = labelColumn(first, names, options.label, dropped, where);
  const kept = names.map((_, i) => i).filter((i) => i !== label && !dropped.includes(i));
  if (kept.length === 0) throw new DataError(`${where} has no column of numbers besides the label.`);
  const place: Place = { where, names, offset: hasHeader ? 2 : 1 };
  const table = { columns: kept.map((i) => names[i]!), rows: rows.length, values: numbers(rows, kept, place) };
  return label === undefined ? table : { ...table, label: labels(rows, label, place) };
}

interface Place {
  readonly where: string;
  readonly names: readonly string[];
  readonly offset: number;
}

/** The text of bytes; throws where it is none, or empty. */
export function decodeText(bytes: Uint8Array, where: string): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new DataError(`${where} is not UTF-8 text.`);
  }
  if (text.includes("\0")) throw new DataError(`${where} is not text: it holds zero bytes.`);
  if (text.trim() === "") throw new DataError(`${where} is empty.`);
  return text;
}

/** The one of comma, tab and semicolon that the first line has most of. */
export function detectDelimiter(text: string): string {
  const line = text.trimStart().split(/\r?\n|\r/, 1)[0]!;
  const counts = [",", "\t", ";"].map((mark) => ({ mark, count: line.split(mark).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).mark;
}

/** The cells of a text, row by row; throws where quotes are irregular, and rows unless they may be ragged. */
export function parseRecords(text: string, delimiter: string, where: string, ragged = false): string[][] {
  try {
    return parse(text, { delimiter, bom: true, skip_empty_lines: true, relax_column_count: ragged });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new DataError(`${where} is not a regular table: ${error.message}.`);
  }
}

/** A header has no number in it, and stands above a row that has one. */
function looksLikeHeader(records: readonly string[][]): boolean {
  const [head, first] = records;
  return head !== undefined && first !== undefined && !head.some(isNumber) && first.some(isNumber);
}

const isNumber = (cell: string) => number.test(cell.trim());
const isMissing = (cell: string) => missing.has(cell.trim().toLowerCase());

function findColumn(wanted: string, names: readonly string[], where: string): number {
  const byName = names.indexOf(wanted);
  const index = byName >= 0 ? byName : /^\d+$/.test(wanted) ? Number(wanted) - 1 : -1;
  if (index >= 0 && index < names.length) return index;
  throw new UsageError(unknownName(`column of ${where}`, wanted, names));
}

/** The column asked for; otherwise the only one whose first cell is text, when it is the first or the last. */
function labelColumn(
  first: readonly string[],
  names: readonly string[],
  wanted: string | undefined,
  dropped: readonly number[],
  where: string,
): number | undefined {
  if (wanted === "none") return undefined;
  if (wanted !== undefined) return findColumn(wanted, names, where);
  const texts = first.flatMap((cell, i) => (isNumber(cell) || isMissing(cell) || dropped.includes(i) ? [] : [i]));
  const only = texts.length === 1 ? texts[0]! : undefined;
  return only === 0 || only === names.length - 1 ? only : undefined;
}

function numbers(rows: readonly string[][], kept: readonly number[], place: Place): Float32Array {
  const values = new Float32Array(rows.length * kept.length);
  rows.forEach((row, r) => {
    kept.forEach((column, c) => {
      values[r * kept.length + c] = cellNumber(row[column]!, r, column, place);
    });
  });
  return values;
}

function cellNumber(cell: string, row: number, column: number, place: Place): number {
  if (isNumber(cell)) {
    const value = Math.fround(Number(cell));
    if (Number.isFinite(value)) return value;
  }
  const spot = `row ${row + place.offset}, column "${place.names[column]}"`;
  if (isMissing(cell))
    throw new DataError(
      `${place.where} has no finite number in ${spot} ("${cell}"); fill or remove the gaps first, or take a model of tables, which takes gaps as they are.`,
    );
  throw new DataError(
    `${place.where} has "${cell.slice(0, 40)}" in ${spot} where a number is expected; name a text column as the label, or drop it.`,
  );
}

function labels(rows: readonly string[][], column: number, place: Place) {
  const cells = rows.map((row) => row[column]!.trim());
  const gap = cells.findIndex((cell) => labelGaps.has(cell.toLowerCase()));
  if (gap >= 0) throw new DataError(`${place.where} has no label in row ${gap + place.offset} ("${cells[gap]}").`);
  const distinct = [...new Set(cells)];
  const classes = distinct.every(isNumber) ? distinct.sort((a, b) => Number(a) - Number(b)) : distinct.sort();
  const index = new Map(classes.map((name, i) => [name, i]));
  return { name: place.names[column]!, classes, values: Int32Array.from(cells, (cell) => index.get(cell)!) };
}
