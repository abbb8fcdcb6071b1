import type { AnyModel, LearntTable, Params } from "../models/contract.ts";
import { directionTables } from "./directions.node.ts";
import type { ReportTable } from "./report/report.ts";

/** What a model has learnt, in tables: its own, and the directions of a linear one. */
export function learntTables(model: AnyModel, params: Params): readonly LearntTable[] {
  return [...(model.learnt?.(params) ?? []), ...directionTables(model, params)];
}

/** Rows and columns that are shown of a table. */
const [ROWS, COLUMNS] = [40, 12];

/** Four digits, as few as say them. */
const shown = (cell: string | number) => (typeof cell === "number" ? String(Number(cell.toPrecision(4))) : cell);

/** The first rows and columns of a table as texts, with a word on those that are left out. */
export function excerpt({ title, head, rows, note }: LearntTable): ReportTable {
  const [more, wider] = [rows.length - ROWS, head.length - COLUMNS];
  const left = [more > 0 ? `${more} more rows` : "", wider > 0 ? `${wider} more columns` : ""].filter(Boolean);
  const rest = left.length > 0 ? `${left.join(" and ")} are in the JSON of the command show.` : "";
  const notes = [note, rest].filter(Boolean).join(" ");
  return {
    title,
    head: head.slice(0, COLUMNS),
    rows: rows.slice(0, ROWS).map((row) => row.slice(0, COLUMNS).map(shown)),
    numbers: head.slice(0, COLUMNS).flatMap((_, i) => (typeof rows[0]?.[i] === "number" ? [i] : [])),
    ...(notes === "" ? {} : { note: notes }),
  };
}
