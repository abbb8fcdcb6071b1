import { extname } from "node:path";
import { UsageError } from "../base/errors.ts";
import { encodeParquet } from "../data/table/parquet.ts";
import { tableOfCells } from "../data/table/rows.ts";
import type { Column } from "../data/table/types.ts";
import { csvText, rowObject } from "../data/table/write.ts";
import { growingFile, writeFileAtomic } from "./files.node.ts";

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

/** A file that rows of a table are written into, some at a time; only Parquet, whose parts are columns, waits for the last. */
export interface RowFile {
  readonly name: string;
  readonly isCsv: boolean;
  /** Writes rows [n, columns]; before the first of a CSV file its header. */
  rows(cells: Float32Array | Float64Array): void;
  /** Writes lines of CSV as they are. */
  text(lines: string): void;
  /** Gives the file its name. */
  keep(): Promise<void>;
  /** Leaves no trace of it. */
  drop(): void;
}

/** Begins a file of rows; its ending says how they are written. */
export function rowFile(name: string, columns: readonly Column[]): RowFile {
  checkTableEnding(name);
  const ending = extname(name).toLowerCase();
  const file = ending === ".parquet" ? undefined : growingFile(name);
  const waiting: (Float32Array | Float64Array)[] = [];
  let begun = false;
  return {
    name,
    isCsv: ending === ".csv",
    rows: (cells) => {
      if (!file) waiting.push(cells);
      else if (ending === ".jsonl")
        file.append(
          rowObjects(columns, cells)
            .map((row) => `${JSON.stringify(row)}\n`)
            .join(""),
        );
      else file.append(begun ? csvText(tableOfCells(columns, cells), false) : csvText(tableOfCells(columns, cells)));
      begun = true;
    },
    text: (lines) => file!.append(lines),
    keep: async () => {
      if (file) file.keep();
      else await writeTable(name, columns, joined(waiting));
    },
    drop: () => file?.drop(),
  };
}

function joined(parts: readonly (Float32Array | Float64Array)[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
