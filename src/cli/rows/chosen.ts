import type { SplitName } from "../../data/types.ts";
import { key } from "../../random/index.ts";
import { examples } from "../../training/index.ts";
import type { Reporter } from "../output/index.ts";
import { checkSource } from "../source.ts";
import { dataOfRun, type InUse } from "../trained.ts";
import { type RowChunk, rowChunks } from "./chunks.ts";
import { columnsOf } from "./columns.ts";

/** Where rows come from: a file of one's own, or a split of the run's data. */
export interface Rows {
  readonly from: string;
  readonly chunks: AsyncIterable<RowChunk>;
}

/** Rows of a split that are taken at once. */
const OWN = 2 ** 16;

/** The rows a command line asks for, some at a time. */
export async function chosenRows(
  { trained }: InUse,
  options: Readonly<Record<string, unknown>>,
  out: Reporter,
): Promise<Rows> {
  checkSource(options, "rows");
  const path = options.input as string | undefined;
  const most = (options.count as number | undefined) ?? Number.POSITIVE_INFINITY;
  const { model } = trained;
  const columns = columnsOf(model);
  if (path !== undefined) return { from: path, chunks: upTo(most, rowChunks(columns, path, out.warn), columns.length) };
  const data = await dataOfRun(trained, out);
  const split = (options.split as SplitName | undefined) ?? "test";
  const count = Math.min(data.dataset.splits[split].count, most);
  const places = columns.map(() => -1);
  const chunks = async function* (): AsyncGenerator<RowChunk> {
    for (let first = 0; first < count; first += OWN) {
      const indices = Uint32Array.from({ length: Math.min(OWN, count - first) }, (_, i) => first + i);
      const { x } = examples(model, data, split, indices, { key: key(0), epoch: 0 });
      yield { x: Float64Array.from(x.data), count: indices.length, first, places, header: false };
    }
  };
  return { from: `the ${split} split of ${trained.run.manifest.data.name}`, chunks: chunks() };
}

/** The first so many rows; what follows them is not read. */
async function* upTo(most: number, chunks: AsyncIterable<RowChunk>, width: number): AsyncGenerator<RowChunk> {
  for await (const chunk of chunks) {
    const count = Math.min(chunk.count, most - chunk.first);
    yield count === chunk.count ? chunk : cut(chunk, count, width);
    if (chunk.first + chunk.count >= most) return;
  }
}

function cut({ raw, ...chunk }: RowChunk, count: number, width: number): RowChunk {
  const x = chunk.x.slice(0, count * width);
  if (!raw) return { ...chunk, x, count };
  return { ...chunk, x, count, raw: { ...raw, rows: raw.rows.slice(0, count + Number(chunk.header)) } };
}
