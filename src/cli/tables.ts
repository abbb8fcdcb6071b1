import { extname } from "node:path";
import { writeFileAtomic } from "../artifacts/files.node.ts";
import { checkTableEnding, rowObjects, writeTable } from "../artifacts/tables.node.ts";
import { UsageError } from "../base/errors.ts";
import { HostArray } from "../base/host.ts";
import { readContent } from "../data/files.node.ts";
import { decodeText, detectDelimiter } from "../data/readers/csv.ts";
import { cellText } from "../data/table/cells.ts";
import { type KnownRows, knownRows, lackingSentence } from "../data/table/known.ts";
import { cellValue, type RawRow, rawRows } from "../data/table/raw.ts";
import { rowSource } from "../data/table/read.node.ts";
import { tableOfCells } from "../data/table/rows.ts";
import type { Column } from "../data/table/types.ts";
import { csvCell, csvText } from "../data/table/write.ts";
import type { SplitName } from "../data/types.ts";
import type { AnyModel, Numbers } from "../models/contract.ts";
import { maskOf } from "../models/masks.ts";
import { fold, key } from "../random/index.ts";
import { examples } from "../training/index.ts";
import type { Result } from "./command.ts";
import type { Reporter } from "./output/index.ts";
import { capable, dataOfRun, type InUse } from "./trained.ts";

type Options = Readonly<Record<string, unknown>>;

/** The columns of a model of tables. */
export const columnsOf = (model: AnyModel): readonly Column[] => model.data.columns!;

const rowsArray = (model: AnyModel, cells: Float64Array) =>
  new HostArray("float64", [cells.length / columnsOf(model).length, columnsOf(model).length], cells);

/** Rows that are printed or drawn when no count is given. */
const USUAL = 10;

/** Draws rows and prints or writes them. */
export async function sampleTable({ trained, on }: InUse, options: Options, out: Reporter): Promise<Result> {
  const given = ["mean", "labels", "topK", "topP"].find((name) => options[name] !== undefined);
  if (given) throw new UsageError(`This ${trained.model.name} draws rows of a table: leave --${given} out.`);
  const file = options.out as string | undefined;
  if (file !== undefined) checkTableEnding(file);
  const model = capable(trained.model, "sample");
  const count = (options.count as number | undefined) ?? USUAL;
  const samples = await model.sample(on, {
    count,
    key: key(options.seed as number),
    temperature: options.temperature as number,
    progress: (fraction) => out.progress({ label: "sample", fraction }),
  });
  const about = { run: trained.run.folder, count, seed: options.seed };
  if (file !== undefined) {
    await writeTable(file, columnsOf(model), samples.data);
    return { text: `${file}: ${count} rows, seed ${options.seed}`, json: { ...about, file } };
  }
  const text = csvText(tableOfCells(columnsOf(model), samples.data)).trimEnd();
  return { text, json: { ...about, rows: rowObjects(columnsOf(model), samples.data) } };
}

/** Rows of a file as the model sees them, and the text they came from where it is CSV. */
interface Input extends KnownRows {
  readonly raw?: { readonly rows: readonly RawRow[]; readonly delimiter: string };
}

/** Reads rows of a file for a model of tables; columns are matched by name. */
export async function readRows(model: AnyModel, file: string, out: Reporter): Promise<Input> {
  const columns = columnsOf(model);
  const { names } = await rowSource(file);
  const read = names
    ? await typedRows(file, columns)
    : csvRows(decodeText(await readContent(file), file), columns, file);
  const lacking = columns.filter((_, i) => read.places[i] === -1);
  const found = names ?? (read.header ? read.raw!.rows[0]!.cells.map(cellValue) : []);
  if (lacking.length === columns.length)
    throw new UsageError(
      `${file} has none of the columns of the model: ${columns.map(({ name }) => name).join(", ")}.`,
    );
  if (lacking.length > 0) out.warn(lackingSentence(lacking, found, file));
  return read;
}

async function typedRows(file: string, columns: readonly Column[]): Promise<Input> {
  const { names, rows } = await rowSource(file);
  const all: string[][] = [];
  for await (const row of rows) all.push(row);
  return knownRows(all, columns, file, names);
}

