import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import path from "node:path";
import { DataError, UsageError } from "../base/errors.ts";
import { unknownName } from "../base/suggest.ts";
import { fold, type Key, key } from "../random/index.ts";
import type { Found } from "./arrays.ts";
import { type CatalogueEntry, catalogue } from "./catalogue.ts";
import type { DownloadOptions } from "./download.node.ts";
import { embedded, embeddedNames } from "./embedded.ts";
import { type Binarization, binarizeOnce, checkEncoding } from "./encoding.ts";
import { type Environment, fetchFile, locate, readCatalogueFile, readContent } from "./files.node.ts";
import { type Hasher, hashContents } from "./hash.ts";
import { type Files, type Loaded, loadNamed } from "./named.ts";
import { openSequences } from "./open-sequences.node.ts";
import {
  isTableFile,
  openNamedTable,
  openTableFile,
  readNamedTable,
  type TableOpenOptions,
  wishesOf,
} from "./open-table.node.ts";
import { openNamedText, openText, refuseForText, refuseTextOptions } from "./open-text.node.ts";
import { readPath } from "./paths.node.ts";
import { givenSplits, randomSplits, standardized } from "./splits.ts";
import { readTableFiles } from "./table/read.node.ts";
import type { Table } from "./table/types.ts";
import { asTable } from "./table/views.ts";
import type { Tokenizer } from "./text/index.ts";
import { isText } from "./text.node.ts";
import type { Dataset, SplitName } from "./types.ts";

/** How to open a data set; what does not apply to it is refused. */
export interface OpenOptions {
  /** `static` and `threshold` are applied here; `dynamic` leaves bytes, and is drawn when batches are made. */
  readonly binarize?: Binarization;
  /** Decides shuffled splits and static binarisation; 0 unless given. */
  readonly seed?: number;
  /** Height and width to bring the images of a folder to, or of a set that comes in several sizes. */
  readonly size?: number;
  /** The column of a table to be predicted (its labels), by name or number; "none" when it has none. */
  readonly target?: string;
  /** An older word for target, as runs of earlier versions have it. */
  readonly label?: string;
  /** Takes data as rows of a table of typed columns with gaps, as models of tables do. */
  readonly table?: boolean;
  /** Kinds of columns of such a table, `age:count,size:ordinal(S|M|L),*:real`, or a schema file. */
  readonly columns?: string;
  /** Only the first so many rows of a table. */
  readonly rows?: number;
  /** Only so many rows of a table, drawn by the seed. */
  readonly randomRows?: number;
  /** GiB of memory that a table may take before its rows are kept on disk; 40 % of the machine's unless given. */
  readonly memory?: number;
  /** The column that says which split a row belongs to: train, valid or test. */
  readonly splitBy?: string;
  /** The column of a table that says which rows are the steps of one sequence, in their order. */
  readonly sequence?: string;
  /** Takes each row of a file as a sequence of its cells, of any length. */
  readonly sequenceRows?: boolean;
  /** Columns of a table to leave out, by name or number. */
  readonly drop?: readonly string[];
  /** Gives real numbers mean 0 and standard deviation 1 by the statistics of train. */
  readonly standardize?: boolean;
  /** How text becomes tokens: `char` (unless given), `byte`, `bpe:N`, or the path of a tokenizer.json or of GPT-2's files. */
  readonly tokenizer?: string;
  /** Tokens a model of text looks back on; 64 unless given. */
  readonly context?: number;
  /** Reads text line by line, each line an example of its own. */
  readonly lines?: boolean;
  /** What holds for text, and for nothing else, where the options say nothing: what a preset wants. */
  readonly usual?: { readonly tokenizer?: string; readonly context?: number };
  /** Number of examples in each split of a generated set. */
  readonly counts?: Readonly<Partial<Record<SplitName, number>>>;
}

/** What opening a data set takes from its surroundings. */
export interface OpenDeps {
  readonly env?: Environment;
  readonly download?: DownloadOptions;
  /** Called while images are read or files fetched. */
  readonly onProgress?: (what: string, done: number, total: number) => void;
  /** The tokeniser to use instead of making one: that of a run. */
  readonly tokenizer?: Tokenizer;
}

