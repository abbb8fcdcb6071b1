import { UsageError } from "../../base/errors.ts";
import { sizeOf } from "../../base/shape.ts";
import type { DataSpec } from "../../data/types.ts";
import { levelsOf, needKinds, requireTable } from "../tables.ts";
import { type VectorSpace, vectorSpace } from "../vectors.ts";

/** Where real numbers, levels and counts stand in an example. */
export interface Layout {
  readonly width: number;
  readonly reals: readonly number[];
  readonly levels: readonly { readonly place: number; readonly size: number }[];
  readonly counts: readonly number[];
  /** What an error message calls a place, and what to do about it. */
  label(place: number): string;
  readonly cure: string;
  /** The space of examples that are vectors; none for tables. */
  readonly space?: VectorSpace;
}

/** The layout of a table's columns, or of vectors, whose numbers are all real. */
export function layoutOf(name: string, data: DataSpec, { counts }: { readonly counts: boolean }): Layout {
  if (data.values !== "table") {
    if (counts) throw new UsageError(`${name} models rows of a table, and this data holds ${data.values} numbers.`);
    const space = vectorSpace(name, data, { density: true });
    const reals = Array.from({ length: sizeOf(data.shape) }, (_, i) => i);
    return { width: reals.length, reals, levels: [], counts: [], label: space.label, cure: space.cure, space };
  }
  const { columns } = requireTable(data, name);
  if (!counts) needKinds(name, columns, ["real", "categorical", "ordinal"]);
  const places = (wanted: string) => columns.flatMap(({ kind }, i) => (kind === wanted ? [i] : []));
  const reals = places("real");
  if (!counts && reals.length === 0)
    throw new UsageError(`${name} needs a real column, and this table has none: take categorical-mixture.`);
  return {
    width: columns.length,
    reals,
    levels: columns.flatMap((column, place) => (column.levels ? [{ place, size: levelsOf(column) }] : [])),
    counts: places("count"),
    label: (place) => `The column "${columns[place]!.name}"`,
    cure: "leave it out with --drop",
  };
}
