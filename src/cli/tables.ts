import { checkTableEnding, rowFile, rowObjects, writeTable } from "../artifacts/tables.node.ts";
import { UsageError } from "../base/errors.ts";
import { HostArray } from "../base/host.ts";
import { cellText } from "../data/table/cells.ts";
import { tableOfCells } from "../data/table/rows.ts";
import type { Column } from "../data/table/types.ts";
import { csvCell, csvText } from "../data/table/write.ts";
import type { SplitName } from "../data/types.ts";
import type { AnyModel, Numbers } from "../models/contract.ts";
import { maskOf } from "../models/masks.ts";
import { fold, key } from "../random/index.ts";
import { examples } from "../training/index.ts";
import type { Result } from "./command.ts";
import { type Reporter, table } from "./output/index.ts";
import { checkNotInput } from "./overwrite.ts";
import { type RowChunk, rowChunks } from "./row-chunks.ts";
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

/** Reads all rows of a file for a model of tables; columns are matched by name. */
export async function readRows(model: AnyModel, file: string, out: Reporter): Promise<{ readonly x: Float64Array }> {
  const parts: Float64Array[] = [];
  for await (const { x } of rowChunks(columnsOf(model), file, out.warn)) parts.push(x);
  if (parts.length === 1) return { x: parts[0]! };
  const x = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    x.set(part, at);
    at += part.length;
  }
  return { x };
}

/** Where rows come from: a file of one's own, or a split of the run's data. */
interface Rows {
  readonly from: string;
  readonly chunks: AsyncIterable<RowChunk>;
}

/** The rows a command line asks for, some at a time. */
async function chosenRows({ trained }: InUse, options: Options, out: Reporter): Promise<Rows> {
  checkNotInput(options);
  const path = options.input as string | undefined;
  const most = options.count as number | undefined;
  if (path !== undefined && options.split !== undefined)
    throw new UsageError("--split and --input exclude each other: take rows of the run's data, or your own.");
  const { model } = trained;
  if (path !== undefined) return { from: path, chunks: rowChunks(columnsOf(model), path, out.warn) };
  const data = await dataOfRun(trained, out);
  const split = (options.split as SplitName | undefined) ?? "test";
  const count = Math.min(data.dataset.splits[split].count, most ?? Number.POSITIVE_INFINITY);
  const places = columnsOf(model).map(() => -1);
  const chunks = async function* (): AsyncGenerator<RowChunk> {
    for (let first = 0; first < count; first += OWN) {
      const indices = Uint32Array.from({ length: Math.min(OWN, count - first) }, (_, i) => first + i);
      const { x } = examples(model, data, split, indices, { key: key(0), epoch: 0 });
      yield { x: Float64Array.from(x.data), count: indices.length, first, places, header: false };
    }
  };
  return { from: `the ${split} split of ${trained.run.manifest.data.name}`, chunks: chunks() };
}

/** Rows of a split that are taken at once. */
const OWN = 2 ** 16;

/** Fills the gaps of a file's rows, or of rows of the run's own data, and writes them; what was given stays as it was written. */
export async function completeTable(use: InUse, options: Options, out: Reporter): Promise<Result> {
  const model = capable(use.trained.model, "complete");
  const columns = columnsOf(model);
  const random = key(options.seed as number);
  const { from, chunks } = await chosenRows(use, options, out);
  const file = rowFile(String(options.out ?? "completed.csv"), columns);
  let [count, gaps] = [0, 0];
  const how = new Set<string>();
  try {
    for await (const chunk of chunks) {
      const own = chunk.first === 0 ? random : fold(random, chunk.first);
      const x = rowsArray(model, chunk.x);
      const observed = observedOf(x, options.mask as string | undefined, fold(own, "mask"));
      const done = await model.complete(use.on, x, observed, {
        key: own,
        stated: (each) => void how.add(each),
        ...(options.sweeps === undefined ? {} : { sweeps: options.sweeps as number }),
        progress: (fraction) => out.progress({ label: "complete", fraction }),
      });
      gaps += observed.data.reduce((sum, one) => sum + Number(one === 0), 0);
      count += chunk.count;
      if (chunk.raw && file.isCsv) file.text(filledText(chunk, columns, done, observed));
      else file.rows(done.data);
    }
    await file.keep();
  } catch (error) {
    file.drop();
    throw error;
  }
  const drawnFrom = how.size === 0 ? "" : `, drawn from ${[...how].join(" and ")}`;
  return {
    text: `${file.name}: ${count} rows of ${from}, ${gaps} gaps filled${drawnFrom}`,
    json: { run: use.trained.run.folder, from, count, gaps, seed: options.seed, file: file.name, drawnFrom: [...how] },
  };
}

