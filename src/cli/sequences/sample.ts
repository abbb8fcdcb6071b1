import { rowObjects } from "../../artifacts/tables.node.ts";
import { UsageError } from "../../base/errors.ts";
import { sizeOf } from "../../base/shape.ts";
import { tableOfCells } from "../../data/table/rows.ts";
import { csvText } from "../../data/table/write.ts";
import { key } from "../../random/index.ts";
import type { Result } from "../command.ts";
import type { Reporter } from "../output/index.ts";
import { columnsOf } from "../tables.ts";
import { capable, type InUse } from "../trained.ts";
import { counted, lengthsOf, type Options } from "./types.ts";
import { checkEnding, lines, longTable, write } from "./write.ts";

/** Sequences that are drawn when no count is given. */
const USUAL = 5;

/** Draws sequences and prints or writes them, in the form of the file that the run learnt from. */
export async function sampleSequences({ trained, on }: InUse, options: Options, out: Reporter): Promise<Result> {
  const given = ["mean", "labels", "topK", "topP"].find((name) => options[name] !== undefined);
  if (given) throw new UsageError(`This ${trained.model.name} draws sequences of rows: leave --${given} out.`);
  const model = capable(trained.model, "sample");
  const file = options.out as string | undefined;
  if (file !== undefined) checkEnding(model, file);
  const count = (options.count as number | undefined) ?? USUAL;
  const x = await model.sample(on, {
    count,
    key: key(options.seed as number),
    temperature: options.temperature as number,
    progress: (fraction) => out.progress({ label: "sample", fraction }),
  });
  const width = columnsOf(model).length;
  const size = sizeOf(x.shape.slice(1));
  const lengths = lengthsOf(x);
  const names = lengths.map((_, n) => String(n));
  const about = { run: trained.run.folder, count, seed: options.seed };
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
