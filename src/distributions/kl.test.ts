import { describe, expect, test } from "vitest";
import { evaluate, f64 } from "../../tests/support/reference.ts";
import { grid, simpson } from "../../tests/support/statistics.ts";
import type { Tensor } from "../graph/index.ts";
import { key, normal as normalNoise } from "../random/index.ts";
import {
  bernoulli,
  categorical,
  kl,
  klBernoulli,
  klMonteCarlo,
  klNormal,
  klStandardNormal,
  normal,
  uniform,
} from "./index.ts";

const logNormal = (x: number, mean: number, sd: number) =>
  -0.5 * ((x - mean) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);

function quadrature(p: [number, number], q: [number, number]): number {
  const xs = grid(-30, 30, 20001);
  const integrand = (x: number) => Math.exp(logNormal(x, ...p)) * (logNormal(x, ...p) - logNormal(x, ...q));
  return simpson(xs.map(integrand), -30, 30);
}

describe("Kullback-Leibler divergence", () => {
  const klOf = (p: [number, number], q: [number, number]) =>
    evaluate(
      (a: Tensor, b: Tensor, c: Tensor, d: Tensor) =>
        klNormal(normal({ mean: a, stdDev: b }), normal({ mean: c, stdDev: d })),
      ...[...p, ...q].map((value) => f64([value], [])),
    )[0]!;

  test("of normals is the integral of p log p/q", () => {
    expect(klOf([0.3, 0.7], [-1, 1.4])).toBeCloseTo(quadrature([0.3, 0.7], [-1, 1.4]), 8);
    expect(klOf([1, 2], [1, 2])).toBeCloseTo(0, 12);
  });

  test("to the standard normal is the same, summed over the event", () => {
    const values = evaluate(
      (m: Tensor, s: Tensor) => klStandardNormal(normal({ mean: m, logStdDev: s }, 1)),
      f64([0.5, -1, 2, 0], [2, 2]),
      f64([0, 0.3, -0.5, -1], [2, 2]),
    );
    expect(values[0]).toBeCloseTo(klOf([0.5, 1], [0, 1]) + klOf([-1, Math.exp(0.3)], [0, 1]), 10);
    expect(values[1]).toBeCloseTo(klOf([2, Math.exp(-0.5)], [0, 1]) + klOf([0, Math.exp(-1)], [0, 1]), 10);
  });

  test("of Bernoullis is the sum over both outcomes", () => {
    const [p, q] = [0.2, 0.7];
    const logit = (u: number) => Math.log(u / (1 - u));
    const value = evaluate(
      (a: Tensor, b: Tensor) => klBernoulli(bernoulli({ logits: a }), bernoulli({ logits: b })),
      f64([logit(p)], []),
      f64([logit(q)], []),
    )[0];
    expect(value).toBeCloseTo(p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q)), 10);
  });

  // Standard deviation of log p/q under p is about 1.1 here: five standard errors of 20,000 draws are 0.04.
  test("by Monte Carlo agrees with the closed form", () => {
    const estimate = evaluate(
      (noise: Tensor) => klMonteCarlo(normal({ mean: 0.3, stdDev: 0.7 }), normal({ mean: -1, stdDev: 1.4 }), noise),
      normalNoise(key(5), [20_000]),
    )[0]!;
    expect(Math.abs(estimate - klOf([0.3, 0.7], [-1, 1.4]))).toBeLessThan(0.04);
  });
});

describe("kl of a pair of distributions", () => {
  const value = (fn: () => Tensor) => evaluate(() => fn())[0]!;

  test("of categoricals is Σ p log p/q", () => {
    const [p, q] = [
      [0.1, 0.2, 0.7],
      [0.5, 0.25, 0.25],
    ];
    const law = (v: number[]) => categorical({ logits: f64(v.map(Math.log)) });
    const exact = p.reduce((sum, v, i) => sum + v * Math.log(v / q[i]!), 0);
    expect(value(() => kl(law(p), law(q)))).toBeCloseTo(exact, 10);
  });

  test("of uniforms is the log ratio of widths, or infinite", () => {
    const [narrow, wide] = [() => uniform({ low: 0, high: 1 }), () => uniform({ low: -1, high: 3 })];
    expect(value(() => kl(narrow(), wide()))).toBeCloseTo(Math.log(4), 10);
    expect(value(() => kl(wide(), narrow()))).toBe(Number.POSITIVE_INFINITY);
  });

  test("chooses the closed form of the family", () => {
    const [p, q] = [() => normal({ mean: 1, stdDev: 2 }), () => normal({ mean: 0, stdDev: 1 })];
    expect(value(() => kl(p(), q()))).toBeCloseTo(
      value(() => klNormal(p(), q())),
      12,
    );
  });
});
