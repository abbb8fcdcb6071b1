import { describe, expect, test } from "vitest";
import { evaluate, f64 } from "../../tests/support/reference.ts";
import { finiteDifferences, grid, KOLMOGOROV_1_IN_1000, kolmogorov, simpson } from "../../tests/support/statistics.ts";
import { gradients, type Tensor } from "../graph/index.ts";
import { key, normal as normalNoise } from "../random/index.ts";
import { choleskyFactor, klMultivariateNormal, multivariateNormal, normal, solveLower } from "./index.ts";

const mean = f64([0.5, -1]);
const factor = f64([1.2, 0, -0.7, 0.5], [2, 2]);
const make = (m: Tensor, l: Tensor) => multivariateNormal({ mean: m, factor: l });

describe("multivariate normal", () => {
  const at = (points: readonly number[]) =>
    evaluate(
      (m: Tensor, l: Tensor, x: Tensor) => make(m, l).logProb(x),
      mean,
      factor,
      f64(points, [points.length / 2, 2]),
    );

  test("is exp(−½ dᵀΣ⁻¹d)/(2π √det Σ)", () => {
    const [a, b, c] = [1.44, -0.84, 0.49 + 0.25]; // Σ = [[a, b], [b, c]]
    const determinant = a * c - b * b;
    const [dx, dy] = [0.3, 0.8];
    const quadratic = (c * dx * dx - 2 * b * dx * dy + a * dy * dy) / determinant;
    expect(at([0.8, -0.2])[0]).toBeCloseTo(-0.5 * quadratic - Math.log(2 * Math.PI) - 0.5 * Math.log(determinant), 6);
  });

  test("integrates to one, with the entropy of its density", () => {
    const xs = grid(-7, 8, 121);
    const ys = grid(-8, 6, 121);
    const logP = at(xs.flatMap((x) => ys.flatMap((y) => [x, y])));
    const integral = (fn: (l: number) => number) =>
      simpson(
        xs.map((_, i) => simpson(logP.slice(i * 121, (i + 1) * 121).map(fn), -8, 6)),
        -7,
        8,
      );
    expect(integral(Math.exp)).toBeCloseTo(1, 6);
    const entropy = evaluate((m: Tensor, l: Tensor) => make(m, l).entropy(), mean, factor)[0]!;
    expect(entropy).toBeCloseTo(
      integral((l) => -l * Math.exp(l)),
      5,
    );
  });

  test("with a diagonal factor it is the diagonal normal, also in batches and over extra draws", () => {
    const l = f64([0.5, 0, 0, 2, 3, 0, 0, 1], [2, 2, 2]);
    const sd = f64([0.5, 2, 3, 1], [2, 2]);
    const x = normalNoise(key(1), [3, 2, 2]);
    const full = evaluate((m: Tensor, f: Tensor, y: Tensor) => make(m, f).logProb(y), mean, l, x);
    const diagonal = evaluate(
      (m: Tensor, s: Tensor, y: Tensor) => normal({ mean: m, stdDev: s }, 1).logProb(y),
      mean,
      sd,
      x,
    );
    expect(full).toHaveLength(6);
    full.forEach((value, i) => {
      expect(value).toBeCloseTo(diagonal[i]!, 6);
    });
  });

  // False alarm of each: one in a thousand for a fresh seed. L⁻¹(x − μ) of draws must be standard normal.
  test("samples have the covariance: projections follow their normal law", () => {
    const draws = evaluate(
      (m: Tensor, l: Tensor, e: Tensor) => make(m, l).sample(e),
      mean,
      factor,
      normalNoise(key(2), [3000, 2]),
    );
    for (const [u, v] of [
      [1, 0],
      [0, 1],
      [0.6, 0.8],
    ] as const) {
      const centre = 0.5 * u - v;
      const sd = Math.hypot(1.2 * u - 0.7 * v, 0.5 * v);
      const projected = Array.from(
        { length: 3000 },
        (_, i) => (draws[2 * i]! * u + draws[2 * i + 1]! * v - centre) / sd,
      );
      const cdf = (z: readonly number[]) => evaluate((x: Tensor) => normal({ mean: 0, stdDev: 1 }).cdf(x), f64(z));
      expect(kolmogorov(projected, cdf)).toBeLessThan(KOLMOGOROV_1_IN_1000);
    }
  });

  test("moments", () => {
    const of = (fn: (d: ReturnType<typeof make>) => Tensor) =>
      evaluate((m: Tensor, l: Tensor) => fn(make(m, l)), mean, factor);
    expect(of((d) => d.covariance()).map((v) => Math.round(v * 1e9) / 1e9)).toEqual([1.44, -0.84, -0.84, 0.74]);
    expect(of((d) => d.variance())[1]).toBeCloseTo(0.74, 9);
    expect(of((d) => d.stdDev())[0]).toBeCloseTo(1.2, 9);
  });

  test("gradients with respect to the factor are the finite differences", () => {
    const value = (l: readonly number[]) =>
      evaluate((m: Tensor, f: Tensor, x: Tensor) => make(m, f).logProb(x), mean, f64(l, [2, 2]), f64([0.8, -0.2]))[0]!;
    const analytic = evaluate(
      (m: Tensor, f: Tensor, x: Tensor) => gradients(make(m, f).logProb(x), [f])[0]!,
      mean,
      factor,
      f64([0.8, -0.2]),
    );
    const numeric = finiteDifferences(value, [...factor.data]);
    for (const i of [0, 2, 3]) expect(analytic[i]).toBeCloseTo(numeric[i]!, 5);
  });
});

