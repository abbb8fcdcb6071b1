import { fold, type Key, normal, uniform } from "../../random/index.ts";
import type { DataSpec, Split } from "../types.ts";
import type { Column } from "./types.ts";

const levels = {
  season: ["spring", "summer", "autumn", "winter"],
  size: ["small", "medium", "large"],
  outcome: ["no", "yes"],
} as const;

/** The columns of the generated table `table`. */
export const generatedColumns: readonly Column[] = [
  { name: "season", kind: "categorical", levels: levels.season },
  { name: "size", kind: "ordinal", levels: levels.size },
  { name: "visits", kind: "count" },
  { name: "height", kind: "real" },
  { name: "weight", kind: "real" },
  { name: "outcome", kind: "categorical", levels: levels.outcome },
];

/** What one example of the generated table looks like; its last column is the target. */
export const generatedSpec: DataSpec = {
  shape: [generatedColumns.length],
  values: "table",
  columns: generatedColumns,
  target: 5,
  classes: levels.outcome,
};

/**
 * The distribution of the generated table: p(outcome) p(season | outcome) p(size | outcome) p(visits | outcome, size)
 * p(height | outcome) p(weight | height). It is known, so that what a model learns can be compared with the truth.
 */
export const truth = {
  outcome: [0.65, 0.35],
  season: [
    [0.4, 0.3, 0.2, 0.1],
    [0.1, 0.2, 0.3, 0.4],
  ],
  size: [
    [0.6, 0.3, 0.1],
    [0.2, 0.3, 0.5],
  ],
  /** Rate of a Poisson: rows are outcomes, columns sizes. */
  rate: [
    [1, 2, 3],
    [2, 4, 8],
  ],
  height: { mean: [1.65, 1.78], deviation: 0.08 },
  /** weight = 70 + 60 (height − 1.7) + 6 z. */
  weight: { mean: 70, slope: 60, at: 1.7, deviation: 6 },
  /** The chance that a cell of visits or of weight is missing, completely at random. */
  missing: { visits: 0.05, weight: 0.1 },
} as const;

const logNormal = (x: number, mean: number, deviation: number) =>
  -0.5 * Math.log(2 * Math.PI) - Math.log(deviation) - 0.5 * ((x - mean) / deviation) ** 2;

function logPoisson(k: number, rate: number): number {
  let log = -rate + k * Math.log(rate);
  for (let i = 2; i <= k; i++) log -= Math.log(i);
  return log;
}

/** log p of a complete row of the generated table, in nats (a density in its two real columns). */
export function truthLogProb([season, size, visits, height, weight, outcome]: ArrayLike<number> &
  Iterable<number>): number {
  const y = outcome!;
  const { mean, slope, at, deviation } = truth.weight;
  return (
    Math.log(truth.outcome[y]!) +
    Math.log(truth.season[y]![season!]!) +
    Math.log(truth.size[y]![size!]!) +
    logPoisson(visits!, truth.rate[y]![size!]!) +
    logNormal(height!, truth.height.mean[y]!, truth.height.deviation) +
    logNormal(weight!, mean + slope * (height! - at), deviation)
  );
}

const choose = (shares: readonly number[], u: number) => {
  let sum = 0;
  const found = shares.findIndex((share) => {
    sum += share;
    return u < sum;
  });
  return found < 0 ? shares.length - 1 : found;
};

/** The count at which the sum of Poisson probabilities exceeds u. */
function poisson(rate: number, u: number): number {
  let [k, p] = [0, Math.exp(-rate)];
  for (let sum = p; u >= sum && k < 100; sum += p) p *= rate / ++k;
  return k;
}

/** `count` rows of the generated table; row i depends on (key, i) alone. */
export function drawTable(k: Key, count: number): Split {
  const u = uniform(fold(k, "uniform"), [count, 6]).data;
  const z = normal(fold(k, "normal"), [count, 2]).data;
  const width = generatedColumns.length;
  const x = new Float64Array(count * width);
  for (let n = 0; n < count; n++) {
    const [a, b, c, d, e, f] = u.subarray(6 * n, 6 * n + 6) as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const y = choose(truth.outcome, a);
    const size = choose(truth.size[y]!, c);
    const height = truth.height.mean[y]! + truth.height.deviation * z[2 * n]!;
    const { mean, slope, at, deviation } = truth.weight;
    const weight = mean + slope * (height - at) + deviation * z[2 * n + 1]!;
    const visits = e < truth.missing.visits ? Number.NaN : poisson(truth.rate[y]![size]!, d);
    x.set(
      [choose(truth.season[y]!, b), size, visits, height, f < truth.missing.weight ? Number.NaN : weight, y],
      n * width,
    );
  }
  return { count, x };
}
