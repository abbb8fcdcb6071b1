import { studentT } from "../../probability/univariate/index.ts";
import { fold, type Key, uniform } from "../../random/index.ts";

/** Means over repetitions with a confidence band, one of each for every size. */
export interface Band {
  readonly mean: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** The share of repeated experiments whose band holds the true mean. */
export const CONFIDENCE = 0.95;
const RESAMPLES = 1000;

/** Means of the columns of [repetitions][sizes] with Student t intervals, mean ± t s/√R. */
export function bandOf(values: readonly (readonly number[])[]): Band {
  const repetitions = values.length;
  const t = repetitions > 1 ? studentT({ freedom: repetitions - 1 }).inverseCdf((1 + CONFIDENCE) / 2) : Number.NaN;
  const columns = values[0]!.map((_, s) => values.map((row) => row[s]!));
  const mean = columns.map(average);
  const half = columns.map((column, s) => {
    const squares = column.reduce((sum, value) => sum + (value - mean[s]!) ** 2, 0);
    return (t * Math.sqrt(squares / (repetitions - 1))) / Math.sqrt(repetitions);
  });
  return { mean, low: mean.map((m, s) => m - half[s]!), high: mean.map((m, s) => m + half[s]!) };
}

const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Where two learning curves cross: before it one model is better, after it the other. */
export interface Crossing {
  /** Rows at which their means are the same, by a straight line between sizes over the logarithm of rows. */
  readonly rows: number;
  /** 95 % interval by resampling repetitions (percentiles of the bootstrap, Efron 1979). */
  readonly low: number;
  readonly high: number;
  /** Share of resamples that cross in that direction at all. */
  readonly share: number;
  /** 1 where the first model is better before and the second after it, −1 the other way round. */
  readonly direction: 1 | -1;
}

/** What a comparison of two curves finds. */
export interface CrossingFound {
  readonly crossing?: Crossing;
  /** Without a crossing: which model is better at every size where they differ; 0 where they never do. */
  readonly better: -1 | 0 | 1;
}

/**
 * The last crossing of two curves from paired figures [repetitions][sizes], smaller being better. A crossing needs a size
 * where one is better beyond the t interval of the paired differences, and a larger one where the other is. Where all
 * repetitions agree to the last digit (they had the same rows) there is no interval, and nothing is concluded.
 */
export function findCrossing(
  first: readonly (readonly number[])[],
  second: readonly (readonly number[])[],
  sizes: readonly number[],
  key: Key,
): CrossingFound {
  const differences = first.map((row, r) => row.map((value, s) => value - second[r]![s]!));
  const { mean, low, high } = bandOf(differences);
  const sure = sizes.map((_, s) => (low[s] === high[s] ? 0 : high[s]! < 0 ? -1 : low[s]! > 0 ? 1 : 0));
  const places = sizes.map((_, s) => s).filter((s) => sure[s] !== 0);
  const turn = places.findLastIndex((s, i) => i > 0 && sure[s] !== sure[places[i - 1]!]);
  if (turn < 0) return { better: places.length === 0 ? 0 : (-sure[places[0]!]! as -1 | 1) };
  const [from, to] = [places[turn - 1]!, places[turn]!];
  const direction = sure[to] as 1 | -1;
  const within = zeros(mean, sizes, direction, from, to);
  const rows = within.at(-1)!;
  const found = resampled(differences, sizes, direction, rows, key);
  const at = (share: number) => found[Math.min(found.length - 1, Math.floor(share * found.length))] ?? Number.NaN;
  const tail = (1 - CONFIDENCE) / 2;
  const crossing = { rows, low: at(tail), high: at(1 - tail), share: found.length / RESAMPLES, direction };
  return { crossing, better: direction === 1 ? 1 : -1 };
}

/** Where a curve over sizes changes its sign to that of the direction, between two of its places. */
function zeros(
  mean: readonly number[],
  sizes: readonly number[],
  direction: number,
  from: number,
  to: number,
): number[] {
  const found: number[] = [];
  for (let s = from; s < to; s++) {
    const [before, after] = [direction * mean[s]!, direction * mean[s + 1]!];
    if (before > 0 || after <= 0) continue;
    const share = before / (before - after);
    found.push(Math.exp(Math.log(sizes[s]!) + share * Math.log(sizes[s + 1]! / sizes[s]!)));
  }
  return found;
}

/** The crossings nearest to the one found, in order, of curves made from repetitions drawn with replacement. */
function resampled(
  differences: readonly (readonly number[])[],
  sizes: readonly number[],
  direction: number,
  near: number,
  key: Key,
): number[] {
  const count = differences.length;
  const found: number[] = [];
  for (let b = 0; b < RESAMPLES; b++) {
    const drawn = Array.from(uniform(fold(key, b), [count]).data, (u) => differences[Math.floor(u * count)]!);
    const mean = sizes.map((_, s) => average(drawn.map((row) => row[s]!)));
    const places = zeros(mean, sizes, direction, 0, sizes.length - 1);
    if (places.length > 0) found.push(places.reduce((a, b) => (away(b, near) < away(a, near) ? b : a)));
  }
  return found.sort((a, b) => a - b);
}

const away = (rows: number, near: number) => Math.abs(Math.log(rows / near));
