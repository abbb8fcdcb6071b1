import { describe, expect, test } from "vitest";
import { evaluate, f64 } from "../../tests/support/reference.ts";
import { grid, simpson } from "../../tests/support/statistics.ts";
import type { Tensor } from "../graph/index.ts";
import { key, normal as normalNoise } from "../random/index.ts";
import { bernoulli, klBernoulli, klMonteCarlo, klNormal, klStandardNormal, normal } from "./index.ts";

const logNormal = (x: number, mean: number, sd: number) =>
  -0.5 * ((x - mean) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);

function quadrature(p: [number, number], q: [number, number]): number {
  const xs = grid(-30, 30, 20001);
  const integrand = (x: number) => Math.exp(logNormal(x, ...p)) * (logNormal(x, ...p) - logNormal(x, ...q));
  return simpson(xs.map(integrand), -30, 30);
}

describe("Kullback-Leibler divergence", () => {
  const kl = (p: [number, number], q: [number, number]) =>
    evaluate(
      (a: Tensor, b: Tensor, c: Tensor, d: Tensor) =>
        klNormal(normal({ mean: a, stdDev: b }), normal({ mean: c, stdDev: d })),
      ...[...p, ...q].map((value) => f64([value], [])),
    )[0]!;

  test("of normals is the integral of p log p/q", () => {
    expect(kl([0.3, 0.7], [-1, 1.4])).toBeCloseTo(quadrature([0.3, 0.7], [-1, 1.4]), 8);
    expect(kl([1, 2], [1, 2])).toBeCloseTo(0, 12);
  });

  test("to the standard normal is the same, summed over the event", () => {
    const values = evaluate(
      (m: Tensor, s: Tensor) => klStandardNormal(normal({ mean: m, logStdDev: s }, 1)),
      f64([0.5, -1, 2, 0], [2, 2]),
      f64([0, 0.3, -0.5, -1], [2, 2]),
    );
    expect(values[0]).toBeCloseTo(kl([0.5, 1], [0, 1]) + kl([-1, Math.exp(0.3)], [0, 1]), 10);
    expect(values[1]).toBeCloseTo(kl([2, Math.exp(-0.5)], [0, 1]) + kl([0, Math.exp(-1)], [0, 1]), 10);
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
    expect(Math.abs(estimate - kl([0.3, 0.7], [-1, 1.4]))).toBeLessThan(0.04);
  });
});
