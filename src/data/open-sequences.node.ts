import { totalmem } from "node:os";
import path from "node:path";
import { DataError, UsageError } from "../base/errors.ts";
import { permutation } from "../random/index.ts";
import type { Loaded } from "./named.ts";
import type { TableOpenOptions } from "./open-table.node.ts";
import { sibling } from "./paths.node.ts";
import { splitWords } from "./splits.ts";
import { type ReadSequences, readSequenceFiles, type SequenceFormat } from "./table/sequences.node.ts";
import { type DataSpec, type SplitName, splitNames } from "./types.ts";

/** Opens sequences of rows from a file, with those beside it that hold its test and validation sequences. */
export async function openSequences(
  file: string,
  { sequence }: SequenceFormat,
  { key, splitBy, ...options }: TableOpenOptions,
): Promise<Loaded> {
  if (options.target !== undefined)
    throw new UsageError("Models of sequences predict no column: leave the target out; it is a column as the others.");
  if (sequence === undefined && splitBy !== undefined)
    throw new UsageError("Where each row is a sequence, no column says its split: leave --split-by out.");
  const test = splitBy === undefined ? await sibling(file, ["test", "tes"]) : undefined;
  const valid = test === undefined ? undefined : await sibling(file, ["valid", "val", "validation"]);
  const files = [file, ...(valid === undefined ? [] : [valid]), ...(test === undefined ? [] : [test])];
  const format = { ...(sequence === undefined ? {} : { sequence }), ...(splitBy === undefined ? {} : { splitBy }) };
  const read = await readSequenceFiles(files, format, options);
  const [parts, how] = splitsOf(read, files.length, key, splitBy);
  const name = path.basename(file);
  for (const split of splitNames)
    if (parts[split].length === 0) throw new DataError(`${name}: the ${split} split holds no sequence.`);
  return loaded(read, parts, `${name}: ${how}`, sequence);
}

type Parts = Record<SplitName, readonly number[]>;

/** Which sequences belong to which split, and how that was decided. */
function splitsOf(
  { sequences }: ReadSequences,
  files: number,
  key: TableOpenOptions["key"],
  splitBy?: string,
): [Parts, string] {
  const all = sequences.map((_, i) => i);
  if (splitBy !== undefined) {
    const wordOf = (i: number) => {
      const word = sequences[i]!.split ?? "";
      const found = splitWords[word.toLowerCase()];
      if (found) return found;
      throw new DataError(
        `The column "${splitBy}" says "${word}" of the sequence "${sequences[i]!.name}"; it must say train, valid or test.`,
      );
    };
    const of = (split: SplitName) => all.filter((i) => wordOf(i) === split);
    return [{ train: of("train"), valid: of("valid"), test: of("test") }, `splits as its column "${splitBy}" says`];
  }
  const from = (place: number) => all.filter((i) => sequences[i]!.file === place);
  if (files === 3) return [{ train: from(0), valid: from(1), test: from(2) }, "splits as given"];
  if (files === 2) {
    const first = from(0);
    const cut = first.length - Math.max(1, Math.floor(first.length / 6));
    const about = "train and test as given, the end of train as validation set";
    return [{ train: first.slice(0, cut), valid: first.slice(cut), test: from(1) }, about];
  }
  const { length } = all;
  if (length < 3)
    throw new DataError(
      `${length} ${length === 1 ? "sequence is" : "sequences are"} too few to split into train, valid and test: 3 are the least; a long one may be cut, by a column that names its pieces.`,
    );
  const tenth = Math.max(1, Math.round(length / 10));
  const order = [...permutation(key, length)];
  const end = length - 2 * tenth;
  const parts = { train: order.slice(0, end), valid: order.slice(end, end + tenth), test: order.slice(end + tenth) };
  return [parts, "sequences shuffled by the seed into 80 / 10 / 10 %"];
}

function loaded(read: ReadSequences, parts: Parts, about: string, sequence?: string): Loaded {
  const { table, sequences } = read;
  const { columns } = table;
  const lengths = sequences.map(({ rows }) => rows.length);
  const [least, most] = lengths.reduce(([a, b], n) => [Math.min(a, n), Math.max(b, n)], [lengths[0]!, 0]);
  const bytes = 8 * sequences.length * most! * columns.length;
  if (bytes > 0.4 * totalmem())
    throw new DataError(
      `${sequences.length.toLocaleString("en")} sequences, the longest of ${most!.toLocaleString("en")} steps, need ${(bytes / 2 ** 30).toPrecision(2)} GiB, more than this machine's memory allows: cut the long ones.`,
    );
  const spec: DataSpec = {
    shape: [most!, columns.length],
    values: "sequences",
    columns,
    ...(sequence === undefined ? {} : { sequence }),
  };
  const split = (name: SplitName) => ({ count: parts[name].length, x: padded(read, parts[name], most!) });
  const sizes = splitNames.map((name) => parts[name].length).join(" / ");
  const long = least === most ? `${most}` : `${least} to ${most}`;
  const gaps = table.values.reduce(
    (sum, values) => sum + values.reduce((n, value) => n + Number(Number.isNaN(value)), 0),
    0,
  );
  const missing = gaps === 0 ? "" : `, ${gaps.toLocaleString("en")} cells missing`;
  const kinds = columns.map(({ name, kind }) => `${name} (${kind})`).join(", ");
  const protocol = `${about} (${sizes}), ${long} steps each of ${kinds}${missing}.`;
  return { spec, splits: { train: split("train"), valid: split("valid"), test: split("test") }, protocol };
}

/** Sequences one after the other, [n, T, columns], NaN beyond their end. */
function padded({ table, sequences }: ReadSequences, chosen: readonly number[], length: number): Float64Array {
  const width = table.columns.length;
  const x = new Float64Array(chosen.length * length * width).fill(Number.NaN);
  chosen.forEach((number, n) => {
    sequences[number]!.rows.forEach((row, t) => {
      for (let i = 0; i < width; i++) x[(n * length + t) * width + i] = table.values[i]![row]!;
    });
  });
  return x;
}
