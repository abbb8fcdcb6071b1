import { DataError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import type { Column } from "./types.ts";

const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const missing = new Set(["", "?", "na", "n/a", "nan", "null"]);

/** Whether a cell is written as a finite number. */
export const isNumber = (text: string): boolean => number.test(text) && Number.isFinite(Number(text));

/** Whether a cell says that its value is missing: empty, ?, NA, N/A, NaN or null, in any case. */
export const isMissing = (text: string): boolean => missing.has(text.length > 4 ? text : text.toLowerCase());

/** Where a cell stands, for sentences. */
export interface Place {
  /** The file. */
  readonly where: string;
  /** Its row, counted from 1, the header among them. */
  readonly row: number;
}

/** `FILE, row 7, column "age"`. */
export const spot = ({ where, row }: Place, { name }: Pick<Column, "name">) => `${where}, row ${row}, column "${name}"`;

/** A reader of the cells of a column whose kind is known: a number, NaN where missing; throws where the text is no such value. */
export function cellReader(column: Column): (text: string, place: Place) => number {
  const { kind, levels } = column;
  if (!levels) return (text, place) => numberOf(text, kind === "count", column, place);
  const places = new Map(levels.map((level, i) => [level, i]));
  const byNumber = new Map(levels.flatMap((level, i) => (isNumber(level) ? [[Number(level), i] as const] : [])));
  return (text, place) => {
    const found = places.get(text) ?? (isNumber(text) ? byNumber.get(Number(text)) : undefined);
    if (found !== undefined) return found;
    if (isMissing(text)) return Number.NaN;
    throw new DataError(`${spot(place, column)}: ${unknownName("level", text, levels)}`);
  };
}

function numberOf(text: string, whole: boolean, column: Column, place: Place): number {
  if (isNumber(text)) {
    const value = Number(text);
    if (!whole || (Number.isInteger(value) && value >= 0)) return value;
    throw new DataError(`${spot(place, column)}: ${text} is no count, which is a whole number from 0 on.`);
  }
  if (isMissing(text)) return Number.NaN;
  throw new DataError(`${spot(place, column)}: "${text.slice(0, 40)}" is not a finite number.`);
}

/** A value as text: the name of its level, or the shortest number that reads back the same; nothing where it is missing. */
export function cellText({ levels }: Column, value: number): string {
  if (Number.isNaN(value)) return "";
  return levels ? levels[value]! : String(value);
}
