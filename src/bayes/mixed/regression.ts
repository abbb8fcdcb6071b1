import { DataError } from "../../base/errors.ts";
import type { Table } from "../../data/table/types.ts";
import type { Regime } from "./mixed.ts";

/** Mean and standard deviation of a real column, by which it is standardised for arithmetic. */
export interface Scale {
  readonly mean: number;
  readonly deviation: number;
}

/** A real column with its parents, by the places of columns: real ones, and discrete ones, the last varying fastest. */
export interface Family {
  readonly child: number;
  readonly parents: readonly number[];
  readonly given: readonly number[];
}

/** Σ w u uᵀ for u = (1, real parents, child), standardised, row-major; one matrix for each regime of the discrete parents. */
export type Statistics = readonly Float64Array[];

/** Regressions of a family with the log-likelihood in nats of the rows they were fitted to, and their free parameters. */
export interface Fitted {
  readonly regimes: readonly Regime[];
  readonly logLikelihood: number;
  readonly parameters: number;
}

/** A share of variance below this is rounding: the child is constant, or follows exactly from its parents. */
const LEAST = 1e-11;

/** The scales of a table's real columns; undefined for other ones. Throws for a constant one. */
export function scalesOf({ columns, values }: Table): (Scale | undefined)[] {
  return columns.map(({ name, kind, levels }, i) => {
    if (levels || kind === "count") return undefined;
    const seen = values[i]!.filter((value) => !Number.isNaN(value));
    const mean = seen.reduce((sum, value) => sum + value, 0) / seen.length;
    const deviation = Math.sqrt(seen.reduce((sum, value) => sum + (value - mean) ** 2, 0) / seen.length);
    if (deviation > 1e-12 * Math.abs(mean)) return { mean, deviation };
    const what = seen.length === 0 ? "has no value" : "is constant";
    throw new DataError(
      `The column "${name}" ${what} in the rows to learn from, so no density fits it: leave it out with --drop.`,
    );
  });
}

/** Numbers of regimes: the product of the discrete parents' numbers of levels. */
export function regimesOf({ columns }: Pick<Table, "columns">, given: readonly number[]): number {
  return given.reduce((product, at) => product * columns[at]!.levels!.length, 1);
}

/** Statistics without any row. */
export function noStatistics(table: Pick<Table, "columns">, { parents, given }: Family): Float64Array[] {
  return Array.from({ length: regimesOf(table, given) }, () => new Float64Array((parents.length + 2) ** 2));
}

/** The statistics of the rows that lack no value of a family. */
export function statisticsOf(table: Table, scales: readonly (Scale | undefined)[], family: Family): Float64Array[] {
  const all = noStatistics(table, family);
  const { columns, values, count } = table;
  const given = family.given.map((at) => ({ own: values[at]!, width: columns[at]!.levels!.length }));
  const real = [...family.parents, family.child].map((at) => ({ own: values[at]!, ...scales[at]! }));
  const size = real.length + 1;
  const u = new Float64Array(size).fill(1);
  for (let i = 0; i < count; i++) {
    let regime = 0;
    for (const { own, width } of given) regime = regime * width + own[i]!;
    let known = !Number.isNaN(regime);
    for (let k = 1; k < size && known; k++) {
      const { own, mean, deviation } = real[k - 1]!;
      u[k] = (own[i]! - mean) / deviation;
      known = !Number.isNaN(u[k]);
    }
    if (!known) continue;
    const sums = all[regime]!;
    for (let a = 0; a < size; a++) for (let b = 0; b < size; b++) sums[a * size + b]! += u[a]! * u[b]!;
  }
  return all;
}

/** Least squares from statistics, in standardised units: intercept and coefficients, then the mean squared residual. */
function solved(sums: Float64Array): { readonly line: number[]; readonly variance: number } | undefined {
  const size = Math.sqrt(sums.length);
  const last = size - 1;
  const rows = sums[0]!;
  // A row for each parent and one for the child, centred; Gauss-Jordan leaves coefficients and the residual.
  const m = Array.from({ length: last }, (_, i) =>
    Array.from(
      { length: last },
      (__, j) => sums[(i + 1) * size + j + 1]! / rows - (sums[i + 1]! / rows) * (sums[j + 1]! / rows),
    ),
  );
  const pivots = m.map((row, i) => row[i]!);
  for (let k = 0; k < last - 1; k++) {
    const pivot = m[k]![k]!;
    if (!(pivot > LEAST && pivot > 1e-9 * pivots[k]!)) return undefined;
    for (let j = 0; j < last; j++) m[k]![j]! /= pivot;
    for (let i = 0; i < last; i++) {
      if (i === k) continue;
      const factor = m[i]![k]!;
      for (let j = 0; j < last; j++) m[i]![j]! -= factor * m[k]![j]!;
    }
  }
  const variance = m[last - 1]![last - 1]!;
  if (!(variance > LEAST)) return undefined;
  const coefficients = m.slice(0, -1).map((row) => row[last - 1]!);
  const intercept = coefficients.reduce((rest, b, i) => rest - (b * sums[i + 1]!) / rows, sums[last]! / rows);
  return { line: [intercept, ...coefficients], variance };
}

/** Σ w (child − line)² of statistics under some line. */
function squares(sums: Float64Array, line: readonly number[]): number {
  const weights = [...line.map((b) => -b), 1];
  return weights.reduce(
    (sum, a, i) => sum + weights.reduce((part, b, j) => part + a * b * sums[i * weights.length + j]!, 0),
    0,
  );
}

/**
 * The regressions of greatest likelihood: x = a + b·parents + noise by least squares in each regime. A regime with hardly
 * more rows than coefficients, or in which the child is constant or its parents hang together, takes the regression over
 * all rows. Undefined where that one does not exist either: the child follows exactly from its parents, or they from each
 * other.
 */
export function regressions(
  statistics: Statistics,
  family: Family,
  scales: readonly (Scale | undefined)[],
): Fitted | undefined {
  const pooled = statistics[0]!.map((_, at) => statistics.reduce((sum, each) => sum + each[at]!, 0));
  const common = solved(pooled);
  if (!common) return undefined;
  const { mean, deviation } = scales[family.child]!;
  const above = family.parents.map((at) => scales[at]!);
  let logLikelihood = 0;
  const regimes = statistics.map((sums): Regime => {
    const own = (sums[0]! > above.length + 2 && solved(sums)) || common;
    logLikelihood -=
      0.5 * (sums[0]! * Math.log(2 * Math.PI * own.variance * deviation ** 2) + squares(sums, own.line) / own.variance);
    const coefficients = above.map((scale, i) => (deviation * own.line[i + 1]!) / scale.deviation);
    const intercept = coefficients.reduce((rest, b, i) => rest - b * above[i]!.mean, mean + deviation * own.line[0]!);
    return { intercept, coefficients, variance: own.variance * deviation ** 2 };
  });
  return { regimes, logLikelihood, parameters: statistics.length * (above.length + 2) };
}