/** Opens a data set by its name, or from a path to a folder of images or to an IDX, NPY, NPZ, CSV or CIFAR file. */
export async function openDataset(
  nameOrPath: string,
  { label, ...given }: OpenOptions = {},
  deps: OpenDeps = {},
): Promise<Dataset> {
  const target = given.target ?? label;
  const options: OpenOptions = target === undefined ? given : { ...given, target };
  const seed = key(options.seed ?? 0);
  if (options.table || options.sequence !== undefined || options.sequenceRows)
    return openAsTable(nameOrPath, options, deps, seed);
  refuseTableOptions(nameOrPath, options);
  if (embeddedNames.includes(nameOrPath)) return finish(nameOrPath, generate(nameOrPath, options), options, seed);
  if (options.counts)
    throw new UsageError(`Only generated data sets have any number of examples; leave counts out for ${nameOrPath}.`);
  const entry = catalogue.find(({ name }) => name === nameOrPath);
  if (entry?.layout === "text") {
    refuseForText(nameOrPath, options);
    return finish(nameOrPath, await openNamedText(entry, filesOf(entry, deps), options, deps), options, seed);
  }
  if (entry) {
    refuseTextOptions(nameOrPath, options);
    refuseColumns(nameOrPath, options);
    const { size, standardize } = options;
    const wanted = {
      key: seed,
      ...(size !== undefined && { size }),
      ...(standardize !== undefined && { standardize }),
    };
    return finish(nameOrPath, await loadNamed(entry, filesOf(entry, deps), wanted), options, seed);
  }
  if (!(await exists(nameOrPath))) throw new UsageError(unknown(nameOrPath));
  if (options.target === undefined && options.drop === undefined && (await isText(nameOrPath))) {
    refuseForText(nameOrPath, options);
    return finish(baseName(nameOrPath), await openText(nameOrPath, options, deps), options, seed);
  }
  refuseTextOptions(nameOrPath, options);
  const found = await readPath(nameOrPath, pathOptions(options, deps));
  const loaded = splitFound(found, nameOrPath, seed);
  return finish(baseName(nameOrPath), options.standardize ? scaled(loaded) : loaded, options, seed);
}

function generate(name: string, options: OpenOptions): Loaded {
  refuseColumns(name, options);
  refuseTextOptions(name, options);
  const { seed, size, counts, standardize } = options;
  const data = embedded(name, {
    ...(seed !== undefined && { seed }),
    ...(size !== undefined && { size }),
    ...(counts && { counts }),
  });
  return standardize ? scaled(data) : data;
}

function refuseColumns(name: string, { target, drop }: OpenOptions): void {
  if (target !== undefined || drop !== undefined)
    throw new UsageError(`The columns of the data set ${name} are fixed; leave target and drop out.`);
}

function refuseTableOptions(name: string, { columns, rows, randomRows, memory, splitBy }: OpenOptions): void {
  const told = { columns, rows, "random-rows": randomRows, memory, "split-by": splitBy };
  const given = Object.entries(told).find(([, value]) => value !== undefined);
  if (given)
    throw new UsageError(
      `Only models of tables read ${name} with --${given[0]}; other models: leave it out (or add --table).`,
    );
}

/** Anything that has rows as a table: files of tables, named ones, and examples of every other kind as they are. */
async function openAsTable(name: string, options: OpenOptions, deps: OpenDeps, seed: Key): Promise<Dataset> {
  refuseTextOptions(name, options);
  if (options.binarize ?? options.standardize)
    throw new UsageError("Models of tables take columns as they are: leave binarize and standardize out.");
  const view = {
    ...(options.columns === undefined ? {} : { columns: await wishesOf(options.columns) }),
    ...(options.target === undefined ? {} : { target: options.target }),
    ...(options.drop && { drop: options.drop }),
  };
  const entry = catalogue.find((one) => one.name === name);
  const how = {
    ...view,
    ...options,
    columns: view.columns,
    key: fold(seed, "split"),
    ...(deps.onProgress && { onProgress: deps.onProgress }),
  } as TableOpenOptions;
  if (options.rows !== undefined && options.randomRows !== undefined)
    throw new UsageError("--rows and --random-rows exclude each other: the first rows, or rows drawn from all.");
  const shown = embeddedNames.includes(name) ? name : entry ? entry.name : baseName(name);
  const { sequence, sequenceRows } = options;
  if (sequence !== undefined || sequenceRows) {
    if (sequence !== undefined && sequenceRows)
      throw new UsageError("Sequences are rows with one value in a column, or rows as they are: say only one of both.");
    if (entry || embeddedNames.includes(name)) throw new UsageError(`Sequences are read from files; ${name} is none.`);
    if (!(await exists(name))) throw new UsageError(unknown(name));
    const format = sequence === undefined ? {} : { sequence };
    return complete(shown, await openSequences(name, format, how), undefined);
  }
  if (entry?.layout === "table")
    return complete(shown, await openNamedTable(entry, filesOf(entry, deps), how), undefined);
  const isFile = !embeddedNames.includes(name) && !entry;
  if (isFile && !(await exists(name))) throw new UsageError(unknown(name));
  if (isFile && (await isTableFile(name))) return complete(shown, await openTableFile(name, how), undefined);
  const { columns: _, target: __, drop: ___, table: ____, ...plain } = options;
  const whole = await openDataset(name, plain, deps);
  return complete(shown, asTable(whole, name, view), whole.protocol);
}

/** All rows of a published table or of a file of a table, in their order, in memory. */
export async function readWholeTable(
  name: string,
  { columns, drop }: Pick<OpenOptions, "columns" | "drop">,
  deps: OpenDeps = {},
): Promise<Table> {
  const options = { ...(columns === undefined ? {} : { columns: await wishesOf(columns) }), ...(drop && { drop }) };
  const entry = catalogue.find((one) => one.name === name);
  if (entry?.layout === "table") return (await readNamedTable(entry, filesOf(entry, deps), options)).table;
  if (entry || embeddedNames.includes(name))
    throw new UsageError(`The data set ${name} is no table: give a table's file, or its name as sampo data lists it.`);
  if (!(await exists(name))) throw new UsageError(unknown(name));
  if ((await stat(name)).isDirectory()) throw new UsageError(`${name} is a folder; give a file of a table.`);
  const { onProgress } = deps;
  const { table, store } = await readTableFiles([name], { ...options, ...(onProgress ? { onProgress } : {}) });
  if (!store) return table;
  throw new DataError(`The table ${name} does not fit into the memory of this machine: leave columns or rows out.`);
}

