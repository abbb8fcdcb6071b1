import { DataError, UsageError } from "../../base/errors.ts";
import type { Table } from "../../data/table/types.ts";
import { countLaw } from "../../probability/univariate/count.ts";
import { fit } from "../../probability/univariate/index.ts";

/** The laws that count columns may take: the variance above the mean as it is found, or equal to it. */
export const countLawNames = ["negative-binomial", "poisson"] as const;

/** The name of a law of counts. */
export type CountLawName = (typeof countLawNames)[number];

/** A law of 0, 1, 2, … by its mean μ and variance μ + φ μ²: a Poisson where the dispersion φ is 0, else negative binomial. */
export interface CountLaw {
  readonly mean: number;
  readonly dispersion: number;
}

/** A count given discrete variables: a law for each combination of their states, the last varying fastest. */
export interface CountNode {
  readonly name: string;
  readonly given: readonly string[];
  readonly laws: readonly CountLaw[];
}

/** A law ready for use. */
export interface OpenCount extends CountLaw {
  /** log p(k); −∞ for what is no count. */
  logProb(k: number): number;
  /** The smallest k with P(count ≤ k) ≥ u, u in [0, 1). */
  draw(u: number): number;
}

/** A law as something to rate and draw by; throws for a mean or dispersion below 0. A mean of 0 is no count but 0. */
export function openCount({ mean, dispersion }: CountLaw): OpenCount {
  if (!(mean >= 0 && mean < Number.POSITIVE_INFINITY && dispersion >= 0 && dispersion < Number.POSITIVE_INFINITY))
    throw new UsageError(`A law of counts has a finite mean and dispersion from 0 on; got ${mean} and ${dispersion}.`);
  if (mean === 0) return { mean, dispersion, logProb: (k) => (k === 0 ? 0 : Number.NEGATIVE_INFINITY), draw: () => 0 };
  const law = countLaw(mean, dispersion);
  return { mean, dispersion, logProb: law.logProb, draw: law.inverseCdf };
}

/** A count column with its discrete parents, by the places of columns. */
export interface CountFamily {
  readonly child: number;
  readonly given: readonly number[];
}

/** For each combination of the parents' states how often each count was seen. */
export type CountStatistics = readonly Map<number, number>[];

/** Adds to how often a count was seen. */
export function addCount(seen: Map<number, number>, value: number, weight = 1): void {
  seen.set(value, (seen.get(value) ?? 0) + weight);
}

/** Statistics without any row, of `size` combinations. */
export const noCounts = (size: number): CountStatistics => Array.from({ length: size }, () => new Map());

/** The statistics of the rows that lack no value of a family. */
export function countStatistics({ columns, values, count }: Table, { child, given }: CountFamily): CountStatistics {
  const above = given.map((at) => ({ own: values[at]!, width: columns[at]!.levels!.length }));
  const all = noCounts(above.reduce((size, { width }) => size * width, 1));
  for (let i = 0; i < count; i++) {
    let regime = 0;
    for (const { own, width } of above) regime = regime * width + own[i]!;
    const value = values[child]![i]!;
    if (Number.isNaN(regime) || Number.isNaN(value)) continue;
    if (!(Number.isSafeInteger(value) && value >= 0))
      throw new DataError(
        `"${columns[child]!.name}" holds counts, whole numbers from 0 on, and row ${i + 1} is ${value}.`,
      );
    addCount(all[regime]!, value);
  }
  return all;
}

/** How counts are fitted. */
export interface CountOptions {
  readonly law: CountLawName;
  /** Rows imagined in each combination of the parents' states (none); they show what the column shows in all rows. */
  readonly imagined?: ArrayLike<number>;
}

/** Laws of a family, with the log-likelihood in nats of the rows they were fitted to, and their free parameters. */
export interface FittedCounts {
  readonly laws: readonly CountLaw[];
  readonly logLikelihood: number;
  readonly parameters: number;
}

/**
 * The laws of greatest likelihood of the rows seen and α imagined in each combination. The mean is (Σ k + α m) / (n + α)
 * with m the column's: the mean of a rate whose prior is Gamma(α m, α), as (n + α) / Σ (n + α) is that of a table's row. A
 * combination without rows takes the column's law; of a column of zeros half an imagined row shows a one. Where counts
 * vary no more than their mean, a negative binomial is a Poisson.
 */
export function fitCounts(statistics: CountStatistics, { law, imagined }: CountOptions): FittedCounts {
  const pooled = new Map<number, number>();
  for (const seen of statistics) for (const [value, weight] of seen) addCount(pooled, value, weight);
  const total = totalOf(pooled);
  const usual = pooled.size === 1 && pooled.has(0) ? zeros(total) : pooled;
  let logLikelihood = 0;
  const laws = statistics.map((seen, at) => {
    const rows = imagined?.[at] || (seen.size === 0 ? 1 : 0);
    const own = new Map(seen);
    if (rows > 0) for (const [value, weight] of usual) addCount(own, value, (rows * weight) / total);
    const found = lawOf(own, law);
    const { logProb } = openCount(found);
    for (const [value, weight] of seen) if (weight > 0) logLikelihood += weight * logProb(value);
    return found;
  });
  return { laws, logLikelihood, parameters: statistics.length * (law === "poisson" ? 1 : 2) };
}

const totalOf = (seen: ReadonlyMap<number, number>) => [...seen.values()].reduce((sum, weight) => sum + weight, 0);

const zeros = (total: number) =>
  new Map([
    [0, total - 0.5],
    [1, 0.5],
  ]);

/** The law of greatest likelihood of counts by how often each was seen. */
function lawOf(seen: ReadonlyMap<number, number>, law: CountLawName): CountLaw {
  const total = totalOf(seen);
  let [mean, spread] = [0, 0];
  for (const [value, weight] of seen) mean += (weight / total) * value;
  for (const [value, weight] of seen) spread += (weight / total) * (value - mean) ** 2;
  if (law === "poisson" || spread <= mean * (1 + 1e-6)) return { mean, dispersion: 0 };
  const { successes } = fit.negativeBinomial([...seen.keys()], [...seen.values()]).parameters;
  return { mean, dispersion: 1 / (successes as number) };
}