function csvRows(text: string, columns: readonly Column[], file: string): Input {
  const delimiter = detectDelimiter(text);
  const rows = rawRows(text, delimiter, file).filter(({ cells }) => cells.length > 1 || cells[0]!.trim() !== "");
  const values = rows.map(({ cells }) => cells.map(cellValue));
  return { ...knownRows(values, columns, file), raw: { rows, delimiter } };
}

/** Fills the gaps of a file's rows, or of rows of the run's own data, and writes them; what was given stays as it was written. */
export async function completeTable(use: InUse, options: Options, out: Reporter): Promise<Result> {
  const model = capable(use.trained.model, "complete");
  const file = String(options.out ?? "completed.csv");
  checkTableEnding(file);
  const path = options.input as string | undefined;
  if (path !== undefined && options.split !== undefined)
    throw new UsageError("--split and --input exclude each other: complete rows of the run's data, or your own.");
  const random = key(options.seed as number);
  const input = path === undefined ? undefined : await readRows(model, path, out);
  const x = input ? rowsArray(model, input.x) : await ownRows(use, options, out);
  const observed = observedOf(x, options.mask as string | undefined, fold(random, "mask"));
  const gaps = observed.data.reduce((sum, one) => sum + Number(one === 0), 0);
  const done = await model.complete(use.on, x, observed, {
    key: random,
    ...(options.sweeps === undefined ? {} : { sweeps: options.sweeps as number }),
    progress: (fraction) => out.progress({ label: "complete", fraction }),
  });
  if (input?.raw && extname(file).toLowerCase() === ".csv")
    writeFileAtomic(file, filledText(input, columnsOf(model), done, observed));
  else await writeTable(file, columnsOf(model), done.data);
  const from = path ?? `the ${options.split ?? "test"} split of ${use.trained.run.manifest.data.name}`;
  const text = `${file}: ${x.shape[0]} rows of ${from}, ${gaps} gaps filled`;
  return { text, json: { run: use.trained.run.folder, from, count: x.shape[0], gaps, seed: options.seed, file } };
}

async function ownRows({ trained }: InUse, options: Options, out: Reporter): Promise<Numbers> {
  const data = await dataOfRun(trained, out);
  const split = (options.split as SplitName | undefined) ?? "test";
  const { count } = data.dataset.splits[split];
  const most = Math.min(count, (options.count as number | undefined) ?? count);
  const indices = Uint32Array.from({ length: most }, (_, i) => i);
  return examples(trained.model, data, split, indices, { key: key(0), epoch: 0 }).x;
}

/** 1 where a cell is known: where it has a value and a mask, if one was asked for, does not hide it. */
function observedOf(x: Numbers, mask: string | undefined, random: ReturnType<typeof key>): HostArray<"float32"> {
  const hidden = mask === undefined ? undefined : maskOf(mask, x.shape.slice(1), x.shape[0]!, random);
  const data = Float32Array.from(x.data, (value, i) => (Number.isNaN(value) ? 0 : (hidden?.data[i] ?? 1)));
  return new HostArray("float32", x.shape, data);
}

/** The text of a CSV file with its gaps filled, letter by letter as it was elsewhere; columns it lacks follow at the end. */
function filledText(
  { raw, places, header }: Input,
  columns: readonly Column[],
  done: Numbers,
  observed: HostArray<"float32">,
): string {
  const { rows, delimiter } = raw!;
  const width = columns.length;
  const added = columns.map((_, i) => i).filter((i) => places[i] === -1);
  const lines = rows.map(({ cells, end }, row) => {
    const n = row - Number(header);
    const text = (i: number) => csvCell(cellText(columns[i]!, done.data[n * width + i]!), delimiter);
    if (n < 0) return [...cells, ...added.map((i) => csvCell(columns[i]!.name, delimiter))].join(delimiter) + end;
    const filled = cells.slice();
    places.forEach((place, i) => {
      if (place >= 0 && observed.data[n * width + i] === 0) filled[place] = text(i);
    });
    return [...filled, ...added.map(text)].join(delimiter) + end;
  });
  return lines.join("");
}
