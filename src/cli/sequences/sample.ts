import { rowObjects } from "../../artifacts/tables.node.ts";
import { sizeOf } from "../../base/shape.ts";
import { tableOfCells } from "../../data/table/rows.ts";
import { csvText } from "../../data/table/write.ts";
import type { Result } from "../command.ts";
import { checkDraw, drawn } from "../drawn.ts";
import type { Reporter } from "../output/index.ts";
import { columnsOf } from "../rows/index.ts";
import type { InUse } from "../trained.ts";
import { counted, lengthsOf, type Options } from "./types.ts";
import { checkEnding, lines, longTable, write } from "./write.ts";

/** Sequences that are drawn when no count is given. */
const USUAL = 5;

/** Draws sequences and prints or writes them, in the form of the file that the run learnt from. */
export async function sampleSequences(use: InUse, options: Options, out: Reporter): Promise<Result> {
  checkDraw(use, options, "sequences of rows");
  const { model } = use.trained;
  const file = options.out as string | undefined;
  if (file !== undefined) checkEnding(model, file);
  const { x, count, about } = await drawn(use, options, out, USUAL);
  const width = columnsOf(model).length;
  const size = sizeOf(x.shape.slice(1));
  const lengths = lengthsOf(x);
  const names = lengths.map((_, n) => String(n));
  if (file !== undefined) {
    await write(model, file, names, lengths, x);
    return { text: `${file}: ${counted(count)}, seed ${options.seed}`, json: { ...about, file } };
  }
  const sequences = lengths.map((length, n) =>
    rowObjects(columnsOf(model), Float64Array.from(x.data.subarray(n * size, n * size + length * width))),
  );
  if (model.data.sequence === undefined)
    return { text: lines(columnsOf(model), lengths, x).trimEnd(), json: { ...about, sequences } };
  const { columns, cells } = longTable(model, names, lengths, x);
  return { text: csvText(tableOfCells(columns, cells)).trimEnd(), json: { ...about, sequences } };
}
