import { cellText } from "./cells.ts";
import type { Column, Table } from "./types.ts";

/** A cell as CSV writes it: quoted where it holds a comma, a quote, a line end, or space at an end. */
export const csvCell = (text: string, delimiter = ","): string =>
  text.includes(delimiter) || /["\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** A table as CSV: a header, names of levels, the shortest numbers that read back the same, nothing where a value is missing. */
export function csvText({ columns, count, values }: Table, header = true): string {
  const lines = header ? [columns.map(({ name }) => csvCell(name)).join(",")] : [];
  for (let n = 0; n < count; n++)
    lines.push(columns.map((column, i) => csvCell(cellText(column, values[i]![n]!))).join(","));
  return `${lines.join("\n")}\n`;
}

/** A row as a JSON object: names of levels, numbers as they are, null where a value is missing. */
export function rowObject(columns: readonly Column[], row: ArrayLike<number>): Record<string, string | number | null> {
  return Object.fromEntries(
    columns.map((column, i) => {
      const value = row[i]!;
      return [column.name, Number.isNaN(value) ? null : column.levels ? column.levels[value]! : value];
    }),
  );
}