/** 1 where a cell is known: where it has a value and a mask, if one was asked for, does not hide it. */
function observedOf(x: Numbers, mask: string | undefined, random: ReturnType<typeof key>): HostArray<"float32"> {
  const hidden = mask === undefined ? undefined : maskOf(mask, x.shape.slice(1), x.shape[0]!, random);
  const data = Float32Array.from(x.data, (value, i) => (Number.isNaN(value) ? 0 : (hidden?.data[i] ?? 1)));
  return new HostArray("float32", x.shape, data);
}

/** The text of a CSV file with its gaps filled, letter by letter as it was elsewhere; columns it lacks follow at the end. */
function filledText(
  { raw, places, header }: RowChunk,
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

/** What the class of each row probably is: the most probable one, and the probabilities of all; gaps are allowed for. */
export async function classifyTable(use: InUse, options: Options, out: Reporter): Promise<Result> {
  const { model, run } = use.trained;
  const { target, classes } = model.data;
  const asked = capable(model, "classify");
  const columns = columnsOf(model);
  const levels = classes!;
  const name = columns[target!]!.name;
  const added: Column[] = [
    { name: `predicted ${name}`, kind: "categorical", levels },
    ...levels.map((level): Column => ({ name: `p(${level})`, kind: "real" })),
  ];
  const printing = options.out === undefined;
  const asks = printing && options.count === undefined ? { ...options, count: USUAL } : options;
  const { from, chunks } = await chosenRows(use, asks, out);
  const file = printing ? undefined : rowFile(String(options.out), [...columns, ...added]);
  const most = (asks.count as number | undefined) ?? Number.POSITIVE_INFINITY;
  let [count, known, right] = [0, 0, 0];
  const shown: Record<string, unknown>[] = [];
  try {
    for await (const chunk of chunks) {
      const rows = Math.min(chunk.count, most - count);
      const { data: logs } = await asked.classify(use.on, rowsArray(model, chunk.x), { key: key(0) });
      const said = Float64Array.from({ length: rows * added.length });
      for (let n = 0; n < rows; n++) {
        const own = logs.subarray(n * levels.length, (n + 1) * levels.length);
        const best = own.reduce((top, log, y) => (log > own[top]! ? y : top), 0);
        said.set([best, ...own.map(Math.exp)], n * added.length);
        const truth = chunk.x[n * columns.length + target!]!;
        if (!Number.isNaN(truth)) known++;
        if (truth === best) right++;
        if (!file) shown.push(...rowObjects(added, said.subarray(n * added.length, (n + 1) * added.length)));
      }
      if (chunk.raw && file?.isCsv) file.text(extendedText(chunk, added, said, rows));
      else file?.rows(beside(chunk.x, columns.length, said, added.length, rows));
      count += rows;
      if (count >= most) break;
    }
    await file?.keep();
  } catch (error) {
    file?.drop();
    throw error;
  }
  const accuracy = known === 0 ? undefined : right / known;
  const rated =
    accuracy === undefined ? "" : `; ${(100 * accuracy).toFixed(1)} % of ${known} with a known ${name} right`;
  const about = { run: run.folder, from, target: name, count, ...(accuracy === undefined ? {} : { accuracy, known }) };
  if (file) return { text: `${file.name}: ${count} rows of ${from}${rated}`, json: { ...about, file: file.name } };
  const titles = added.map((column, i) =>
    i === 0 ? { title: column.name } : { title: column.name, align: "right" as const },
  );
  const lines = shown.map((row) => added.map((column) => shownCell(row[column.name])));
  return {
    text: `${table(titles, lines, out.colours.bold)}\n${count} rows of ${from}${rated}`,
    json: { ...about, rows: shown },
  };
}

const shownCell = (value: unknown) => (typeof value === "number" ? value.toPrecision(4) : String(value));

/** Rows of two tables side by side. */
function beside(a: Float64Array, wide: number, b: Float64Array, also: number, count: number): Float64Array {
  const all = new Float64Array(count * (wide + also));
  for (let n = 0; n < count; n++) {
    all.set(a.subarray(n * wide, (n + 1) * wide), n * (wide + also));
    all.set(b.subarray(n * also, (n + 1) * also), n * (wide + also) + wide);
  }
  return all;
}

/** The text of the first so many rows of a CSV file with further columns, letter by letter as it was elsewhere. */
function extendedText({ raw, header }: RowChunk, added: readonly Column[], said: Float64Array, count: number): string {
  const { rows, delimiter } = raw!;
  const lines = rows.slice(0, count + Number(header)).map(({ cells, end }, row) => {
    const n = row - Number(header);
    const more = added.map((column, i) => (n < 0 ? column.name : cellText(column, said[n * added.length + i]!)));
    return [...cells, ...more.map((cell) => csvCell(cell, delimiter))].join(delimiter) + (end || "\n");
  });
  return lines.join("");
}
