import type { DataSpec } from "../../data/types.ts";
import type { LearntTable, Params } from "../contract.ts";
import { type CovarianceKind, type MixtureParams, mixtureParams } from "./components.ts";
import type { Layout } from "./layout.ts";

type Row = LearntTable["rows"][number];

/** Real numbers of an example up to which their means are told; of larger examples the weights alone are. */
const MOST_NUMBERS = 100;

/** The weights, and what each column is like in each component. */
export function learntTables(layout: Layout, kind: CovarianceKind, data: DataSpec, params: Params): LearntTable[] {
  const found = mixtureParams(params);
  const names = Array.from(found.weights.data, (_, k) => `component ${k + 1}`);
  const weights: LearntTable = { title: "Components", head: ["", ...names], rows: [["weight", ...found.weights.data]] };
  return [
    weights,
    ...numbers(layout, kind, data, found, names),
    ...counts(layout, data, found, names),
    ...levels(layout, data, found, names),
  ];
}

/** What a table calls a number of an example. */
const nameOf = ({ columns, shape }: DataSpec, place: number): string =>
  columns?.[place]?.name ?? (shape.length === 3 ? pixel(shape as [number, number, number], place) : `number ${place}`);

const pixel = ([, height, width]: readonly [number, number, number], place: number) =>
  `row ${Math.floor(place / width) % height}, column ${place % width}`;

/** Means and standard deviations of real numbers. */
function numbers(
  { reals }: Layout,
  kind: CovarianceKind,
  data: DataSpec,
  { means, covariances }: MixtureParams,
  names: readonly string[],
): LearntTable[] {
  const D = reals.length;
  if (!means || D > MOST_NUMBERS) return [];
  const rows = reals.flatMap((place, i): Row[] => {
    const name = nameOf(data, place);
    return [
      [`${name}, mean`, ...names.map((_, k) => means.data[k * D + i]!)],
      [`${name}, standard deviation`, ...names.map((_, k) => Math.sqrt(variance(kind, covariances!.data, D, k, i)))],
    ];
  });
  const note = "Within a component numbers vary together: correlations are not shown.";
  return [
    { title: "Numbers", head: ["column", ...names], rows, ...(kind === "full" || kind === "tied" ? { note } : {}) },
  ];
}

/** The variance of real number i in component k. */
function variance(kind: CovarianceKind, data: Float64Array, D: number, k: number, i: number): number {
  if (kind === "spherical") return data[k]!;
  if (kind === "diagonal") return data[k * D + i]!;
  return data[(kind === "full" ? k * D * D : 0) + i * (D + 1)]!;
}

/** Means of counts. */
function counts(layout: Layout, data: DataSpec, { rates }: MixtureParams, names: readonly string[]): LearntTable[] {
  if (!rates) return [];
  const C = layout.counts.length;
  const rows = layout.counts.map(
    (place, i): Row => [nameOf(data, place), ...names.map((_, k) => rates.data[k * C + i]!)],
  );
  return [{ title: "Counts", head: ["mean", ...names], rows, note: "Given the component a count is Poisson." }];
}

/** p(level | component). */
function levels(layout: Layout, data: DataSpec, found: MixtureParams, names: readonly string[]): LearntTable[] {
  const rows = layout.levels.flatMap(({ place, size }, i): Row[] => {
    const { name, levels: own } = data.columns![place]!;
    return Array.from({ length: size }, (_, v) => [
      `${name} = ${own?.[v] ?? v}`,
      ...names.map((__, k) => found.levels![i]!.data[k * size + v]!),
    ]);
  });
  return rows.length === 0 ? [] : [{ title: "Levels", head: ["p(level given component)", ...names], rows }];
}
