import { UsageError } from "../base/errors.ts";
import { catalogue } from "../data/catalogue.ts";
import { embeddedNames } from "../data/embedded.ts";
import { type Binarization, binarizations } from "../data/encoding.ts";
import { openDataset } from "../data/open.node.ts";
import type { OpenDeps, OpenOptions } from "../data/open-options.node.ts";
import { isTableFile } from "../data/open-table.node.ts";
import type { Tokenizer } from "../data/text/index.ts";
import type { Dataset } from "../data/types.ts";
import type { ModelEntry } from "../models/contract.ts";
import type { TrainingData } from "../training/index.ts";
import type { OptionSpec } from "./command.ts";
import type { Reporter } from "./output/index.ts";
import { realNumber, wholeNumber, words } from "./parse.ts";

/** Options every command that opens data takes. */
export const dataOptions: readonly OptionSpec[] = [
  { flags: "--binarize <how>", description: "make bytes binary", choices: binarizations },
  { flags: "--size <pixels>", description: "bring images to this height and width", parse: wholeNumber(1) },
  { flags: "--target <column>", description: 'the column of a table to predict, by name or number; "none"' },
  { flags: "--label <column>", description: "the same as --target" },
  { flags: "--drop <columns>", description: "columns of a table to leave out", parse: words },
  {
    flags: "--columns <kinds>",
    description: "what columns hold: age:count,size:ordinal(S|M|L),*:real, or a schema file (.json)",
  },
  { flags: "--rows <number>", description: "only the first so many rows of a table", parse: wholeNumber(3) },
  {
    flags: "--random-rows <number>",
    description: "only so many rows of a table, drawn by the seed",
    parse: wholeNumber(3),
  },
  {
    flags: "--memory <GiB>",
    description: "memory a table may take before its rows are kept on disk (40 % of this machine's)",
    parse: realNumber(0.001),
  },
  { flags: "--split-by <column>", description: "the column that says train, valid or test" },
  {
    flags: "--sequence <column>",
    description: "the column that says which rows are the steps of one sequence, in their order",
  },
  { flags: "--sequence-rows", description: "take each row of a file as a sequence of its cells, of any length" },
  { flags: "--table", description: "take data as a table of typed columns, as models of tables do" },
  { flags: "--standardize", description: "give real numbers mean 0 and standard deviation 1" },
  { flags: "--tokenizer <how>", description: "how text becomes tokens: char (unless given), byte, bpe:N, or a file" },
  { flags: "--context <tokens>", description: "tokens a model of text looks back on (64)", parse: wholeNumber(1) },
  { flags: "--lines", description: "read text line by line, each an example of its own" },
  {
    flags: "--data-seed <number>",
    description: "seed of shuffled splits and static binarisation",
    parse: wholeNumber(0),
  },
];

/** What data was opened with: goes into manifests, so that the same data can be opened again. */
export interface DataSource {
  readonly data: string;
  readonly options: OpenOptions;
}

/** The part of a command line that says which data; `usual` is how text is cut where it does not say. */
export function dataSource(
  data: string,
  options: Readonly<Record<string, unknown>>,
  usual?: OpenOptions["usual"],
  tables = false,
): DataSource {
  const { binarize, size, drop, standardize, tokenizer, context, lines, dataSeed } = options;
  const text = { tokenizer, context, lines, usual: tables ? undefined : usual };
  const given = { binarize, size, ...tableOptionsOf(options, tables), drop, standardize, ...text, seed: dataSeed };
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return { data, options: Object.fromEntries(entries) as OpenOptions };
}

/**
 * Whether models take data as a table: where one of them models nothing else, or where all take tables too and the data is
 * one by its file, its name, or the options that were given.
 */
export async function opensTable(
  entries: readonly ModelEntry[],
  data: string,
  { table, columns, rows, randomRows, splitBy, sequence, sequenceRows }: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  if (entries.some(({ tables }) => tables === true)) return true;
  if (sequence !== undefined || sequenceRows === true) return true;
  if (!entries.every(({ tables }) => tables === "also") || embeddedNames.includes(data)) return false;
  if ([table, columns, rows, randomRows, splitBy].some((given) => given !== undefined)) return true;
  const named = catalogue.find(({ name }) => name === data);
  return named ? named.layout === "table" : isTableFile(data);
}

/** Options of tables that reach the reader as they are. */
const tableOptions = ["columns", "rows", "randomRows", "memory", "splitBy", "sequence", "sequenceRows"] as const;

/** What is said of a table; the older word --label is --target. */
function tableOptionsOf(options: Readonly<Record<string, unknown>>, tables: boolean) {
  const { target, label, table } = options;
  if (target !== undefined && label !== undefined && target !== label)
    throw new UsageError("--label is the same as --target: leave one of them out.");
  return {
    ...Object.fromEntries(tableOptions.map((name) => [name, options[name]])),
    target: target ?? label,
    table: tables || table === true ? true : undefined,
  };
}

/** Names of the options that say which data, as they reach a command. */
export const dataOptionNames = [
  ...[
    "binarize",
    "size",
    "target",
    "label",
    "drop",
    "columns",
    "rows",
    "randomRows",
    "memory",
    "splitBy",
    "sequence",
    "sequenceRows",
    "table",
    "standardize",
  ],
  ...["tokenizer", "context", "lines", "dataSeed"],
] as const;

/** The generated data set opened last: a tour's commands use the same one after the other. */
let generated: { readonly source: string; readonly dataset: Dataset } | undefined;

async function open({ data, options }: DataSource, deps: OpenDeps): Promise<Dataset> {
  if (!embeddedNames.includes(data)) return openDataset(data, options, deps);
  const source = JSON.stringify([data, options]);
  if (generated?.source !== source) generated = { source, dataset: await openDataset(data, options, deps) };
  return generated.dataset;
}

/** Opens data, with the tokeniser of a run where it has one, and says how its bytes reach the model. */
export async function openData(
  { data, options }: DataSource,
  out: Reporter,
  tokenizer?: Tokenizer,
): Promise<TrainingData> {
  const onProgress = (label: string, done: number, total: number) =>
    out.progress({ label, ...(total > 0 ? { fraction: done / total } : {}) });
  const dataset = await open({ data, options }, { onProgress, ...(tokenizer ? { tokenizer } : {}) });
  const dynamic = options.binarize === "dynamic" && dataset.spec.values === "bytes";
  return { dataset, encoding: dynamic ? { binarize: "dynamic" as Binarization } : {} };
}
