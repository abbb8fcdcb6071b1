import { DataError } from "../../base/errors.ts";
import { nearest } from "../../base/suggest.ts";
import { cellReader } from "./cells.ts";
import type { Column } from "./types.ts";

/** Rows of a file as a model that knows its columns sees them. */
export interface KnownRows {
  /** [count × columns], NaN where missing or where the file lacks the column. */
  readonly x: Float64Array;
  readonly count: number;
  /** For each column of the model its place in the file; −1 where the file lacks it. */
  readonly places: readonly number[];
  /** Whether the first row of the file names its columns. */
  readonly header: boolean;
}

/**
 * Reads rows of text as columns that are known: matched by name, or by number where neither the model nor the file has
 * names; a level that was not seen in training is refused with a suggestion. `before` rows stood before these.
 */
export function knownRows(
  rows: readonly (readonly string[])[],
  columns: readonly Column[],
  where: string,
  names?: readonly string[],
  before = 0,
): KnownRows {
  const first = names ?? rows[0]?.map((cell) => cell.trim());
  if (!first) throw new DataError(`${where} holds no row.`);
  const known = new Set(columns.map(({ name }) => name));
  const header = names === undefined && first.some((cell) => known.has(cell));
  const places = names || header ? byName(columns, first) : byNumber(columns, first.length, where);
  const body = header ? rows.slice(1) : rows;
  const readers = columns.map(cellReader);
  const x = new Float64Array(body.length * columns.length).fill(Number.NaN);
  body.forEach((row, n) => {
    const number = before + n + (header ? 2 : 1);
    if (row.length !== first.length)
      throw new DataError(`${where}, row ${number}: ${row.length} cells where there are ${first.length} columns.`);
    places.forEach((place, i) => {
      if (place >= 0) x[n * columns.length + i] = readers[i]!(row[place]!.trim(), { where, row: number });
    });
  });
  return { x, count: body.length, places, header };
}

const byName = (columns: readonly Column[], names: readonly string[]) => columns.map(({ name }) => names.indexOf(name));

/** Places of columns that are called by their numbers, `column 3`. */
function byNumber(columns: readonly Column[], width: number, where: string): number[] {
  return columns.map(({ name }) => {
    const [, number] = name.match(/^column (\d+)$/) ?? [];
    if (number !== undefined && Number(number) <= width) return Number(number) - 1;
    throw new DataError(
      `${where} has no column "${name}": its first row must name the columns ${columns.map((column) => column.name).join(", ")}.`,
    );
  });
}

/** A sentence about columns that a file lacks, with what it may have called them. */
export function lackingSentence(columns: readonly Column[], names: readonly string[], where: string): string {
  const parts = columns.map(({ name }) => {
    const near = nearest(name, names);
    return near === undefined ? `"${name}"` : `"${name}" (it has "${near}")`;
  });
  return `${where} has no column ${parts.join(", ")}; what it would say is taken as missing.`;
}
