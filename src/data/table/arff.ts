import { DataError } from "../../base/errors.ts";
import type { RowSource } from "./source.ts";
import type { Wish } from "./wishes.ts";

/** Whether a text begins like an ARFF file. */
export const isArff = (text: string): boolean => /^\s*(%[^\n]*\n\s*)*@relation\b/i.test(text);

/**
 * Reads an ARFF file (attribute-relation file format of Weka): `{a, b}` is categorical with its levels in that order,
 * numbers are looked at as in a CSV file, strings and dates are texts. Sparse rows are refused.
 */
export function readArff(text: string, where: string): RowSource {
  const lines = text.split(/\r?\n/);
  const names: string[] = [];
  const columns: Record<string, Wish> = {};
  const begin = lines.findIndex((line) => /^\s*@data\b/i.test(line));
  if (begin < 0) throw new DataError(`${where} has no line @data.`);
  for (const [i, line] of lines.slice(0, begin).entries()) {
    if (!/^\s*@attribute\b/i.test(line)) continue;
    const [, quoted, plain, type] = line.match(/^\s*@attribute\s+(?:'([^']*)'|"?([^\s"]+)"?)\s+(.+?)\s*$/i) ?? [];
    const name = quoted ?? plain;
    if (name === undefined || type === undefined)
      throw new DataError(`${where}, line ${i + 1}: this attribute cannot be read.`);
    names.push(name);
    const nominal = type.match(/^\{(.*)\}$/s);
    if (/^real$/i.test(type)) columns[name] = { kind: "real" };
    if (nominal) columns[name] = { kind: "categorical", levels: cellsOf(nominal[1]!, where, i + 1) };
  }
  if (names.length === 0) throw new DataError(`${where} declares no attribute.`);
  return { names, columns, rows: rowsOf(lines, begin + 1, where) };
}

function* rowsOf(lines: readonly string[], from: number, where: string): Generator<string[]> {
  for (let i = from; i < lines.length; i++) {
    const line = lines[i]!.trim();
    if (line === "" || line.startsWith("%")) continue;
    if (line.startsWith("{"))
      throw new DataError(`${where}, line ${i + 1}: sparse ARFF is not read; write the zeros out.`);
    yield cellsOf(line, where, i + 1);
  }
}

/** Cells between commas, single- or double-quoted or bare. */
function cellsOf(line: string, where: string, number: number): string[] {
  const cells: string[] = [];
  const cell = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^,'"]*))\s*(,|$)/gy;
  for (let at = 0; ; at = cell.lastIndex) {
    cell.lastIndex = at;
    const found = cell.exec(line);
    if (!found) throw new DataError(`${where}, line ${number}: the quotes do not match.`);
    const quoted = found[1] ?? found[2];
    cells.push(quoted === undefined ? found[3]!.trim() : quoted.replace(/\\(.)/g, "$1"));
    if (found[4] === "") return cells;
  }
}
