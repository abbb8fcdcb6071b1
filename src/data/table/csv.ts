import { decodeText, detectDelimiter, parseRecords } from "../readers/csv.ts";
import { unzipped } from "../readers/inflate.ts";
import { type ReadTable, TableBuilder, type TableOptions } from "./builder.ts";

/**
 * Reads a table from the bytes of a CSV or TSV file (comma, tab or semicolon; gzip or not). Columns whose kind nobody says:
 * texts, and numbers of at most two different values, are categorical (so is a target of at most 100 whole numbers); whole
 * numbers from 0 to 9,999 counts; other numbers real. Empty cells, ?, NA, N/A, NaN and null are missing.
 */
export function readTable(bytes: Uint8Array, where = "The table", options: TableOptions = {}): ReadTable {
  const text = decodeText(unzipped(bytes, where), where);
  const builder = new TableBuilder(where, options);
  for (const row of parseRecords(text, options.delimiter ?? detectDelimiter(text), where, true)) builder.add(row);
  return builder.finish();
}
