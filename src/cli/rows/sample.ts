import { checkTableEnding, rowObjects, writeTable } from "../../artifacts/tables.node.ts";
import { tableOfCells } from "../../data/table/rows.ts";
import { csvText } from "../../data/table/write.ts";
import type { Result } from "../command.ts";
import { checkDraw, drawn } from "../drawn.ts";
import type { Reporter } from "../output/index.ts";
import type { InUse } from "../trained.ts";
import { columnsOf } from "./columns.ts";

/** Rows that are drawn when no count is given. */
const USUAL = 10;

/** Draws rows and prints or writes them. */
export async function sampleTable(
  use: InUse,
  options: Readonly<Record<string, unknown>>,
  out: Reporter,
): Promise<Result> {
  checkDraw(use, options, "rows of a table");
  const file = options.out as string | undefined;
  if (file !== undefined) checkTableEnding(file);
  const columns = columnsOf(use.trained.model);
  const { x, count, about } = await drawn(use, options, out, USUAL);
  if (file !== undefined) {
    await writeTable(file, columns, x.data);
    return { text: `${file}: ${count} rows, seed ${options.seed}`, json: { ...about, file } };
  }
  const text = csvText(tableOfCells(columns, x.data)).trimEnd();
  return { text, json: { ...about, rows: rowObjects(columns, x.data) } };
}
