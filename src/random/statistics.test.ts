import { expect, test } from "vitest";
import { bernoulli, categorical, gumbel, normal, permutation, randomInts, uniform } from "./draw.ts";
import { fold, key, split } from "./key.ts";

/**
 * Statistical tests with fixed seeds. Each statistic is compared with its 1e-6 quantile under the hypothesis that the
 * numbers are right, so over all the tests of this file a false alarm had a chance below 1e-4 when the seeds were set.
 */
const N = 200_000;
const Z = 4.9; // two-sided 1e-6 bound of a standard normal statistic
const KS = 2.7; // P(√N D > 2.7) = 2 exp(-2·2.7²) < 1e-6

/** The 1 - 1e-6 quantile of chi-square by Wilson and Hilferty. */
const chiSquareBound = (df: number) => df * (1 - 2 / (9 * df) + 4.753 * Math.sqrt(2 / (9 * df))) ** 3;

function kolmogorovSmirnov(values: Float32Array, cdf: (x: number) => number): number {
  const sorted = Float64Array.from(values).sort();
  let distance = 0;
  sorted.forEach((x, i) => {
    const p = cdf(x);
    distance = Math.max(distance, p - i / sorted.length, (i + 1) / sorted.length - p);
  });
  return Math.sqrt(sorted.length) * distance;
}

function chiSquare(counts: ArrayLike<number>, expected: (i: number) => number): number {
  return Array.from(counts).reduce((sum, n, i) => sum + (n - expected(i)) ** 2 / expected(i), 0);
}

/** Φ by Simpson's rule on the density. */
function normalCdf(x: number): number {
  if (x < -8) return 0;
  const steps = 200;
  const h = (x + 8) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const t = -8 + i * h;
    sum += (i === 0 || i === steps ? 1 : i % 2 ? 4 : 2) * Math.exp(-0.5 * t * t);
  }
  return (sum * h) / 3 / Math.sqrt(2 * Math.PI);
}

function moment(values: Float32Array, power: number): number {
  return values.reduce((sum, x) => sum + x ** power, 0) / values.length;
}

function correlation(a: Float32Array, b: Float32Array): number {
  const [ma, mb] = [moment(a, 1), moment(b, 1)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i]! - ma) * (b[i]! - mb);
    aa += (a[i]! - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

test("uniforms are uniform (Kolmogorov-Smirnov)", () => {
  expect(kolmogorovSmirnov(uniform(key(1), [N]).data, (u) => u)).toBeLessThan(KS);
});

test("consecutive uniforms fill the square evenly (chi-square, 32 x 32 cells)", () => {
  const u = uniform(key(2), [2 * N]).data;
  const counts = new Uint32Array(1024);
  for (let i = 0; i < N; i++) counts[Math.floor(u[2 * i]! * 32) * 32 + Math.floor(u[2 * i + 1]! * 32)]!++;
  expect(chiSquare(counts, () => N / 1024)).toBeLessThan(chiSquareBound(1023));
});

test("every bit of the 24 is fair", () => {
  const u = uniform(key(3), [N]).data;
  for (let bit = 1; bit <= 24; bit++) {
    const ones = u.reduce((sum, x) => sum + (Math.floor(x * 2 ** bit) % 2), 0);
    expect(Math.abs(ones - N / 2) / Math.sqrt(N / 4)).toBeLessThan(Z);
  }
});

test("normals have the normal distribution (Kolmogorov-Smirnov) and its first six moments", () => {
  const z = normal(key(4), [N]).data;
  expect(kolmogorovSmirnov(z.subarray(0, 20_000), normalCdf)).toBeLessThan(KS);
  const even = [1, 1, 3, 15, 105, 945, 10395];
  for (let power = 1; power <= 6; power++) {
    const expected = power % 2 ? 0 : even[power / 2]!;
    const deviation = Math.sqrt((even[power]! - expected ** 2) / N);
    expect(Math.abs(moment(z, power) - expected) / deviation).toBeLessThan(Z);
  }
});

test("normals reach as far into the tails as they should", () => {
  const z = normal(key(5), [1_000_000]).data;
  const expected = 1e6 * 2 * 3.167124183311992e-5; // P(|Z| > 4)
  const beyond = z.reduce((sum, x) => sum + Number(Math.abs(x) > 4), 0);
  expect(Math.abs(beyond - expected) / Math.sqrt(expected)).toBeLessThan(Z);
});

test("Gumbel variates have the Gumbel distribution (Kolmogorov-Smirnov)", () => {
  expect(kolmogorovSmirnov(gumbel(key(6), [N]).data, (x) => Math.exp(-Math.exp(-x)))).toBeLessThan(KS);
});

test("Bernoulli, categorical and integers have their frequencies (chi-square)", () => {
  const ones = moment(bernoulli(key(7), 0.37, [N]).data, 1);
  expect(Math.abs(ones - 0.37) / Math.sqrt((0.37 * 0.63) / N)).toBeLessThan(Z);
  const weights = [3, 0.5, 1, 4, 1.5];
  const classes = new Uint32Array(5);
  for (const c of categorical(key(8), weights, [N]).data) classes[Number(c)]!++;
  expect(chiSquare(classes, (i) => (N * weights[i]!) / 10)).toBeLessThan(chiSquareBound(4));
  const faces = new Uint32Array(6);
  for (const face of randomInts(key(9), 1, 7, [N]).data) faces[Number(face) - 1]!++;
  expect(chiSquare(faces, () => N / 6)).toBeLessThan(chiSquareBound(5));
});

test("all 120 permutations of five are equally likely (chi-square)", () => {
  const counts = new Map<string, number>();
  const trials = 24_000;
  for (let i = 0; i < trials; i++) {
    const name = permutation(fold(key(10), i), 5).join("");
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  expect(counts.size).toBe(120);
  expect(chiSquare([...counts.values()], () => trials / 120)).toBeLessThan(chiSquareBound(119));
});

test("streams of split, folded and neighbouring keys are uncorrelated", () => {
  const n = 20_000;
  const keys = [
    ...split(key(12), 8),
    key(12),
    key(13),
    fold(key(12), "a"),
    fold(key(12), "b"),
    fold(split(key(12), 2)[1]!, 0),
  ];
  const streams = keys.map((k) => normal(k, [n]).data);
  for (let i = 0; i < streams.length; i++)
    for (let j = 0; j < i; j++) expect(Math.abs(correlation(streams[i]!, streams[j]!)) * Math.sqrt(n)).toBeLessThan(Z);
});

test("the first word of each of many derived keys is uniform (Kolmogorov-Smirnov)", () => {
  const first = Float32Array.from(split(key(14), 20_000), (k) => uniform(k, [1]).data[0]!);
  expect(kolmogorovSmirnov(first, (u) => u)).toBeLessThan(KS);
  const seeds = Float32Array.from({ length: 20_000 }, (_, i) => uniform(key(i), [1]).data[0]!);
  expect(kolmogorovSmirnov(seeds, (u) => u)).toBeLessThan(KS);
});

test("a stream is uncorrelated with itself shifted", () => {
  const z = normal(key(15), [N]).data;
  for (const lag of [1, 2, 3, 4, 5, 8, 784, 4096])
    expect(Math.abs(correlation(z.subarray(lag), z.subarray(0, N - lag))) * Math.sqrt(N - lag)).toBeLessThan(Z);
});
