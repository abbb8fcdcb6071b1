import path from "node:path";
import { isNpy } from "../base/codec/npy.ts";
import { DataError, UsageError } from "../base/errors.ts";
import { fold, type Key, permutation } from "../random/index.ts";
import type { CatalogueEntry } from "./catalogue.ts";
import { readContent } from "./files.node.ts";
import { type Files, type Loaded, tableColumns } from "./named.ts";
import { sibling } from "./paths.node.ts";
import { isZip, readNpz } from "./readers/npz.ts";
import { splitWords } from "./splits.ts";
import { isArff } from "./table/arff.ts";
import type { ReadTable, TableOptions } from "./table/builder.ts";
import { bytesOfFile } from "./table/csv.node.ts";
import { readTable } from "./table/csv.ts";
import { isParquet } from "./table/parquet.ts";
import { publishedNames } from "./table/published.ts";
import { readTableFiles, schemaFile } from "./table/read.node.ts";
import { cellsOf } from "./table/rows.ts";
import type { RowStore } from "./table/stored.node.ts";
import type { Column, Table } from "./table/types.ts";
import { findColumn, parseWishes, type Wishes } from "./table/wishes.ts";
import { type DataSpec, type Split, type SplitName, splitNames } from "./types.ts";

/** A table that was read, in memory or on disk. */
type Read = ReadTable & { readonly store?: RowStore };

/** How a table is opened: how it is read, and how it is split. */
export interface TableOpenOptions extends TableOptions {
  /** Decides shuffled splits. */
  readonly key: Key;
  readonly splitBy?: string;
  /** Only so many rows, drawn by the key. */
  readonly randomRows?: number;
  /** GiB of memory that the table may take before its rows are kept on disk. */
  readonly memory?: number;
  readonly onProgress?: (what: string, done: number, total: number) => void;
}

/** What `--columns` says: kinds by name, or a schema file that says them. */
export async function wishesOf(text: string): Promise<Wishes> {
  return (await schemaFile(text)) ?? parseWishes(text);
}

/** Whether a path leads to a file of a table: CSV and the like, Parquet, ARFF, or an NPZ archive of columns. */
export async function isTableFile(file: string): Promise<boolean> {
  if (/\.(png|jpe?g|webp|gif)$/i.test(file)) return false;
  let first = new Uint8Array();
  try {
    for await (const bytes of bytesOfFile(file)) {
      first = Uint8Array.from(bytes.subarray(0, 65_536));
      break;
    }
  } catch {
    return false; // a folder
  }
  if (isParquet(first) || isArff(new TextDecoder().decode(first))) return true;
  if (isZip(first))
    return [...readNpz(await readContent(file), file).values()].every(({ shape }) => shape.length === 1);
  if (first[0] === 0x1f && first[1] === 0x8b) return !/idx|\.bin|\.npy/.test(path.basename(file));
  return !isNpy(first) && !first.includes(0);
}

/** Opens a table from a file, with those beside it that hold its test and validation rows. */
export async function openTableFile(file: string, { memory, randomRows, ...given }: TableOpenOptions): Promise<Loaded> {
  const options = {
    ...given,
    ...(memory === undefined ? {} : { budget: memory * 2 ** 30 }),
    ...(randomRows === undefined ? {} : { random: { rows: randomRows, key: fold(given.key, "random rows") } }),
  };
  const name = path.basename(file);
  const test = await sibling(file, ["test", "t10k", "tes"]);
  if (test === undefined || options.splitBy !== undefined) {
    const columns = options.splitBy === undefined ? options.columns : splitWish(options);
    const read = await readTableFiles([file], { ...options, ...(columns ? { columns } : {}) });
    return options.splitBy === undefined
      ? shuffled(read, options.key, name)
      : bySplitColumn(read, options.splitBy, name);
  }
  const valid = await sibling(file, ["valid", "val", "validation"]);
  const read = await readTableFiles(valid === undefined ? [file, test] : [file, valid, test], options);
  const [first, ...rest] = read.counts as [number, ...number[]];
  const held = valid === undefined ? Math.max(1, Math.min(10_000, Math.floor(first / 6))) : rest[0]!;
  const cut = valid === undefined ? first - held : first;
  const range = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);
  const about = valid === undefined ? "train and test as given, the end of train as validation set" : "splits as given";
  const parts = { train: range(0, cut), valid: range(cut, cut + held), test: range(cut + held, read.table.count) };
  return loaded(read, parts, `${name}: ${about}`);
}

const splitWish = ({ columns, splitBy }: TableOpenOptions): Wishes => ({
  ...columns,
  [splitBy!]: { kind: "categorical" },
});

/** Opens a published table with the columns its literature uses. */
export async function openNamedTable(entry: CatalogueEntry, files: Files, options: TableOpenOptions): Promise<Loaded> {
  if (options.randomRows !== undefined)
    throw new UsageError(
      `The table ${entry.name} is small: leave --random-rows out, or take its first rows by --rows.`,
    );
  return shuffled(await readNamedTable(entry, files, options), options.key, entry.title);
}

