import { rowFile, rowObjects } from "../../artifacts/tables.node.ts";
import { cellText } from "../../data/table/cells.ts";
import type { Column } from "../../data/table/types.ts";
import { csvCell } from "../../data/table/write.ts";
import type { AnyModel } from "../../models/contract.ts";
import { key } from "../../random/index.ts";
import type { Result } from "../command.ts";
import { type Reporter, table } from "../output/index.ts";
import { capable, type InUse } from "../trained.ts";
import { chosenRows } from "./chosen.ts";
import type { RowChunk } from "./chunks.ts";
import { columnsOf, rowsArray } from "./columns.ts";

/** Rows that are printed when no count is given. */
const USUAL = 10;

/** Rows with a known class, and how many of them were told right. */
interface Tally {
  known: number;
  right: number;
}

/** What the class of each row probably is: the most probable one, and the probabilities of all; gaps are allowed for. */
export async function classifyTable(
  use: InUse,
  options: Readonly<Record<string, unknown>>,
  out: Reporter,
): Promise<Result> {
  const { model, run } = use.trained;
  const asked = capable(model, "classify");
  const added = predictions(model);
  const { name } = columnsOf(model)[model.data.target!]!;
  const printing = options.out === undefined;
  const asks = printing && options.count === undefined ? { ...options, count: USUAL } : options;
  const { from, chunks } = await chosenRows(use, asks, out);
  const file = printing ? undefined : rowFile(String(options.out), [...columnsOf(model), ...added]);
  const tally: Tally = { known: 0, right: 0 };
  const shown: Record<string, unknown>[] = [];
  let count = 0;
  try {
    for await (const chunk of chunks) {
      const { data: logs } = await asked.classify(use.on, rowsArray(model, chunk.x), { key: key(0) });
      const said = predicted(model, chunk, logs, tally);
      count += chunk.count;
      if (!file) shown.push(...rowObjects(added, said));
      else if (chunk.raw && file.isCsv) file.text(extendedText(chunk, added, said));
      else file.rows(beside(chunk.x, said, chunk.count));
    }
    await file?.keep();
  } catch (error) {
    file?.drop();
    throw error;
  }
  const { known, right } = tally;
  const rated = known === 0 ? "" : `; ${((100 * right) / known).toFixed(1)} % of ${known} with a known ${name} right`;
  const about = { run: run.folder, from, target: name, count, ...(known > 0 && { accuracy: right / known, known }) };
  if (file) return { text: `${file.name}: ${count} rows of ${from}${rated}`, json: { ...about, file: file.name } };
  return {
    text: `${asTable(added, shown, out)}\n${count} rows of ${from}${rated}`,
    json: { ...about, rows: shown },
  };
}

/** The columns that classification adds. */
function predictions({ data: { columns, target, classes } }: AnyModel): readonly Column[] {
  return [
    { name: `predicted ${columns![target!]!.name}`, kind: "categorical", levels: classes! },
    ...classes!.map((level): Column => ({ name: `p(${level})`, kind: "real" })),
  ];
}

/** The cells of the added columns, from log p(class | row) of each row; what is known of the classes is tallied. */
function predicted(
  { data: { columns, target, classes } }: AnyModel,
  { x, count }: RowChunk,
  logs: ArrayLike<number>,
  tally: Tally,
): Float64Array {
  const levels = classes!.length;
  const said = new Float64Array(count * (levels + 1));
  for (let n = 0; n < count; n++) {
    let best = 0;
    for (let y = 0; y < levels; y++) {
      const log = logs[n * levels + y]!;
      if (log > logs[n * levels + best]!) best = y;
      said[n * (levels + 1) + y + 1] = Math.exp(log);
    }
    said[n * (levels + 1)] = best;
    const truth = x[n * columns!.length + target!]!;
    tally.known += Number(!Number.isNaN(truth));
    tally.right += Number(truth === best);
  }
  return said;
}

function asTable(columns: readonly Column[], rows: readonly Record<string, unknown>[], out: Reporter): string {
  const titles = columns.map(({ name }, i) => (i === 0 ? { title: name } : { title: name, align: "right" as const }));
  const cell = (value: unknown) => (typeof value === "number" ? value.toPrecision(4) : String(value));
  const lines = rows.map((row) => columns.map(({ name }) => cell(row[name])));
  return table(titles, lines, out.colours.bold);
}

/** Rows of two tables side by side. */
function beside(a: Float64Array, b: Float64Array, count: number): Float64Array {
  const [wide, also] = [a.length / count, b.length / count];
  const all = new Float64Array(a.length + b.length);
  for (let n = 0; n < count; n++) {
    all.set(a.subarray(n * wide, (n + 1) * wide), n * (wide + also));
    all.set(b.subarray(n * also, (n + 1) * also), n * (wide + also) + wide);
  }
  return all;
}

/** The text of rows of a CSV file with further columns, letter by letter as it was elsewhere. */
function extendedText({ raw, header }: RowChunk, added: readonly Column[], said: Float64Array): string {
  const { rows, delimiter } = raw!;
  const lines = rows.map(({ cells, end }, row) => {
    const n = row - Number(header);
    const more = added.map((column, i) => (n < 0 ? column.name : cellText(column, said[n * added.length + i]!)));
    return [...cells, ...more.map((cell) => csvCell(cell, delimiter))].join(delimiter) + (end || "\n");
  });
  return lines.join("");
}
