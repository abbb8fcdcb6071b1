import { DataError } from "../../base/errors.ts";

/** A line of a CSV text as it stands: its cells with their quotes and spaces, and how it ends. */
export interface RawRow {
  readonly cells: readonly string[];
  readonly end: string;
}

/** Takes a CSV text apart without changing a letter: joining the cells and ends again gives the text. */
export function rawRows(text: string, delimiter: string, where: string): RawRow[] {
  return rowsSoFar(text, delimiter, where).rows;
}

/** Takes texts that follow one another apart, some rows at a time; what a text ends with may go on in the next. */
export async function* rawRowsOf(
  texts: AsyncIterable<string>,
  delimiterOf: (text: string) => string,
  where: string,
): AsyncGenerator<{ readonly rows: readonly RawRow[]; readonly delimiter: string }> {
  let [rest, before] = ["", 0];
  let delimiter: string | undefined;
  for await (const text of texts) {
    rest += text;
    if (!/\n./s.test(rest)) continue;
    delimiter ??= delimiterOf(rest);
    const found = rowsSoFar(rest, delimiter, where, before, true);
    rest = rest.slice(found.read);
    before += found.rows.length;
    if (found.rows.length > 0) yield { rows: found.rows, delimiter };
  }
  delimiter ??= delimiterOf(rest);
  const { rows } = rowsSoFar(rest, delimiter, where, before);
  if (rows.length > 0) yield { rows, delimiter };
}

/** The rows of a text and the letters they take; where more follows, without a last row that may not be whole. */
function rowsSoFar(text: string, delimiter: string, where: string, before = 0, more = false) {
  const rows: RawRow[] = [];
  let cells: string[] = [];
  let [at, begin] = [0, 0];
  while (at < text.length) {
    const stop = cellEnd(text, at, delimiter, more ? undefined : `${where}, row ${before + rows.length + 1}`);
    if (stop < 0) break;
    cells.push(text.slice(at, stop));
    if (text[stop] === delimiter) {
      at = stop + 1;
      if (at < text.length) continue;
      cells.push("");
    }
    const end = text.startsWith("\r\n", stop) ? "\r\n" : (text[stop] ?? "");
    if (more && stop + 1 >= text.length) break;
    rows.push({ cells, end: text[stop] === delimiter ? "" : end });
    cells = [];
    at = Math.max(at, stop + end.length);
    begin = at;
  }
  return { rows, read: begin };
}

/** Where a cell ends: at the delimiter, the line's end or the text's; −1 where a quoted one goes on after the text, if it may. */
function cellEnd(text: string, from: number, delimiter: string, where: string | undefined): number {
  let at = from;
  if (text[at] === '"') {
    for (at++; ; at++) {
      at = text.indexOf('"', at);
      if (at < 0 && where === undefined) return -1;
      if (at < 0) throw new DataError(`${where}: a quoted cell does not end.`);
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
