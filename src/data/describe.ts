import { sizeOf } from "../base/shape.ts";
import { catalogue } from "./catalogue.ts";
import { pieces } from "./cells-between.ts";
import { embeddedNames } from "./embedded.ts";
import { rowsOfSplit } from "./sequences.ts";
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
function describeColumns(columns: readonly Column[], split: Split): ColumnDescription[] {
  const width = columns.length;
  const found = columns.map(() => new Moments());
  const seen = columns.map(({ levels }) => levels?.map(() => 0));
  for (const { cells } of pieces(split, width))
    for (let i = 0; i < cells.length; i++) {
      const value = cells[i]!;
      if (Number.isNaN(value)) continue;
      const counts = seen[i % width];
      found[i % width]!.add(value);
      if (counts) counts[value]!++;
    }
  return columns.map(({ name, kind, levels }, i) => {
    const missing = split.count - found[i]!.count;
    if (!levels) return { name, kind, missing, ...found[i]!.figures() };
    return { name, kind, missing, counts: Object.fromEntries(levels.map((level, j) => [level, seen[i]![j]!])) };
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
  const columns = spec.columns && { described: describeColumns(spec.columns, rowsOfSplit(spec, splits.train)) };
  return { name, ...spec, dimensions: sizeOf(spec.shape), splits: byName, ...columns, protocol, hash };
}

function describeSplit(split: Split, { classes, shape }: DataSpec): SplitDescription {
  const { count, labels } = split;
  const all = new Moments();
  for (const { cells } of pieces(split, sizeOf(shape)))
    for (let i = 0; i < cells.length; i++) if (!Number.isNaN(cells[i])) all.add(cells[i]!);
  const range = all.figures();
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
class Moments {
  count = 0;
  private shift = 0;
  private min = Number.POSITIVE_INFINITY;
  private max = Number.NEGATIVE_INFINITY;
  private sum = 0;
  private squares = 0;

  add(value: number): void {
    if (this.count === 0) this.shift = value;
    this.count++;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    const off = value - this.shift;
    this.sum += off;
    this.squares += off * off;
  }

  figures(): Pick<SplitDescription, "min" | "max" | "mean" | "deviation"> {
    const { count, shift, min, max, sum, squares } = this;
    const mean = sum / count;
    return { min, max, mean: shift + mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)) };
  }
}
