import type { HostArray } from "../../base/host.ts";
import { readContent } from "../../data/files.node.ts";
import { decodeText, detectDelimiter } from "../../data/readers/csv.ts";
import { cellText } from "../../data/table/cells.ts";
import { rawRows } from "../../data/table/raw.ts";
import { csvCell } from "../../data/table/write.ts";
import type { AnyModel, Numbers } from "../../models/contract.ts";
import { columnsOf } from "../rows/index.ts";
import type { Sequences } from "./types.ts";

/** The text of a CSV file with the gaps of its sequences filled, letter by letter as it was elsewhere. */
export async function filledText(
  file: string,
  model: AnyModel,
  { order, present }: Sequences,
  done: Numbers,
  observed: HostArray<"float32">,
): Promise<string> {
  const text = decodeText(await readContent(file), file);
  const delimiter = detectDelimiter(text);
  const rows = rawRows(text, delimiter, file);
  const columns = columnsOf(model);
  const [, length, width] = done.shape as [number, number, number];
  const isBlank = (cells: readonly string[]) => cells.length === 1 && cells[0]!.trim() === "";
  const filledCell = (step: number, i: number, cell: string) => {
    const [n, t] = order[step]!;
    const at = (n * length + t) * width + i;
    return observed.data[at] === 0 ? csvCell(cellText(columns[i]!, done.data[at]!), delimiter) : cell;
  };
  if (model.data.sequence === undefined)
    return filledRows(rows, delimiter, order, (step, cell) => filledCell(step, 0, cell));
  let step = -1;
  let names: string[] | undefined;
  const added = columns.map((_, i) => i).filter((i) => !present[i]);
  const parts = rows.map(({ cells, end }) => {
    if (isBlank(cells)) return cells.join(delimiter) + end;
    if (!names) {
      names = cells.map((cell) =>
        cell
          .trim()
          .replace(/^"(.*)"$/s, "$1")
          .replaceAll('""', '"'),
      );
      return [...cells, ...added.map((i) => csvCell(columns[i]!.name, delimiter))].join(delimiter) + end;
    }
    step++;
    const filled = cells.map((cell, c) => {
      const i = columns.findIndex(({ name }) => name === names![c]);
      return i < 0 ? cell : filledCell(step, i, cell);
    });
    return [...filled, ...added.map((i) => filledCell(step, i, ""))].join(delimiter) + end;
  });
  return parts.join("");
}

/** Rows that are sequences: cells up to the last known one are steps, those after it are none. */
function filledRows(
  rows: ReturnType<typeof rawRows>,
  delimiter: string,
  order: Sequences["order"],
  fill: (step: number, cell: string) => string,
): string {
  const kept = rows.filter(({ cells }) => cells.length > 1 || cells[0]!.trim() !== "");
  const lengths: number[] = [];
  for (const [n] of order) lengths[n] = (lengths[n] ?? 0) + 1;
  const header = kept.length - lengths.length;
  let step = 0;
  return kept
    .map(({ cells, end }, row) => {
      const length = row < header ? 0 : lengths[row - header]!;
      return cells.map((cell, t) => (t < length ? fill(step++, cell) : cell)).join(delimiter) + end;
    })
    .join("");
}
