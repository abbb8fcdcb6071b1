import { extname } from "node:path";
import { UsageError } from "../base/errors.ts";
import { encodeParquet } from "../data/table/parquet.ts";
import { tableOfCells } from "../data/table/rows.ts";
import type { Column } from "../data/table/types.ts";
import { csvText, rowObject } from "../data/table/write.ts";
import { writeFileAtomic } from "./files.node.ts";

/** Endings of files that rows of a table are written into. */
export const tableEndings = [".csv", ".parquet", ".jsonl"] as const;

/** Throws unless rows can be written into a file of that name. */
export function checkTableEnding(file: string): void {
  if (!(tableEndings as readonly string[]).includes(extname(file).toLowerCase()))
    throw new UsageError(`${file}: rows of a table are written as ${tableEndings.join(", ")}; the ending says which.`);
}

/** Rows as objects, one for each. */
export function rowObjects(columns: readonly Column[], cells: Float32Array | Float64Array) {
  const width = columns.length;
  return Array.from({ length: cells.length / width }, (_, n) =>
    rowObject(columns, cells.subarray(n * width, (n + 1) * width)),
  );
}

/** Writes rows [n, columns] as CSV, Parquet or lines of JSON, as the file's ending says. */
export async function writeTable(
  file: string,
  columns: readonly Column[],
  cells: Float32Array | Float64Array,
): Promise<void> {
  checkTableEnding(file);
  const ending = extname(file).toLowerCase();
  if (ending === ".jsonl") {
    const lines = rowObjects(columns, cells).map((row) => JSON.stringify(row));
    return writeFileAtomic(file, `${lines.join("\n")}\n`);
  }
  const table = tableOfCells(columns, cells);
  writeFileAtomic(file, ending === ".csv" ? csvText(table) : await encodeParquet(table));
}
