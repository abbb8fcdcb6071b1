import { extname } from "node:path";
import { writeFileAtomic } from "../../artifacts/files.node.ts";
import { checkTableEnding, writeTable } from "../../artifacts/tables.node.ts";
import { UsageError } from "../../base/errors.ts";
import { sizeOf } from "../../base/shape.ts";
import { cellText } from "../../data/table/cells.ts";
import type { Column } from "../../data/table/types.ts";
import { csvCell } from "../../data/table/write.ts";
import type { AnyModel, Numbers } from "../../models/contract.ts";
import { columnsOf } from "../rows/index.ts";

/** Steps one after the other, with a first column that names their sequence. */
export function longTable({ data }: AnyModel, names: readonly string[], lengths: readonly number[], x: Numbers) {
  const own = data.columns!;
  const columns: Column[] = [{ name: data.sequence ?? "sequence", kind: "categorical", levels: names }, ...own];
  const size = sizeOf(x.shape.slice(1));
  const cells = lengths.flatMap((length, n) =>
    Array.from({ length }, (_, t) => {
      const at = n * size + t * own.length;
      return [n, ...x.data.subarray(at, at + own.length)];
    }).flat(),
  );
  return { columns, cells: Float64Array.from(cells) };
}

/** Each sequence as a line of its cells. */
export function lines(columns: readonly Column[], lengths: readonly number[], x: Numbers): string {
  const size = sizeOf(x.shape.slice(1));
  const line = (length: number, n: number) =>
    Array.from(x.data.subarray(n * size, n * size + length), (value) => csvCell(cellText(columns[0]!, value))).join(
      ",",
    );
  return `${lengths.map(line).join("\n")}\n`;
}

/** Throws unless sequences of a model can be written into a file of that name. */
export function checkEnding({ data }: AnyModel, file: string): void {
  checkTableEnding(file);
  if (data.sequence === undefined && extname(file).toLowerCase() !== ".csv")
    throw new UsageError(`${file}: sequences that are rows of any length are written as .csv.`);
}

/** Writes sequences in the form of the data that the model learnt from. */
export async function write(
  model: AnyModel,
  file: string,
  names: readonly string[],
  lengths: readonly number[],
  x: Numbers,
) {
  if (model.data.sequence === undefined) return writeFileAtomic(file, lines(columnsOf(model), lengths, x));
  const { columns, cells } = longTable(model, names, lengths, x);
  return writeTable(file, columns, cells);
}
