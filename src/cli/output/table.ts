import { textColumns } from "./text.ts";

/** A column of a table; numbers go to the right. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

function pad(text: string, width: number, align: Column["align"]): string {
  const space = " ".repeat(Math.max(0, width - textColumns(text)));
  return align === "right" ? space + text : text + space;
}

/** A table of text, two spaces between columns, titles styled by `head`; cells may hold colour codes. No line end at the end. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  head: (title: string) => string = (title) => title,
): string {
  const widths = columns.map((column, i) =>
    Math.max(textColumns(column.title), ...rows.map((row) => textColumns(row[i] ?? ""))),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map((column, i) => pad(cells[i] ?? "", widths[i]!, column.align))
      .join("  ")
      .trimEnd();
  return [line(columns.map((column) => head(column.title))), ...rows.map(line)].join("\n");
}
