import { DataError } from "../../base/errors.ts";

/** A line of a CSV text as it stands: its cells with their quotes and spaces, and how it ends. */
export interface RawRow {
  readonly cells: readonly string[];
  readonly end: string;
}

/** Takes a CSV text apart without changing a letter: joining the cells and ends again gives the text. */
export function rawRows(text: string, delimiter: string, where: string): RawRow[] {
  const rows: RawRow[] = [];
  let cells: string[] = [];
  let at = 0;
  while (at < text.length) {
    const stop = cellEnd(text, at, delimiter, where, rows.length + 1);
    cells.push(text.slice(at, stop));
    if (text[stop] === delimiter) {
      at = stop + 1;
      if (at < text.length) continue;
      cells.push("");
    }
    const end = text.startsWith("\r\n", stop) ? "\r\n" : (text[stop] ?? "");
    rows.push({ cells, end: text[stop] === delimiter ? "" : end });
    cells = [];
    at = Math.max(at, stop + end.length);
  }
  return rows;
}

/** Where a cell ends: at the delimiter, the line's end or the text's. */
function cellEnd(text: string, from: number, delimiter: string, where: string, row: number): number {
  let at = from;
  if (text[at] === '"') {
    for (at++; ; at++) {
      at = text.indexOf('"', at);
      if (at < 0) throw new DataError(`${where}, row ${row}: a quoted cell does not end.`);
      if (text[++at] !== '"') break;
    }
  }
  while (at < text.length && text[at] !== delimiter && text[at] !== "\n" && text[at] !== "\r") at++;
  return at;
}

/** What a raw cell says: without its quotes and the spaces around it. */
export function cellValue(raw: string): string {
  return raw.startsWith('"') ? raw.slice(1, raw.lastIndexOf('"')).replaceAll('""', '"').trim() : raw.trim();
}
