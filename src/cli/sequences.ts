import { extname } from "node:path";
import { writeFileAtomic } from "../artifacts/files.node.ts";
import { checkTableEnding, rowObjects, writeTable } from "../artifacts/tables.node.ts";
import { UsageError } from "../base/errors.ts";
import { HostArray } from "../base/host.ts";
import { sequenceLength } from "../base/sequence-length.ts";
import { sizeOf } from "../base/shape.ts";
import { readContent } from "../data/files.node.ts";
import { decodeText, detectDelimiter } from "../data/readers/csv.ts";
import { cellReader, cellText } from "../data/table/cells.ts";
import { lackingSentence } from "../data/table/known.ts";
import { rawRows } from "../data/table/raw.ts";
import { tableOfCells } from "../data/table/rows.ts";
import { stepsOfFile } from "../data/table/sequences.node.ts";
import type { Column } from "../data/table/types.ts";
import { csvCell, csvText } from "../data/table/write.ts";
import type { SplitName } from "../data/types.ts";
import type { AnyModel, Numbers } from "../models/contract.ts";
import { maskOf } from "../models/masks.ts";
import { fold, key } from "../random/index.ts";
import { examples } from "../training/index.ts";
import type { Result } from "./command.ts";
import type { Reporter } from "./output/index.ts";
import { columnsOf } from "./tables.ts";
import { capable, dataOfRun, type InUse } from "./trained.ts";

type Options = Readonly<Record<string, unknown>>;

/** Sequences with their names, lengths and, where they come from a file, the place of each of its rows. */
export interface Sequences {
  /** [n, T, columns], NaN where missing and beyond the ends. */
  readonly x: HostArray<"float64">;
  readonly names: readonly string[];
  readonly lengths: readonly number[];
  /** For each step of the file in its order: the sequence, and the step in it. */
  readonly order: readonly (readonly [sequence: number, step: number])[];
  /** Columns of the model that the file has. */
  readonly present: readonly boolean[];
  readonly from: string;
}

/** The sequences a command line asks for: of --input, or of a split of the run's data. */
export async function chosenSequences(use: InUse, options: Options, out: Reporter): Promise<Sequences> {
  const path = options.input as string | undefined;
  if (path !== undefined && options.split !== undefined)
    throw new UsageError("--split and --input exclude each other: take sequences of the run's data, or your own.");
  return path === undefined ? ownSequences(use, options, out) : readSequences(use.trained.model, path, out);
}

async function ownSequences({ trained }: InUse, options: Options, out: Reporter): Promise<Sequences> {
  const data = await dataOfRun(trained, out);
  const split = (options.split as SplitName | undefined) ?? "test";
  const { count } = data.dataset.splits[split];
  const most = Math.min(count, (options.count as number | undefined) ?? count);
  const indices = Uint32Array.from({ length: most }, (_, i) => i);
  const x = examples(trained.model, data, split, indices, { key: key(0), epoch: 0 }).x as HostArray<"float64">;
  const width = columnsOf(trained.model).length;
  const size = sizeOf(x.shape.slice(1));
  const lengths = Array.from({ length: most }, (_, n) =>
    sequenceLength(x.data.subarray(n * size, (n + 1) * size), width),
  );
  const order = lengths.flatMap((length, n) => Array.from({ length }, (_, t) => [n, t] as const));
  const names = lengths.map((_, n) => String(n));
  const present = columnsOf(trained.model).map(() => true);
  return { x, names, lengths, order, present, from: `the ${split} split of ${trained.run.manifest.data.name}` };
}