const exists = (file: string) =>
  stat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== "ENOENT" && error.code !== "ENOTDIR",
  );

function unknown(word: string): string {
  if (/[/\\.]/.test(word)) return `There is no file or folder ${word}; check the path.`;
  return `${unknownName("data set", word, knownNames())} A path to a file or folder works as well.`;
}

function knownNames(): string[] {
  return [...embeddedNames, ...catalogue.map(({ name }) => name)];
}

const baseName = (file: string) => path.basename(path.resolve(file)) || file;

function pathOptions({ size, target, drop }: OpenOptions, { onProgress }: OpenDeps) {
  return {
    ...(size !== undefined && { size }),
    ...(target !== undefined && { label: target }),
    ...(drop && { drop }),
    ...(onProgress && { onProgress: (done: number, total: number) => onProgress("reading images", done, total) }),
  };
}

/** The files of a named set: from SAMPO_DATA, else the cache, else downloaded into the cache. */
function filesOf(entry: CatalogueEntry, { env = process.env, download = {}, onProgress }: OpenDeps): Files {
  const known = (file: string) => entry.files.find((one) => one.path === file);
  const find = async (file: string) => {
    const listed = known(file);
    if (listed) return readCatalogueFile(listed, env);
    const found = await locate({ path: file }, env);
    return found === undefined ? undefined : readContent(found);
  };
  const need = async (file: string) => {
    const present = await find(file);
    if (present) return present;
    const report = onProgress && ((done: number, total: number) => onProgress(`fetching ${file}`, done, total));
    await fetchFile(entry, known(file)!, env, { ...(report && { onProgress: report }), ...download });
    return (await find(file))!;
  };
  return { find, need };
}

function splitFound(found: Found, where: string, seed: Key): Loaded {
  const name = baseName(where);
  if (!("all" in found)) {
    const parts = givenSplits(found, where);
    const valid = found.valid ? "and valid as given" : "as given, the end of train as validation set";
    return { ...parts, protocol: `${name}: train and test ${valid}.` };
  }
  const parts = randomSplits(found.all, fold(seed, "split"));
  const { train, valid, test } = parts.splits;
  const protocol = `${name}: shuffled by the seed into ${train.count} / ${valid.count} / ${test.count} (80 / 10 / 10 %).`;
  return { ...parts, protocol };
}

function scaled(loaded: Loaded): Loaded {
  if (loaded.spec.values !== "real")
    throw new UsageError(
      `Only real numbers can be standardised and this data is ${loaded.spec.values}: leave standardize out.`,
    );
  return {
    ...standardized(loaded),
    protocol: `${loaded.protocol.slice(0, -1)}, standardised with the statistics of train.`,
  };
}

const binarizationNotes: Readonly<Record<Binarization, string>> = {
  static: "Binarised once: each pixel drawn by the seed from Bernoulli(value/255).",
  dynamic: "Binarised dynamically: each use draws every pixel from Bernoulli(value/255).",
  threshold: "Binarised by threshold: 1 where the value is at least 128.",
};

/** What was loaded, with the tokeniser where it is text. */
type LoadedAny = Loaded & { readonly tokenizer?: Tokenizer };

function finish(name: string, loaded: LoadedAny, options: OpenOptions, seed: Key): Dataset {
  const { binarize } = options;
  checkSplits(name, loaded);
  if (!binarize || loaded.spec.values === "binary") return complete(name, loaded, loaded.protocol);
  checkEncoding(loaded.spec, { binarize });
  const protocol = `${loaded.protocol} ${binarizationNotes[binarize]}`;
  if (binarize === "dynamic") return complete(name, loaded, protocol);
  return complete(name, binarizeOnce(loaded, binarize, fold(seed, "binarize")), protocol);
}

function checkSplits(name: string, { splits }: Pick<Dataset, "splits">): void {
  for (const [split, { count }] of Object.entries(splits))
    if (count === 0) throw new DataError(`The ${split} split of ${name} holds no example.`);
}

function complete(
  name: string,
  parts: Pick<Dataset, "spec" | "splits" | "tokenizer"> & { readonly protocol?: string },
  protocol = parts.protocol ?? "",
): Dataset {
  const { spec, splits, tokenizer } = parts;
  const hash = hashContents({ spec, splits }, nativeHasher());
  return { name, spec, splits, protocol, hash, ...(tokenizer && { tokenizer }) };
}

function nativeHasher(): Hasher {
  const hash = createHash("sha256");
  return { update: (bytes) => hash.update(bytes), hex: () => hash.digest("hex") };
}
