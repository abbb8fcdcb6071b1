import { open, readFile, stat } from "node:fs/promises";
import { totalmem } from "node:os";
import { decodeNpy, isNpy } from "../../base/codec/npy.ts";
import { DataError } from "../../base/errors.ts";
import { type Key, permutation } from "../../random/index.ts";
import { readContent } from "../files.node.ts";
import { isZip, readNpz } from "../readers/npz.ts";
import { isArff, readArff } from "./arff.ts";
import { rowsOfArrays } from "./arrays.ts";
import { type ReadTable, type RowSink, TableBuilder, type TableOptions } from "./builder.ts";
import { bytesOfFile, streamRows } from "./csv.node.ts";
import { isParquet, parquetRows } from "./parquet.ts";
import type { RowSource } from "./source.ts";
import { RowStore } from "./stored.node.ts";
import type { Wishes } from "./wishes.ts";
import { readSchema } from "./wishes.ts";

/** Bytes between two words about how far a reading is. */
const TELL = 2 ** 24;
/** Bytes that are looked at to tell the formats apart. */
const FIRST = 65_536;

async function firstBytes(file: string): Promise<Uint8Array> {
  for await (const bytes of bytesOfFile(file)) return bytes.subarray(0, FIRST);
  throw new DataError(`${file} is empty.`);
}

/** The rows of a CSV, TSV, Parquet, NPZ, NPY or ARFF file, judged by what it holds. */
export async function rowSource(
  file: string,
  delimiter?: string,
  onBytes?: (count: number) => void,
): Promise<RowSource> {
  const first = await firstBytes(file);
  if (isParquet(first)) return parquetFile(file);
  if (isZip(first)) return rowsOfArrays(readNpz(await readContent(file), file), file);
  if (isNpy(first)) return rowsOfArrays(new Map([["x", decodeNpy(await readContent(file), file)]]), file);
  if (isArff(new TextDecoder().decode(first))) return readArff(new TextDecoder().decode(await readContent(file)), file);
  return { rows: streamRows(counted(bytesOfFile(file), onBytes), file, delimiter) };
}

/** The same bytes, telling how many there were so far. */
async function* counted(source: AsyncIterable<Uint8Array>, onBytes?: (count: number) => void) {
  let count = 0;
  for await (const bytes of source) {
    count += bytes.length;
    onBytes?.(count);
    yield bytes;
  }
}

async function parquetFile(file: string): Promise<RowSource> {
  const handle = await open(file);
  const { size } = await handle.stat();
  const slice = async (start: number, end = size) => {
    const buffer = new ArrayBuffer(Math.max(0, end - start));
    await handle.read(new Uint8Array(buffer), 0, buffer.byteLength, start);
    return buffer;
  };
  const source = await parquetRows({ byteLength: size, slice }, file);
  const rows = async function* () {
    try {
      yield* source.rows;
    } finally {
      await handle.close();
    }
  };
  return { ...source, rows: rows() };
}

/** A table with the number of rows that came from each file, and its rows where memory was too small for them. */
export interface ReadFiles extends ReadTable {
  readonly counts: readonly number[];
  readonly store?: RowStore;
}

/** How tables are read from files. */
export interface FileOptions extends TableOptions {
  /** So many rows, drawn by the key. */
  readonly random?: { readonly rows: number; readonly key: Key };
  readonly onProgress?: (what: string, done: number, total: number) => void;
}

/** The share of this machine's memory that a table may take. */
const SHARE = 0.4;

/**
 * Reads one table from one or more files with the same columns; kinds and levels are those of all rows together. Where the
 * numbers need more than the budget, a second reading keeps them on disk.
 */
export async function readTableFiles(files: readonly string[], options: FileOptions = {}): Promise<ReadFiles> {
  const { random, ...given } = options;
  const own: FileOptions = { budget: SHARE * totalmem(), beyond: "survey", ...given };
  const chosen = random ? { ...own, takes: await drawn(files, own, random) } : own;
  const { builder, counts } = await reading(files, chosen, "reading");
  const read = builder.finish();
  if (!read.surveyed) return { ...read, counts };
  const store = new RowStore(read.table.columns, read.table.count);
  await reading(files, { ...chosen, sink: store }, "keeping rows on disk");
  return { ...read, counts, store };
}

const ignored: RowSink = { cell: () => {}, end: () => {} };

/** Which rows are among so many drawn by a key, each set of them as probable; rows are counted by a reading. */
async function drawn(
  files: readonly string[],
  options: FileOptions,
  { rows, key }: NonNullable<FileOptions["random"]>,
) {
  const { builder } = await reading(files, { ...options, sink: ignored }, "counting rows");
  const chosen = new Uint8Array(builder.count);
  for (const row of permutation(key, builder.count).subarray(0, rows)) chosen[row] = 1;
  return (row: number) => chosen[row] === 1;
}

/** Reads all rows of the files. */
async function reading(files: readonly string[], options: FileOptions, what: string) {
  let builder: TableBuilder | undefined;
  const counts: number[] = [];
  const { onProgress } = options;
  for (const file of files) {
    const { size } = await stat(file);
    let told = 0;
    const source = await rowSource(file, options.delimiter, (done) => {
      if (!onProgress || done - told < TELL) return;
      told = done;
      onProgress(what, done, size);
    });
    const own: TableOptions = { ...options, columns: { ...source.columns, ...options.columns } };
    const before = builder?.count ?? 0;
    builder = await fill(builder ?? new TableBuilder(files[0]!, own, source.names), source, file, before > 0);
    counts.push(builder.count - before);
  }
  return { builder: builder!, counts };
}

async function fill(builder: TableBuilder, source: RowSource, file: string, further: boolean): Promise<TableBuilder> {
  let order = further && source.names ? matched(builder.columnNames, source.names, file) : undefined;
  let first = further && !source.names;
  if (further) builder.restart(source.names ? 0 : 1);
  for await (const row of source.rows) {
    if (builder.full) break;
    if (first) {
      first = false;
      const header = sameNames(builder.columnNames, row);
      if (header) {
        order = matched(builder.columnNames, row, file);
        continue;
      }
      builder.restart(0);
    }
    builder.add(order ? order.map((i) => row[i]!) : row, file);
  }
  if (!further) builder.columnNames; // decides about the header before another file comes
  return builder;
}

const sameNames = (names: readonly string[], row: readonly string[]) =>
  row.length === names.length && row.every((cell) => names.includes(cell.trim()));

/** For each column its place among the names of another file. */
function matched(names: readonly string[], others: readonly string[], file: string): number[] {
  return names.map((name) => {
    const place = others.findIndex((other) => other.trim() === name);
    if (place < 0) throw new DataError(`${file} has no column "${name}".`);
    return place;
  });
}

/** Kinds of columns from a schema file, or undefined where the text names none. */
export async function schemaFile(text: string): Promise<Wishes | undefined> {
  if (!/\.json$/i.test(text)) return undefined;
  const content = await readFile(text, "utf8").catch((error: Error) => {
    throw new DataError(`${text} cannot be read (${error.message}).`);
  });
  return readSchema(content, text);
}
