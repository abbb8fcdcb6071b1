import { open, readFile } from "node:fs/promises";
import { totalmem } from "node:os";
import { decodeNpy, isNpy } from "../../base/codec/npy.ts";
import { DataError } from "../../base/errors.ts";
import { readContent } from "../files.node.ts";
import { isZip, readNpz } from "../readers/npz.ts";
import { isArff, readArff } from "./arff.ts";
import { rowsOfArrays } from "./arrays.ts";
import { type ReadTable, TableBuilder, type TableOptions } from "./builder.ts";
import { bytesOfFile, streamRows } from "./csv.node.ts";
import { isParquet, parquetRows } from "./parquet.ts";
import type { RowSource } from "./source.ts";
import type { Wishes } from "./wishes.ts";
import { readSchema } from "./wishes.ts";

/** Bytes that are looked at to tell the formats apart. */
const FIRST = 65_536;

async function firstBytes(file: string): Promise<Uint8Array> {
  for await (const bytes of bytesOfFile(file)) return bytes.subarray(0, FIRST);
  throw new DataError(`${file} is empty.`);
}

/** The rows of a CSV, TSV, Parquet, NPZ, NPY or ARFF file, judged by what it holds. */
export async function rowSource(file: string, delimiter?: string): Promise<RowSource> {
  const first = await firstBytes(file);
  if (isParquet(first)) return parquetFile(file);
  if (isZip(first)) return rowsOfArrays(readNpz(await readContent(file), file), file);
  if (isNpy(first)) return rowsOfArrays(new Map([["x", decodeNpy(await readContent(file), file)]]), file);
  if (isArff(new TextDecoder().decode(first))) return readArff(new TextDecoder().decode(await readContent(file)), file);
  return { rows: streamRows(bytesOfFile(file), file, delimiter) };
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

/** A table with the number of rows that came from each file. */
export interface ReadFiles extends ReadTable {
  readonly counts: readonly number[];
}

/** The share of this machine's memory that a table may take. */
const SHARE = 0.4;

/** Reads one table from one or more files with the same columns; kinds and levels are those of all rows together. */
export async function readTableFiles(files: readonly string[], options: TableOptions = {}): Promise<ReadFiles> {
  const where = files[0]!;
  const given = { budget: SHARE * totalmem(), ...options };
  let builder: TableBuilder | undefined;
  const counts: number[] = [];
  for (const file of files) {
    const source = await rowSource(file, options.delimiter);
    const own: TableOptions = { ...given, columns: { ...source.columns, ...options.columns } };
    const before = builder?.count ?? 0;
    builder = await fill(builder ?? new TableBuilder(where, own, source.names), source, file, before > 0);
    counts.push(builder.count - before);
  }
  return { ...builder!.finish(), counts };
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