describe("Kullback-Leibler divergence of normal vectors", () => {
  const kl = (a: [Parameters<typeof f64>[0], number[]], b: [Parameters<typeof f64>[0], number[]]) =>
    evaluate(
      (m: Tensor, l: Tensor, n: Tensor, k: Tensor) => klMultivariateNormal(make(m, l), make(n, k)),
      f64(a[0]),
      f64(a[1], [2, 2]),
      f64(b[0]),
      f64(b[1], [2, 2]),
    )[0]!;

  test("is zero to itself and the scalar formula for diagonal factors", () => {
    expect(
      kl(
        [
          [0.5, -1],
          [1.2, 0, -0.7, 0.5],
        ],
        [
          [0.5, -1],
          [1.2, 0, -0.7, 0.5],
        ],
      ),
    ).toBeCloseTo(0, 9);
    const scalar = (m: number, s: number, n: number, t: number) =>
      Math.log(t / s) + (s * s + (m - n) ** 2) / (2 * t * t) - 0.5;
    expect(
      kl(
        [
          [1, 2],
          [0.5, 0, 0, 1.5],
        ],
        [
          [0, 1],
          [2, 0, 0, 1],
        ],
      ),
    ).toBeCloseTo(scalar(1, 0.5, 0, 2) + scalar(2, 1.5, 1, 1), 6);
  });

  test("is the integral of p log p/q", () => {
    const [xs, ys] = [grid(-7, 8, 121), grid(-8, 6, 121)];
    const points = f64(
      xs.flatMap((x) => ys.flatMap((y) => [x, y])),
      [121 * 121, 2],
    );
    const logProb = (m: number[], l: number[]) =>
      evaluate((a: Tensor, b: Tensor, x: Tensor) => make(a, b).logProb(x), f64(m), f64(l, [2, 2]), points);
    const p = logProb([0.5, -1], [1.2, 0, -0.7, 0.5]);
    const q = logProb([0, 0], [1.5, 0, 0.4, 1.1]);
    const rows = xs.map((_, i) =>
      simpson(
        ys.map((__, j) => Math.exp(p[i * 121 + j]!) * (p[i * 121 + j]! - q[i * 121 + j]!)),
        -8,
        6,
      ),
    );
    expect(
      kl(
        [
          [0.5, -1],
          [1.2, 0, -0.7, 0.5],
        ],
        [
          [0, 0],
          [1.5, 0, 0.4, 1.1],
        ],
      ),
    ).toBeCloseTo(simpson(rows, -7, 8), 5);
  });
});

test("forward substitution solves triangular systems of any size", () => {
  const d = 7;
  const noise = normalNoise(key(3), [d, d]).data;
  const l = f64(
    Array.from({ length: d * d }, (_, i) => (Math.floor(i / d) < i % d ? 0 : noise[i]! + (i % (d + 1) === 0 ? 3 : 0))),
    [d, d],
  );
  const b = normalNoise(key(4), [d, 2]);
  const back = evaluate((a: Tensor, y: Tensor) => a.matmul(solveLower(a, y)), l, b);
  back.forEach((value, i) => {
    expect(value).toBeCloseTo(b.data[i]!, 9);
  });
});

test("a Cholesky factor from free numbers fills rows and exponentiates the diagonal", () => {
  const values = evaluate((x: Tensor) => choleskyFactor(x, 3), f64([0, 1, 0.5, 2, 3, -1]));
  const expected = [1, 0, 0, 1, Math.exp(0.5), 0, 2, 3, Math.exp(-1)];
  values.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 12);
  });
});
