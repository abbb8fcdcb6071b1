import { describe, expect, test } from "vitest";
import { evaluate, f64 } from "../../tests/support/reference.ts";
import { grid, KOLMOGOROV_1_IN_1000, kolmogorov, simpson } from "../../tests/support/statistics.ts";
import { gradients, type Tensor } from "../graph/index.ts";
import { key, normal as normalNoise, uniform } from "../random/index.ts";
import { discretizedLogistic, independent, kl, mixture, normal } from "./index.ts";

const [logits, means, logSd] = [f64([0.2, -1, 0.7]), f64([-2, 0, 3]), f64([-0.5, 0.3, -1])];
const make = (w: Tensor, m: Tensor, s: Tensor) => mixture(w, normal({ mean: m, logStdDev: s }));
const of = (fn: (d: ReturnType<typeof make>, ...rest: Tensor[]) => Tensor, ...rest: unknown[]) =>
  evaluate(
    (w: Tensor, m: Tensor, s: Tensor, ...more: Tensor[]) => fn(make(w, m, s), ...more),
    logits,
    means,
    logSd,
    ...rest,
  );

describe("mixture of normals", () => {
  const points = grid(-12, 12, 4001);
  const density = of((d, x) => d.logProb(x).exp(), f64(points));
  const expectation = (fn: (x: number) => number) =>
    simpson(
      points.map((x, i) => fn(x) * density[i]!),
      -12,
      12,
    );

  test("integrates to one and has the density's moments", () => {
    expect(expectation(() => 1)).toBeCloseTo(1, 7);
    const mean = expectation((x) => x);
    expect(of((d) => d.mean())[0]).toBeCloseTo(mean, 7);
    expect(of((d) => d.variance())[0]).toBeCloseTo(
      expectation((x) => (x - mean) ** 2),
      6,
    );
  });

  // False alarm: one in a thousand for a fresh seed.
  test("samples follow its distribution function", () => {
    const draws = evaluate(
      (w: Tensor, m: Tensor, s: Tensor, choice: Tensor, components: Tensor) =>
        make(w, m, s).sample({ choice, components }),
      logits,
      means,
      logSd,
      uniform(key(1), [3000]),
      normalNoise(key(2), [3000, 3]),
    );
    expect(kolmogorov(draws, (x) => of((d, y) => d.cdf(y), f64(x)))).toBeLessThan(KOLMOGOROV_1_IN_1000);
  });

  test("has quantiles that its distribution function undoes, with the slopes of the implicit function", () => {
    const u = [1e-5, 0.02, 0.3, 0.5, 0.77, 0.999];
    const x = of((d, p) => d.inverseCdf(p), f64(u));
    of((d, q) => d.cdf(q), f64(x)).forEach((value, i) => {
      expect(value).toBeCloseTo(u[i]!, 7);
    });
    const slope = of((d, p) => gradients(d.inverseCdf(p).sum(), [p])[0]!, f64(u));
    const inverse = of((d, q) => d.logProb(q).neg().exp(), f64(x));
    slope.forEach((value, i) => {
      expect(value / inverse[i]!).toBeCloseTo(1, 6);
    });
    const at = (shift: number) =>
      evaluate(
        (w: Tensor, m: Tensor, s: Tensor, p: Tensor) => make(w, m, s).inverseCdf(p).sum(),
        logits,
        f64([-2, shift, 3]),
        logSd,
        f64(u),
      )[0]!;
    const byMean = evaluate(
      (w: Tensor, m: Tensor, s: Tensor, p: Tensor) => gradients(make(w, m, s).inverseCdf(p).sum(), [m])[0]!,
      logits,
      means,
      logSd,
      f64(u),
    )[1]!;
    expect(byMean).toBeCloseTo((at(1e-4) - at(-1e-4)) / 2e-4, 4);
  });

  test("has no quantiles where its components are no continuous numbers", () => {
    const grid = (w: Tensor) => mixture(w, discretizedLogistic({ mean: w, logScale: 0 })).inverseCdf(w);
    expect(() => evaluate(grid, logits)).toThrow(/no continuous numbers/);
  });

  test("of one component is that component", () => {
    const run = (fn: (m: Tensor, x: Tensor) => Tensor) => evaluate(fn, f64([0.4, 1], [2, 1]), f64([0.1, 2]));
    const single = run((m, x) => mixture(m, normal({ mean: m, stdDev: 0.7 })).logProb(x));
    const plain = run((m, x) => normal({ mean: m.squeeze(-1), stdDev: 0.7 }).logProb(x));
    single.forEach((value, i) => {
      expect(value).toBeCloseTo(plain[i]!, 9);
    });
  });

  test("says what is wrong with components of another batch shape", () => {
    expect(() =>
      evaluate((w: Tensor) => mixture(w, normal({ mean: w.slice(0, 0, 2), stdDev: 1 })).logWeights, logits),
    ).toThrow(/batch shape of its logits \[3\], not \[2\]/);
  });

  // The estimate's five standard errors are below 0.05 here.
  test("has a Monte Carlo divergence, which vanishes to itself, and none without noise", () => {
    const run = (q: (d: ReturnType<typeof make>) => Parameters<typeof kl>[1]) =>
      evaluate(
        (w: Tensor, m: Tensor, s: Tensor, choice: Tensor, components: Tensor) => {
          const p = make(w, m, s);
          return kl(p, q(p), { choice, components });
        },
        logits,
        means,
        logSd,
        uniform(key(3), [10_000]),
        normalNoise(key(4), [10_000, 3]),
      )[0]!;
    expect(run((p) => p)).toBe(0);
    const wide = (x: number) => -0.5 * (x / 3) ** 2 - Math.log(3) - 0.5 * Math.log(2 * Math.PI);
    const exact = simpson(
      points.map((x, i) => density[i]! * (Math.log(density[i]!) - wide(x))),
      -12,
      12,
    );
    expect(Math.abs(run(() => normal({ mean: 0, stdDev: 3 })) - exact)).toBeLessThan(0.05);
    expect(() => of((d) => kl(d, normal({ mean: 0, stdDev: 3 })))).toThrow(/no closed form/);
  });
});

describe("mixture of discretised logistics", () => {
  test("256 bins sum to one", () => {
    const bins = f64(Array.from({ length: 256 }, (_, k) => k / 255));
    const logP = evaluate(
      (w: Tensor, m: Tensor, s: Tensor, x: Tensor) =>
        mixture(w, discretizedLogistic({ mean: m, logScale: s })).logProb(x),
      logits,
      f64([0.01, 0.6, 1.2]),
      f64([-6, -2, -3]),
      bins,
    );
    expect(logP.reduce((sum, v) => sum + Math.exp(v), 0)).toBeCloseTo(1, 9);
  });

  test("independent pixels add up to one event", () => {
    const run = (rank: number) =>
      evaluate(
        (w: Tensor, m: Tensor, x: Tensor) =>
          independent(mixture(w, discretizedLogistic({ mean: m, logScale: -2 })), rank).logProb(x),
        normalNoise(key(5), [2, 3, 4]),
        uniform(key(6), [2, 3, 4]),
        f64(
          [0, 51, 102, 153, 204, 255].map((v) => v / 255),
          [2, 3],
        ),
      );
    const [apart, together] = [run(0), run(1)];
    expect(together).toHaveLength(2);
    expect(together[1]).toBeCloseTo(apart[3]! + apart[4]! + apart[5]!, 9);
  });
});
