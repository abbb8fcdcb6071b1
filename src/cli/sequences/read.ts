import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { cellReader } from "../../data/table/cells.ts";
import { lackingSentence } from "../../data/table/known.ts";
import { stepsOfFile } from "../../data/table/sequences.node.ts";
import type { SplitName } from "../../data/types.ts";
import type { AnyModel } from "../../models/contract.ts";
import { key } from "../../random/index.ts";
import { examples } from "../../training/index.ts";
import type { Reporter } from "../output/index.ts";
import { columnsOf } from "../rows/index.ts";
import { checkSource } from "../source.ts";
import { dataOfRun, type InUse } from "../trained.ts";
import { lengthsOf, type Options, type Sequences } from "./types.ts";

/** The sequences a command line asks for: of --input, or of a split of the run's data. */
export async function chosenSequences(use: InUse, options: Options, out: Reporter): Promise<Sequences> {
  const path = options.input as string | undefined;
  checkSource(options, "sequences");
  if (path !== undefined && options.count !== undefined)
    throw new UsageError(
      "--count takes the first sequences of the run's data; those of --input are all taken: leave it out.",
    );
  return path === undefined ? ownSequences(use, options, out) : readSequences(use.trained.model, path, out);
}

async function ownSequences({ trained }: InUse, options: Options, out: Reporter): Promise<Sequences> {
  const data = await dataOfRun(trained, out);
  const split = (options.split as SplitName | undefined) ?? "test";
  const { count } = data.dataset.splits[split];
  const most = Math.min(count, (options.count as number | undefined) ?? count);
  const indices = Uint32Array.from({ length: most }, (_, i) => i);
  const x = examples(trained.model, data, split, indices, { key: key(0), epoch: 0 }).x as HostArray<"float64">;
  const lengths = lengthsOf(x);
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
