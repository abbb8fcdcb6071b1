import { stat } from "node:fs/promises";
import { DataError, UsageError } from "../base/errors.ts";
import { fold, key } from "../random/index.ts";
import { catalogue } from "./catalogue.ts";
import { embeddedNames } from "./embedded.ts";
import { complete } from "./open-finished.node.ts";
import { baseName, exists, filesOf, unknown } from "./open-named.node.ts";
import type { OpenDeps, OpenOptions } from "./open-options.node.ts";
import { openSequences } from "./open-sequences.node.ts";
import {
  isTableFile,
  openNamedTable,
  openTableFile,
  readNamedTable,
  type TableOpenOptions,
  wishesOf,
} from "./open-table.node.ts";
import { refuseTextOptions } from "./open-text.node.ts";
import { readTableFiles } from "./table/read.node.ts";
import type { Table } from "./table/types.ts";
import { asTable } from "./table/views.ts";
import type { Dataset } from "./types.ts";

/** Anything that has rows as a table: files of tables, named ones, and examples of every other kind as `openPlain` opens them. */
export async function openAsTable(
  name: string,
  options: OpenOptions,
  deps: OpenDeps,
  openPlain: (options: OpenOptions) => Promise<Dataset>,
): Promise<Dataset> {
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
    key: fold(key(options.seed ?? 0), "split"),
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
  const whole = await openPlain(plain);
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