/** The rows of a published table as its file has them, with the columns its literature uses. */
export async function readNamedTable(entry: CatalogueEntry, files: Files, options: TableOptions): Promise<ReadTable> {
  const file = entry.files[0]!.path;
  const { label, ...usual } = tableColumns[entry.name] ?? {};
  const drop = [...(usual.drop ?? []), ...(options.drop ?? [])];
  const names = publishedNames[entry.name];
  return readTable(await files.need(file), entry.name, {
    header: usual.header ?? false,
    ...(names ? { names } : {}),
    ...options,
    ...(options.target === undefined && label !== undefined ? { target: label } : {}),
    ...(drop.length > 0 ? { drop } : {}),
  });
}

/** Rows shuffled by a key into 80, 10 and 10 %. */
function shuffled(read: Read, key: Key, name: string): Loaded {
  const { count } = read.table;
  if (count < 3)
    throw new DataError(
      `${count} ${count === 1 ? "row is" : "rows are"} too few to split into train, valid and test; 3 are the least.`,
    );
  const tenth = Math.max(1, Math.round(count / 10));
  const order = permutation(key, count);
  const end = count - 2 * tenth;
  const parts = {
    train: order.subarray(0, end),
    valid: order.subarray(end, end + tenth),
    test: order.subarray(end + tenth),
  };
  return loaded(read, parts, `${name}: rows shuffled by the seed into 80 / 10 / 10 %`);
}

/** Rows by what a column says, which then is no column of the table any more. */
function bySplitColumn(read: Read, splitBy: string, name: string): Loaded {
  const { table, target, store } = read;
  const place = findColumn(
    splitBy,
    table.columns.map((column) => column.name),
    name,
  );
  const { levels = [] } = table.columns[place]!;
  const parts: Record<SplitName, number[]> = { train: [], valid: [], test: [] };
  (store?.column(place) ?? table.values[place]!).forEach((level, row) => {
    const split = splitWords[(levels[level] ?? "").toLowerCase()];
    if (!split)
      throw new DataError(
        `${name}: the column "${splitBy}" says "${levels[level] ?? ""}" of a row; it must say train, valid or test.`,
      );
    parts[split].push(row);
  });
  const without = <T>(list: readonly T[]) => list.filter((_, i) => i !== place);
  const { columns, values, missing, count } = table;
  const rest: Table = { columns: without(columns), values: without(values), missing: without(missing), count };
  const moved = target === undefined ? {} : { target: target > place ? target - 1 : target };
  if (target === place) throw new UsageError(`The column "${splitBy}" cannot be both the target and the split.`);
  const { target: _, ...others } = read;
  return loaded({ ...others, table: rest, ...moved }, parts, `${name}: splits as its column "${splitBy}" says`, place);
}

function loaded(read: Read, parts: Record<SplitName, ArrayLike<number>>, about: string, without = -1): Loaded {
  const { table, target, gaps } = read;
  const { columns } = table;
  for (const name of splitNames)
    if (parts[name].length === 0) throw new DataError(`${about}: the ${name} split holds no row.`);
  const classes = target === undefined ? undefined : columns[target]!.levels;
  const spec: DataSpec = {
    shape: [columns.length],
    values: "table",
    columns,
    ...(target === undefined ? {} : { target }),
    ...(classes ? { classes } : {}),
  };
  const split = read.store
    ? storedSplits(read.store, parts, read.small, without)
    : (name: SplitName) => ({ count: parts[name].length, x: cellsOf(table, parts[name]) });
  const sizes = splitNames.map((name) => parts[name].length).join(" / ");
  const protocol = `${about} (${sizes}); ${kindsOf(columns)}${gapsOf(gaps)}.`;
  return { spec, splits: { train: split("train"), valid: split("valid"), test: split("test") }, protocol };
}

/** `4 real and 1 categorical columns`. */
function kindsOf(columns: readonly Column[]): string {
  const kinds = [...new Set(columns.map(({ kind }) => kind))];
  const parts = kinds.map((kind) => `${columns.filter((column) => column.kind === kind).length} ${kind}`);
  return `${parts.join(", ")} ${columns.length === 1 ? "column" : "columns"}`;
}

const gapsOf = (gaps: number) => (gaps === 0 ? "" : `, ${gaps.toLocaleString("en")} cells missing`);

/** The splits of rows on disk, which are brought into their order there. */
function storedSplits(
  store: RowStore,
  parts: Record<SplitName, ArrayLike<number>>,
  small: boolean,
  without: number,
): (name: SplitName) => Split {
  const order = new Uint32Array(splitNames.reduce((sum, name) => sum + parts[name].length, 0));
  const starts = { train: 0, valid: parts.train.length, test: parts.train.length + parts.valid.length };
  for (const name of splitNames) order.set(parts[name], starts[name]);
  if (order.length < store.count || order.some((row, i) => row !== i)) store.reorder(order);
  return (name) => {
    const { length } = parts[name];
    return {
      count: length,
      x: new Float64Array(),
      stored: store.part(starts[name], starts[name] + length, small, without),
    };
  };
}