/** Reads sequences of a file as a model knows them: columns matched by name, levels it was trained with. */
export async function readSequences(model: AnyModel, file: string, out: Reporter): Promise<Sequences> {
  const columns = columnsOf(model);
  const { sequence } = model.data;
  const { names: found, steps } = await stepsOfFile(file, sequence === undefined ? {} : { sequence });
  const places = columns.map(({ name }) => found.indexOf(name));
  const lacking = columns.filter((_, i) => places[i] === -1);
  if (lacking.length === columns.length)
    throw new UsageError(
      `${file} has none of the columns of the model: ${columns.map(({ name }) => name).join(", ")}.`,
    );
  if (lacking.length > 0) out.warn(lackingSentence(lacking, found, file));
  const readers = columns.map(cellReader);
  const known = new Map<string, number>();
  const names: string[] = [];
  const cells: number[][] = [];
  const order: [number, number][] = [];
  for await (const step of steps) {
    const n = known.get(step.sequence) ?? names.length;
    if (n === names.length) {
      known.set(step.sequence, n);
      names.push(step.sequence);
      cells.push([]);
    }
    order.push([n, cells[n]!.length / columns.length]);
    for (const [i, place] of places.entries())
      cells[n]!.push(place < 0 ? Number.NaN : readers[i]!(step.cells[place]!.trim(), { where: file, row: step.row }));
  }
  if (names.length === 0) throw new UsageError(`${file} holds no sequence.`);
  const lengths = cells.map(({ length }) => length / columns.length);
  const most = Math.max(...lengths);
  const size = most * columns.length;
  const x = new HostArray(
    "float64",
    [names.length, most, columns.length],
    new Float64Array(names.length * size).fill(Number.NaN),
  );
  cells.forEach((own, n) => {
    x.data.set(own, n * size);
  });
  return { x, names, lengths, order, present: places.map((place) => place >= 0), from: file };
}

/** Steps one after the other, with a first column that names their sequence. */
function longTable({ data }: AnyModel, names: readonly string[], lengths: readonly number[], x: Numbers) {
  const own = data.columns!;
  const columns: Column[] = [{ name: data.sequence ?? "sequence", kind: "categorical", levels: names }, ...own];
  const size = sizeOf(x.shape.slice(1));
  const cells = lengths.flatMap((length, n) =>
    Array.from({ length }, (_, t) => {
      const at = n * size + t * own.length;
      return [n, ...x.data.subarray(at, at + own.length)];
    }).flat(),
  );
  return { columns, cells: Float64Array.from(cells) };
}

/** Each sequence as a line of its cells. */
function lines(columns: readonly Column[], lengths: readonly number[], x: Numbers): string {
  const size = sizeOf(x.shape.slice(1));
  const line = (length: number, n: number) =>
    Array.from(x.data.subarray(n * size, n * size + length), (value) => csvCell(cellText(columns[0]!, value))).join(
      ",",
    );
  return `${lengths.map(line).join("\n")}\n`;
}

/** Throws unless sequences of a model can be written into a file of that name. */
function checkEnding({ data }: AnyModel, file: string): void {
  checkTableEnding(file);
  if (data.sequence === undefined && extname(file).toLowerCase() !== ".csv")
    throw new UsageError(`${file}: sequences that are rows of any length are written as .csv.`);
}

async function write(model: AnyModel, file: string, names: readonly string[], lengths: readonly number[], x: Numbers) {
  if (model.data.sequence === undefined) return writeFileAtomic(file, lines(columnsOf(model), lengths, x));
  const { columns, cells } = longTable(model, names, lengths, x);
  return writeTable(file, columns, cells);
}

/** `1 sequence`, `2 sequences`. */
const counted = (count: number) => `${count} ${count === 1 ? "sequence" : "sequences"}`;

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
  const lengths = Array.from({ length: count }, (_, n) =>
    sequenceLength(x.data.subarray(n * size, (n + 1) * size), width),
  );
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

/** Fills the gaps of sequences; what a CSV file holds stays as it was written. */
export async function completeSequences(use: InUse, options: Options, out: Reporter): Promise<Result> {
  const model = capable(use.trained.model, "complete");
  const file = String(options.out ?? "completed.csv");
  checkEnding(model, file);
  const input = await chosenSequences(use, options, out);
  const random = key(options.seed as number);
  const observed = observedOf(input, options.mask as string | undefined, fold(random, "mask"));
  let gaps = 0;
  for (const one of observed.data) gaps += Number(one === 0);
  let how = "";
  const done = await model.complete(use.on, input.x, observed, {
    key: random,
    stated: (told) => {
      how = told;
    },
    progress: (fraction) => out.progress({ label: "complete", fraction }),
  });
  const path = options.input as string | undefined;
  const isCsv = (name: string) => /\.(csv|tsv|txt)$/i.test(name);
  if (path !== undefined && isCsv(path) && extname(file).toLowerCase() === ".csv")
    writeFileAtomic(file, await filledText(path, model, input, done, observed));
  else await write(model, file, input.names, input.lengths, done);
  const count = input.names.length;
  const text = `${file}: ${counted(count)} of ${input.from}, ${gaps} gaps filled by ${how}`;
  return { text, json: { run: use.trained.run.folder, from: input.from, count, gaps, how, seed: options.seed, file } };
}

