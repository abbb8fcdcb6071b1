import { describe, expect, test } from "vitest";
import { evaluate, f64 } from "../../tests/support/reference.ts";
import { chiSquareScore, finiteDifferences, SCORE_1_IN_1000 } from "../../tests/support/statistics.ts";
import { gradients, type Tensor } from "../graph/index.ts";
import { key, uniform } from "../random/index.ts";
import { discretizedLogistic } from "./index.ts";

const bytes = Array.from({ length: 256 }, (_, k) => k / 255);
const sigma = (z: number) => 1 / (1 + Math.exp(-z));

const logProbs = (mean: number, logScale: number, x: readonly number[] = bytes) =>
  evaluate(
    (m: Tensor, s: Tensor, y: Tensor) => discretizedLogistic({ mean: m, logScale: s }).logProb(y),
    f64([mean], []),
    f64([logScale], []),
    f64(x),
  );

describe("discretised logistic", () => {
  const settings: [number, number][] = [
    [0.5, -3],
    [0.02, -7],
    [1.3, -2],
    [-0.4, -5],
    [0.5, 4],
    [0.5, -12],
  ];

  test.each(settings)("the 256 bins sum to one (mean %d, log scale %d)", (mean, logScale) => {
    const total = logProbs(mean, logScale).reduce((sum, value) => sum + Math.exp(value), 0);
    expect(total).toBeCloseTo(1, 10);
  });

  test("is the difference of two logistic distribution functions, one at the ends", () => {
    const [mean, scale] = [0.3, Math.exp(-2.5)];
    const values = logProbs(mean, -2.5);
    const end = (k: number) => sigma(((k + 0.5) / 255 - mean) / scale);
    expect(Math.exp(values[0]!)).toBeCloseTo(end(0), 12);
    expect(Math.exp(values[255]!)).toBeCloseTo(1 - end(254), 12);
    for (const k of [1, 77, 254]) expect(Math.exp(values[k]!)).toBeCloseTo(end(k) - end(k - 1), 12);
  });

  test("stays finite and has finite gradients where the difference of the functions underflows", () => {
    const slope = (m: number, s: number, x: number) =>
      [0, 1].map((i) =>
        evaluate(
          (mean: Tensor, logScale: Tensor, y: Tensor) =>
            gradients(discretizedLogistic({ mean, logScale }).logProb(y).sum(), [[mean, logScale][i]!])[0]!,
          f64([m]),
          f64([s]),
          f64([x]),
        ),
      );
    expect(logProbs(0, -9, [200 / 255])[0]).toBeLessThan(-1000);
    for (const values of [slope(0, -9, 200 / 255), slope(0.5, -9, 0), slope(0.5, -9, 1), slope(0.5, 6, 0.2)])
      for (const value of values.flat()) expect(Number.isFinite(value)).toBe(true);
  });

  test("gradients are the finite differences", () => {
    for (const x of [0, 100 / 255, 1]) {
      const numeric = finiteDifferences(([m, s]) => logProbs(m!, s!, [x])[0]!, [0.4, -2]);
      const analytic = [0, 1].map(
        (i) =>
          evaluate(
            (mean: Tensor, logScale: Tensor) =>
              gradients(discretizedLogistic({ mean, logScale }).logProb(mean.mul(0).add(x)), [
                [mean, logScale][i]!,
              ])[0]!,
            f64([0.4], []),
            f64([-2], []),
          )[0]!,
      );
      analytic.forEach((value, i) => {
        expect(value).toBeCloseTo(numeric[i]!, 6);
      });
    }
  });

  test("mean, variance and entropy are the sums over the bins", () => {
    const p = logProbs(0.9, -2).map(Math.exp);
    const of = (fn: (d: ReturnType<typeof discretizedLogistic>) => Tensor) =>
      evaluate(
        (m: Tensor, s: Tensor) => fn(discretizedLogistic({ mean: m, logScale: s })),
        f64([0.9], []),
        f64([-2], []),
      )[0]!;
    const mean = p.reduce((sum, q, k) => sum + (q * k) / 255, 0);
    expect(of((d) => d.mean())).toBeCloseTo(mean, 7);
    expect(of((d) => d.variance())).toBeCloseTo(
      p.reduce((sum, q, k) => sum + q * (k / 255 - mean) ** 2, 0),
      7,
    );
    expect(of((d) => d.entropy!())).toBeCloseTo(
      p.reduce((sum, q) => sum - q * Math.log(q), 0),
      6,
    );
  });

  // False alarm: one in a thousand for a fresh seed.
  test("samples fall into the bins in proportion", () => {
    const n = 20_000;
    const draws = evaluate(
      (u: Tensor) => discretizedLogistic({ mean: 0.1, logScale: -2.5 }).sample(u),
      uniform(key(11), [n]),
    );
    const counts = new Array<number>(16).fill(0);
    for (const x of draws) counts[Math.floor(Math.round(x * 255) / 16)]!++;
    const p = logProbs(0.1, -2.5);
    const expected = counts.map((_, i) => n * p.slice(16 * i, 16 * i + 16).reduce((sum, v) => sum + Math.exp(v), 0));
    const merged = (list: number[]) => [...list.slice(0, 10), list.slice(10).reduce((a, b) => a + b)];
    expect(chiSquareScore(merged(counts), merged(expected))).toBeLessThan(SCORE_1_IN_1000);
  });

  test("samples lie on the grid even where the uniform is 0", () => {
    const [low, high] = evaluate(
      (u: Tensor) => discretizedLogistic({ mean: 0.5, logScale: 0 }).sample(u),
      f64([0, 1 - 2 ** -24]),
    );
    expect([low, high]).toEqual([0, 1]);
  });
});
