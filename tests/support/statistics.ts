/** Largest distance between the empirical distribution of a sample and a distribution function, times √n. */
export function kolmogorov(sample: readonly number[], cdf: (sorted: readonly number[]) => readonly number[]): number {
  const sorted = [...sample].sort((a, b) => a - b);
  const n = sorted.length;
  const expected = cdf(sorted);
  const distances = expected.map((p, i) => Math.max(Math.abs(p - i / n), Math.abs((i + 1) / n - p)));
  return Math.max(...distances) * Math.sqrt(n);
}

/** The value √n·D exceeds with probability 10⁻³ when the sample follows the law (Kolmogorov's limit). */
export const KOLMOGOROV_1_IN_1000 = 1.95;

/** Pearson's statistic Σ (observed − expected)²/expected as a standard normal score (Wilson and Hilferty 1931). */
export function chiSquareScore(observed: readonly number[], expected: readonly number[]): number {
  const statistic = observed.reduce((sum, o, i) => sum + (o - expected[i]!) ** 2 / expected[i]!, 0);
  const freedom = observed.length - 1;
  return (Math.cbrt(statistic / freedom) - (1 - 2 / (9 * freedom))) / Math.sqrt(2 / (9 * freedom));
}

/** The normal score exceeded with probability 10⁻³. */
export const SCORE_1_IN_1000 = 3.09;

/** ∫ f over [low, high] from values at equally spaced points (Simpson; an odd number of points). */
export function simpson(values: readonly number[], low: number, high: number): number {
  const last = values.length - 1;
  const weight = (i: number) => (i === 0 || i === last ? 1 : i % 2 === 1 ? 4 : 2);
  return (values.reduce((sum, value, i) => sum + weight(i) * value, 0) * (high - low)) / last / 3;
}

/** `count` equally spaced numbers from low to high. */
export function grid(low: number, high: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
}

/** Central differences of a scalar function at x, one for each coordinate. */
export function finiteDifferences(fn: (x: readonly number[]) => number, x: readonly number[], step = 1e-5): number[] {
  const moved = (i: number, by: number) => x.map((value, j) => (j === i ? value + by : value));
  return x.map((_, i) => (fn(moved(i, step)) - fn(moved(i, -step))) / (2 * step));
}