/** 1 where a cell is known or lies beyond the end of its sequence, 0 where it is missing or hidden by the mask. */
function observedOf(
  { x, lengths }: Sequences,
  mask: string | undefined,
  random: ReturnType<typeof key>,
): HostArray<"float32"> {
  const hidden = mask === undefined ? undefined : maskOf(mask, x.shape.slice(1), x.shape[0]!, random);
  const size = sizeOf(x.shape.slice(1));
  const width = x.shape[2]!;
  const data = Float32Array.from(x.data, (value, at) => {
    const n = Math.floor(at / size);
    if (at - n * size >= lengths[n]! * width) return 1;
    return Number.isNaN(value) ? 0 : (hidden?.data[at] ?? 1);
  });
  return new HostArray("float32", x.shape, data);
}

/** The text of a CSV file with the gaps of its sequences filled, letter by letter as it was elsewhere. */
async function filledText(
  file: string,
  model: AnyModel,
  { order, present }: Sequences,
  done: Numbers,
  observed: HostArray<"float32">,
): Promise<string> {
  const text = decodeText(await readContent(file), file);
  const delimiter = detectDelimiter(text);
  const rows = rawRows(text, delimiter, file);
  const columns = columnsOf(model);
  const [, length, width] = done.shape as [number, number, number];
  const isBlank = (cells: readonly string[]) => cells.length === 1 && cells[0]!.trim() === "";
  const filledCell = (step: number, i: number, cell: string) => {
    const [n, t] = order[step]!;
    const at = (n * length + t) * width + i;
    return observed.data[at] === 0 ? csvCell(cellText(columns[i]!, done.data[at]!), delimiter) : cell;
  };
  if (model.data.sequence === undefined)
    return filledRows(rows, delimiter, order, (step, cell) => filledCell(step, 0, cell));
  let step = -1;
  let names: string[] | undefined;
  const added = columns.map((_, i) => i).filter((i) => !present[i]);
  const parts = rows.map(({ cells, end }) => {
    if (isBlank(cells)) return cells.join(delimiter) + end;
    if (!names) {
      names = cells.map((cell) =>
        cell
          .trim()
          .replace(/^"(.*)"$/s, "$1")
          .replaceAll('""', '"'),
      );
      return [...cells, ...added.map((i) => csvCell(columns[i]!.name, delimiter))].join(delimiter) + end;
    }
    step++;
    const filled = cells.map((cell, c) => {
      const i = columns.findIndex(({ name }) => name === names![c]);
      return i < 0 ? cell : filledCell(step, i, cell);
    });
    return [...filled, ...added.map((i) => filledCell(step, i, ""))].join(delimiter) + end;
  });
  return parts.join("");
}

/** Rows that are sequences: cells up to the last known one are steps, those after it are none. */
function filledRows(
  rows: ReturnType<typeof rawRows>,
  delimiter: string,
  order: Sequences["order"],
  fill: (step: number, cell: string) => string,
): string {
  const kept = rows.filter(({ cells }) => cells.length > 1 || cells[0]!.trim() !== "");
  const lengths: number[] = [];
  for (const [n] of order) lengths[n] = (lengths[n] ?? 0) + 1;
  const header = kept.length - lengths.length;
  let step = 0;
  return kept
    .map(({ cells, end }, row) => {
      const length = row < header ? 0 : lengths[row - header]!;
      return cells.map((cell, t) => (t < length ? fill(step++, cell) : cell)).join(delimiter) + end;
    })
    .join("");
}
