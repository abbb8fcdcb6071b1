import { sizeOf } from "../base/shape.ts";
import { catalogue } from "./catalogue.ts";
import { embeddedNames } from "./embedded.ts";
import type { Column, ColumnKind } from "./table/types.ts";
import { type DataSpec, type Dataset, type Split, type SplitName, splitNames } from "./types.ts";

/** A data set that can be opened by name. */
export interface DatasetListing {
  readonly name: string;
  readonly title: string;
  /** `generated` needs no file, `download` is fetched when asked for, `local` must be put below SAMPO_DATA. */
  readonly source: "generated" | "download" | "local";
  readonly licence: string;
  /** Bytes to fetch; 0 for generated sets. */
  readonly bytes: number;
}

/** Every data set that can be opened by name, generated ones first. */
export function listDatasets(): DatasetListing[] {
  const generated = embeddedNames.map((name) => ({
    name,
    title: generatedTitle(name),
    source: "generated" as const,
    licence: "none needed",
    bytes: 0,
  }));
  const published = catalogue.map(({ name, title, licence, files }) => {
    const needed = files.filter((file) => !file.optional);
    const source = needed.every((file) => file.urls.length > 0) ? ("download" as const) : ("local" as const);
    return { name, title, source, licence, bytes: needed.reduce((sum, file) => sum + file.bytes, 0) };
  });
  return [...generated, ...published];
}

function generatedTitle(name: string): string {
  if (name === "table") return "Generated table: six columns of every kind, some cells missing, a class to predict";
  if (name.startsWith("toy:")) return `Generated points in the plane (${name.slice(4)})`;
  const [kind, style] = name.split("-");
  return `Generated ${kind === "digits" ? "stroke-drawn digits" : kind}${style === undefined ? ", grey" : `, ${style}`}`;
}

/** What one split holds. */
interface SplitDescription {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deviation: number;
  /** Number of examples of each class, by the class's name. */
  readonly classCounts?: Readonly<Record<string, number>>;
}

/** What a column of a table holds in the training rows. */
export interface ColumnDescription {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly missing: number;
  /** Rows of each level, for columns with levels. */
  readonly counts?: Readonly<Record<string, number>>;
  /** For numbers. */
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
  readonly deviation?: number;
}

/** What every column of a table holds. */
function describeColumns(columns: readonly Column[], { x, count }: Split): ColumnDescription[] {
  return columns.map(({ name, kind, levels }, i) => {
    const all = Float64Array.from({ length: count }, (_, n) => x[n * columns.length + i]!);
    const known = all.filter((value) => !Number.isNaN(value));
    const missing = count - known.length;
    if (!levels) return { name, kind, missing, ...moments(known) };
    const seen = levels.map(() => 0);
    for (const level of known) seen[level]!++;
    return { name, kind, missing, counts: Object.fromEntries(levels.map((level, j) => [level, seen[j]!])) };
  });
}

/** What a data set holds, for people and as JSON. */
export interface DatasetDescription extends DataSpec {
  readonly name: string;
  readonly protocol: string;
  readonly hash: string;
  /** Numbers in one example. */
  readonly dimensions: number;
  readonly splits: Readonly<Record<SplitName, SplitDescription>>;
  /** The columns of a table, in the training rows. */
  readonly described?: readonly ColumnDescription[];
}

/** Counts, shape, range, mean, standard deviation and class counts of a data set, split by split. */
export function describeDataset({ name, spec, splits, protocol, hash }: Dataset): DatasetDescription {
  const described = splitNames.map((split) => [split, describeSplit(splits[split], spec)] as const);
  const byName = Object.fromEntries(described) as Record<SplitName, SplitDescription>;
  const columns = spec.columns && { described: describeColumns(spec.columns, splits.train) };
  return { name, ...spec, dimensions: sizeOf(spec.shape), splits: byName, ...columns, protocol, hash };
}

function describeSplit({ count, x, labels }: Split, { classes }: DataSpec): SplitDescription {
  const range = moments(x);
  if (!labels) return { count, ...range };
  const names = classes ?? [];
  const classCounts: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
  for (const label of labels) {
    const name = names[label] ?? String(label);
    classCounts[name] = (classCounts[name] ?? 0) + 1;
  }
  return { count, ...range, classCounts };
}

/** Range and moments in one pass; the mean is shifted by the first number, which keeps float64 sums exact enough. */
function moments(x: Split["x"]): Pick<SplitDescription, "min" | "max" | "mean" | "deviation"> {
  const shift = x.find((value) => !Number.isNaN(value)) ?? 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!;
    if (Number.isNaN(value)) continue;
    count++;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value - shift;
    squares += (value - shift) ** 2;
  }
  const mean = sum / count;
  return { min, max, mean: shift + mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)) };
}
