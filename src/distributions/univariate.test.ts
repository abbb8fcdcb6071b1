import { describe, expect, test } from "vitest";
import { evaluate, f64 } from "../../tests/support/reference.ts";
import { finiteDifferences, grid, KOLMOGOROV_1_IN_1000, kolmogorov, simpson } from "../../tests/support/statistics.ts";
import { constant, gradients, type Tensor } from "../graph/index.ts";
import { key, normal as normalNoise, uniform as uniformNoise } from "../random/index.ts";
import { logistic, type NoiseLeaf, normal, type Univariate, uniform } from "./index.ts";

interface Case {
  readonly name: string;
  /** A distribution of one number from its two parameters (scalars). */
  readonly make: (a: Tensor, b: Tensor) => Univariate<NoiseLeaf>;
  readonly parameters: [number, number];
  /** Where practically all its mass lies. */
  readonly range: [number, number];
  /** Relative precision of the quantile function. */
  readonly quantileDigits: number;
}

const cases: Case[] = [
  {
    name: "normal",
    make: (mean, logStdDev) => normal({ mean, logStdDev }),
    parameters: [0.7, -0.4],
    range: [-7, 8],
    quantileDigits: 5,
  },
  {
    name: "logistic",
    make: (mean, logScale) => logistic({ mean, logScale }),
    parameters: [-0.3, 0.2],
    range: [-50, 50],
    quantileDigits: 9,
  },
  {
    name: "uniform",
    make: (low, logWidth) => uniform({ low, high: low.add(logWidth.exp()) }),
    parameters: [-1.5, 1.4],
    range: [-1.5, -1.5 + Math.exp(1.4) - 1e-12],
    quantileDigits: 9,
  },
];

const noise = { normal: normalNoise, uniform: uniformNoise };

describe.each(cases)("$name", ({ make, parameters: [a, b], range: [low, high], quantileDigits }) => {
  const args = [f64([a], []), f64([b], [])];
  const of = (fn: (d: Univariate<NoiseLeaf>) => Tensor) =>
    evaluate((p: Tensor, q: Tensor) => fn(make(p, q)), ...args)[0]!;
  const at = (fn: (d: Univariate<NoiseLeaf>, x: Tensor) => Tensor, x: readonly number[]) =>
    evaluate((p: Tensor, q: Tensor, y: Tensor) => fn(make(p, q), y), ...args, f64(x));
  const points = grid(low, high, 4001);
  const density = at((d, x) => d.logProb(x).exp(), points);
  const expectation = (fn: (x: number, p: number) => number) =>
    simpson(
      points.map((x, i) => fn(x, density[i]!)),
      low,
      high,
    );

  test("integrates to one", () => {
    expect(expectation((_x, p) => p)).toBeCloseTo(1, 7);
  });

  test("mean, variance and entropy are those of the density", () => {
    const mean = of((d) => d.mean());
    expect(mean).toBeCloseTo(
      expectation((x, p) => x * p),
      6,
    );
    const variance = expectation((x, p) => (x - mean) ** 2 * p);
    expect(of((d) => d.variance())).toBeCloseTo(variance, 5);
    expect(of((d) => d.stdDev())).toBeCloseTo(Math.sqrt(variance), 5);
    expect(of((d) => d.entropy!())).toBeCloseTo(
      expectation((_x, p) => (p > 0 ? -p * Math.log(p) : 0)),
      6,
    );
  });

  test("the distribution function has the density as its derivative and the quantile as its inverse", () => {
    const xs = [-1.2, 0.1, 0.9, 2];
    const cdf = (x: readonly number[]) => at((d, y) => d.cdf(y), x)[0]!;
    const slopes = xs.map((x) => finiteDifferences(cdf, [x])[0]!);
    const densities = at((d, y) => d.logProb(y).exp(), xs);
    slopes.forEach((slope, i) => {
      expect(slope).toBeCloseTo(densities[i]!, 6);
    });
    const u = [0.001, 0.02, 0.3, 0.5, 0.77, 0.999];
    at((d, v) => d.cdf(d.inverseCdf(v)), u).forEach((value, i) => {
      expect(value).toBeCloseTo(u[i]!, quantileDigits);
    });
  });

  // False alarm: one in a thousand for a fresh seed.
  test("samples follow the distribution function", () => {
    const n = 4000;
    const { law } = make(constant(a), constant(b)).noise;
    const draws = evaluate(
      (p: Tensor, q: Tensor, e: Tensor) => make(p, q).sample(e),
      ...args,
      noise[law as keyof typeof noise](key(7), [n]),
    );
    expect(kolmogorov(draws, (sorted) => at((d, x) => d.cdf(x), sorted))).toBeLessThan(KOLMOGOROV_1_IN_1000);
  });

  test("gradients with respect to x and both parameters are the finite differences", () => {
    const x = 0.4;
    const logProb = ([p, q, y]: readonly number[]) =>
      evaluate(
        (s: Tensor, t: Tensor, z: Tensor) => make(s, t).logProb(z),
        f64([p!], []),
        f64([q!], []),
        f64([y!], []),
      )[0]!;
    const numeric = finiteDifferences(logProb, [a, b, x]);
    const analytic = [0, 1, 2].map(
      (i) =>
        evaluate(
          (p: Tensor, q: Tensor, y: Tensor) => gradients(make(p, q).logProb(y), [[p, q, y][i]!])[0]!,
          ...args,
          f64([x], []),
        )[0]!,
    );
    analytic.forEach((value, i) => {
      expect(value).toBeCloseTo(numeric[i]!, 6);
    });
  });
});
