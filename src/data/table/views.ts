import { UsageError } from "../../base/errors.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Parts } from "../splits.ts";
import { type DataSpec, type Split, splitNames } from "../types.ts";
import type { Column, ColumnKind } from "./types.ts";
import { findColumn, type Wishes, wishesFor } from "./wishes.ts";

const kinds: Readonly<Record<"binary" | "bytes" | "real", ColumnKind>> = {
  binary: "categorical",
  bytes: "count",
  real: "real",
};

/** What a table is asked for besides its columns. */
interface ViewOptions {
  readonly columns?: Wishes;
  readonly target?: string;
  readonly drop?: readonly string[];
}

/**
 * Examples of any shape as rows of a table: columns x1, x2, … (zeros and ones categorical, bytes 0 to 255 counts, other
 * numbers real) and, where there are labels, a last column `class`, the target unless another one or none is named.
 */
export function asTable({ spec, splits }: Parts, where: string, options: ViewOptions = {}): Parts {
  const { values, classes } = spec;
  if (values === "table") return { spec, splits };
  if (values === "tokens") throw new UsageError(`${where} is text, not a table.`);
  if (values === "sequences")
    throw new UsageError(`${where} holds sequences of rows: leave the sequence out to take rows one by one.`);
  const size = sizeOf(spec.shape);
  const labelled = classes !== undefined && splitNames.every((name) => splits[name].labels);
  const names = Array.from({ length: size }, (_, i) => `x${i + 1}`);
  if (labelled) names.push("class");
  const wishes = wishesFor(options.columns ?? {}, names, where);
  const all = names.map((name, i): Column => {
    if (i === size) return { name, kind: "categorical", levels: classes! };
    return columnOf(name, kinds[values], wishes[i]?.kind, where);
  });
  const dropped = new Set((options.drop ?? []).map((name) => findColumn(name, names, where)));
  const { target: wanted = labelled ? "class" : "none" } = options;
  if (labelled && wanted === "none") dropped.add(size);
  const kept = names.map((_, i) => i).filter((i) => !dropped.has(i));
  const place = wanted === "none" ? -1 : kept.indexOf(findColumn(wanted, names, where));
  const columns = kept.map((i) => all[i]!);
  const levels = columns[place]?.levels;
  const table: DataSpec = {
    shape: [columns.length],
    values: "table",
    columns,
    ...(place < 0 ? {} : { target: place }),
    ...(levels ? { classes: levels } : {}),
  };
  const plain = dropped.size === 0 && !labelled;
  const rows = (split: Split) => (plain ? split : { count: split.count, x: picked(split, size, kept) });
  return { spec: table, splits: { train: rows(splits.train), valid: rows(splits.valid), test: rows(splits.test) } };
}

function columnOf(name: string, natural: ColumnKind, wished: ColumnKind | undefined, where: string): Column {
  const kind = wished ?? natural;
  const rank = (one: ColumnKind) => ["categorical", "ordinal", "count", "real"].indexOf(one);
  if (rank(kind) < rank(natural) && natural !== "categorical")
    throw new UsageError(`The column ${name} of ${where} holds ${natural} numbers and has no levels.`);
  return kind === "categorical" || kind === "ordinal" ? { name, kind, levels: ["0", "1"] } : { name, kind };
}

/** The chosen columns of every example; the place `size` is the label. */
function picked({ x, count, labels, stride }: Split, size: number, kept: readonly number[]): Uint8Array | Float64Array {
  const small = x instanceof Uint8Array && (labels?.every((label) => label < 256) ?? true);
  const rows = small ? new Uint8Array(count * kept.length) : new Float64Array(count * kept.length);
  for (let n = 0, at = 0; n < count; n++)
    for (const i of kept) rows[at++] = i === size ? labels![n]! : x[n * (stride ?? size) + i]!;
  return rows;
}
