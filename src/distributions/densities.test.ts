import { describe, expect, test } from "vitest";
import { evaluate, f64 } from "../../tests/support/reference.ts";
import { finiteDifferences, grid, KOLMOGOROV_1_IN_1000, kolmogorov, simpson } from "../../tests/support/statistics.ts";
import { float32, type HostArray, toNumbers } from "../base/host.ts";
import { gradients, lift, type Tensor } from "../graph/index.ts";
import { key, normal as normalNoise, uniform as uniformNoise } from "../random/index.ts";
import { jit } from "../runtime/index.ts";
import { nativeRuntime } from "../runtime/ort/native.node.ts";
import * as d from "./index.ts";

type Law = d.Moments & { entropy?(): Tensor };

interface Case {
  readonly name: string;
  /** A law of one number from two parameters. */
  readonly make: (a: Tensor, b: Tensor) => Law | d.Univariate<d.NoiseLeaf>;
  readonly parameters: readonly [number, number];
  /** Where practically all the mass lies: an interval of the line, or the largest count. */
  readonly range: readonly [number, number] | number;
  readonly at: number;
}

const cases: Case[] = [
  {
    name: "gamma",
    make: (a, b) => d.gamma({ concentration: a, rate: b }),
    parameters: [3.2, 1.7],
    range: [1e-12, 40],
    at: 2.2,
  },
  { name: "beta", make: (a, b) => d.beta({ a, b }), parameters: [4.5, 5.2], range: [1e-12, 1 - 1e-12], at: 0.31 },
  {
    name: "studentT",
    make: (a, b) => d.studentT({ freedom: a.mul(10), location: b, scale: a }),
    parameters: [1.6, 0.4],
    range: [-80, 80],
    at: 1.3,
  },
  {
    name: "laplace",
    make: (a, b) => d.laplace({ mean: a, logScale: b }),
    parameters: [0.5, -0.2],
    range: [-59.5, 60.5],
    at: 1.2,
  },
  {
    name: "logNormal",
    make: (a, b) => d.logNormal({ mean: a, logStdDev: b }),
    parameters: [0.1, -1],
    range: [1e-9, 60],
    at: 1.7,
  },
  {
    name: "exponential",
    make: (a, b) => d.exponential({ rate: a.mul(b) }),
    parameters: [1.3, 0.8],
    range: [0, 60],
    at: 0.7,
  },
  {
    name: "halfNormal",
    make: (a, b) => d.halfNormal({ scale: a.mul(b) }),
    parameters: [1.3, 0.8],
    range: [0, 20],
    at: 0.7,
  },
  { name: "poisson", make: (a, b) => d.poisson({ logRate: a.mul(b) }), parameters: [1.3, 0.8], range: 60, at: 4 },
  {
    name: "binomial",
    make: (a, b) => d.binomial({ trials: 9, logits: a.mul(b) }),
    parameters: [1.3, -0.8],
    range: 12,
    at: 4,
  },
  {
    name: "negativeBinomial",
    make: (a, b) => d.negativeBinomial({ successes: a, logits: b }),
    parameters: [2.3, 0.4],
    range: 200,
    at: 4,
  },
  {
    name: "negativeBinomial by its mean",
    make: (a, b) => d.negativeBinomial({ successes: a, mean: b }),
    parameters: [2.3, 3],
    range: 400,
    at: 2,
  },
];

const noise = { normal: normalNoise, uniform: uniformNoise };

describe.each(cases)("$name", ({ make, parameters: [a, b], range, at }) => {
  const args = [f64([a], []), f64([b], [])];
  const of = (fn: (law: Law) => Tensor) => evaluate((p: Tensor, q: Tensor) => fn(make(p, q) as Law), ...args)[0]!;
  const density = (x: readonly number[]) =>
    evaluate((p: Tensor, q: Tensor, y: Tensor) => make(p, q).logProb(y), ...args, f64(x)).map(Math.exp);
  const points = typeof range === "number" ? grid(0, range, range + 1) : grid(range[0], range[1], 8001);
  const p = density(points);
  const expectation = (fn: (x: number, p: number) => number) => {
    const values = points.map((x, i) => fn(x, p[i]!));
    return typeof range === "number" ? values.reduce((sum, v) => sum + v) : simpson(values, range[0], range[1]);
  };

  test("has mass one, and the mean, variance and entropy it says", () => {
    expect(expectation((_x, q) => q)).toBeCloseTo(1, 6);
    const mean = of((law) => law.mean());
    expect(mean).toBeCloseTo(
      expectation((x, q) => x * q),
      5,
    );
    expect(of((law) => law.variance())).toBeCloseTo(
      expectation((x, q) => (x - mean) ** 2 * q),
      4,
    );
    if ("entropy" in (make(lift(a), lift(b)) as object))
      expect(of((law) => law.entropy!())).toBeCloseTo(
        expectation((_x, q) => (q > 0 ? -q * Math.log(q) : 0)),
        5,
      );
  });

  test("the gradients are the finite differences", () => {
    const logProb = ([s, t, y]: readonly number[]) =>
      evaluate(
        (u: Tensor, v: Tensor, z: Tensor) => make(u, v).logProb(z),
        f64([s!], []),
        f64([t!], []),
        f64([y!], []),
      )[0]!;
    const discrete = typeof range === "number";
    const numeric = finiteDifferences((z) => logProb(discrete ? [z[0]!, z[1]!, at] : z), [a, b, at]);
    const analytic = [0, 1, 2].map(
      (i) =>
        evaluate(
          (u: Tensor, v: Tensor, z: Tensor) => gradients(make(u, v).logProb(z), [[u, v, z][i]!])[0]!,
          ...args,
          f64([at], []),
        )[0]!,
    );
    for (const i of discrete ? [0, 1] : [0, 1, 2]) expect(analytic[i]).toBeCloseTo(numeric[i]!, 6);
  });

  test("is −∞ outside its support, with gradients that are numbers", () => {
    const { kind } = make(lift(a), lift(b)).support!;
    if (kind === "real") return;
    const outside = kind === "count" ? [-1, 2.5] : kind === "unit" ? [-0.5, 1.5] : [-0.5, -3];
    expect(density(outside)).toEqual([0, 0]);
    const slope = (u: Tensor, v: Tensor, z: Tensor) => gradients(make(u, v).logProb(z).sum(), [v])[0]!;
    expect(evaluate(slope, ...args, f64(outside))[0]).not.toBeNaN();
  });
});

// False alarm: one in a thousand for a fresh seed.
test.each([...cases, halfCauchyCase()].filter(({ make }) => "noise" in make(lift(1), lift(1))))(
  "samples of $name follow the distribution function, whose inverse is the quantile",
  ({ make, parameters: [a, b] }) => {
    const args = [f64([a], []), f64([b], [])];
    const of = (fn: (law: d.Univariate<d.NoiseLeaf>, x: Tensor) => Tensor, x: readonly number[]) =>
      evaluate((p: Tensor, q: Tensor, y: Tensor) => fn(make(p, q) as d.Univariate<d.NoiseLeaf>, y), ...args, f64(x));
    const { law } = (make(lift(a), lift(b)) as d.Univariate<d.NoiseLeaf>).noise;
    const e = noise[law as keyof typeof noise](key(7), [4000]);
    const draws = of((l, z) => l.sample(z), Array.from(e.data));
    expect(kolmogorov(draws, (sorted) => of((l, x) => l.cdf(x), sorted))).toBeLessThan(KOLMOGOROV_1_IN_1000);
    const u = [0.001, 0.02, 0.3, 0.5, 0.77, 0.999];
    of((l, v) => l.cdf(l.inverseCdf(v)), u).forEach((value, i) => {
      expect(value).toBeCloseTo(u[i]!, 6);
    });
  },
);

function halfCauchyCase(): Case {
  return {
    name: "halfCauchy",
    make: (a, b) => d.halfCauchy({ scale: a.mul(b) }),
    parameters: [1.3, 0.8],
    range: [0, 1],
    at: 1,
  };
}

test("the half-Cauchy law has its textbook density", () => {
  const found = evaluate((x: Tensor) => d.halfCauchy({ scale: 2 }).logProb(x), f64([0, 3, -1]));
  expect(found[0]).toBeCloseTo(Math.log(1 / Math.PI), 7);
  expect(found[1]).toBeCloseTo(Math.log(2 / (2 * Math.PI * (1 + 2.25))), 7);
  expect(found[2]).toBe(Number.NEGATIVE_INFINITY);
});

describe("dirichlet", () => {
  const alpha = [1.5, 2.5, 3];
  const at = (x: readonly number[]) =>
    evaluate((a: Tensor, y: Tensor) => d.dirichlet({ concentration: a }).logProb(y), f64(alpha), f64(x))[0]!;

  test("integrates to one over the triangle, with its mean and entropy", () => {
    const n = 300;
    let [mass, first, entropy] = [0, 0, 0];
    for (let i = 0; i < n; i++)
      for (let j = 0; i + j < n; j++) {
        // midpoints of small triangles, two a square except at the edge
        for (const shift of i + j < n - 1 ? [1 / 3, 2 / 3] : [1 / 3]) {
          const [x, y] = [(i + shift) / n, (j + shift) / n];
          const logP = logDensity(alpha, [x, y, 1 - x - y]);
          const weight = Math.exp(logP) / (2 * n * n);
          mass += weight;
          first += weight * x;
          entropy -= weight * logP;
        }
      }
    expect(mass).toBeCloseTo(1, 3);
    const law = (fn: (l: d.Dirichlet) => Tensor) =>
      evaluate((a: Tensor) => fn(d.dirichlet({ concentration: a })), f64(alpha));
    expect(law((l) => l.mean())[0]).toBeCloseTo(first, 3);
    expect(law((l) => l.entropy())[0]).toBeCloseTo(entropy, 2);
    expect(law((l) => l.variance())[0]).toBeCloseTo((1.5 * 5.5) / (49 * 8), 12);
  });

  test("has its textbook log-density", () => {
    expect(at([0.2, 0.5, 0.3])).toBeCloseTo(logDensity(alpha, [0.2, 0.5, 0.3]), 10);
    expect(at([-0.2, 0.9, 0.3])).toBe(Number.NEGATIVE_INFINITY);
  });

  /** Γ(7)/(Γ(1.5) Γ(2.5) Γ(3)) Π x^(α − 1), the Gammas written out. */
  function logDensity(a: readonly number[], x: readonly number[]): number {
    const root = Math.sqrt(Math.PI);
    const normalizer = Math.log(720) - Math.log(root / 2) - Math.log((3 * root) / 4) - Math.log(2);
    return a.reduce((sum, alphaK, k) => sum + (alphaK - 1) * Math.log(x[k]!), normalizer);
  }
});

describe("unconstraining", () => {
  test("stick breaking starts at the centre, comes back, and has the determinant of its Jacobian", () => {
    const forward = (x: readonly number[]) => evaluate((t: Tensor) => d.stickBreaking.forward(t), f64(x));
    forward([0, 0, 0]).forEach((share) => {
      expect(share).toBeCloseTo(0.25, 7);
    });
    const x = [0.3, -1.2];
    const y = forward(x);
    expect(y.reduce((sum, v) => sum + v)).toBeCloseTo(1, 12);
    evaluate((t: Tensor) => d.stickBreaking.inverse(t), f64(y)).forEach((value, i) => {
      expect(value).toBeCloseTo(x[i]!, 10);
    });
    const [p, q] = [0, 1].map((k) => finiteDifferences((z) => forward(z)[k]!, x));
    const determinant = p![0]! * q![1]! - p![1]! * q![0]!;
    const logDet = evaluate((t: Tensor) => d.stickBreaking.logDet(t), f64(x))[0]!;
    expect(logDet).toBeCloseTo(Math.log(Math.abs(determinant)), 8);
  });

  test("every continuous support has a bijector onto it", () => {
    const onto = (law: d.LogDensity, x: number) =>
      evaluate((t: Tensor) => d.bijectorOnto(law.support!)!.forward(t), f64([x]))[0]!;
    expect(onto(d.gamma({ concentration: 1, rate: 1 }), -2)).toBeCloseTo(Math.exp(-2), 12);
    expect(onto(d.normal({ mean: 0, stdDev: 1 }), -2)).toBe(-2);
    expect(onto(d.beta({ a: 1, b: 1 }), 0)).toBe(0.5);
    expect(onto(d.uniform({ low: 3, high: 5 }), 0)).toBe(4);
    expect(d.bijectorOnto(d.poisson({ rate: 1 }).support)).toBeUndefined();
    expect(d.bijectorOnto(d.dirichlet({ concentration: float32([1, 1]) }).support)).toBe(d.stickBreaking);
  });
});

test.each(cases)("$name has the reference's numbers on the native runtime", async ({ make, parameters, at }) => {
  const run = (a: Tensor, b: Tensor, x: Tensor) => {
    const logProb = make(a, b).logProb(x);
    return logProb.add(gradients(logProb.sum(), [a, b]).reduce((sum, g) => sum.add(g)));
  };
  const args = [...parameters.map((v) => float32([v], [])), float32([at])];
  const compiled = jit(run as never, await nativeRuntime({ threads: 1 })) as unknown as (
    ...args: unknown[]
  ) => Promise<HostArray>;
  const native = toNumbers(await compiled(...args));
  const exact = evaluate(run as never, ...args)[0]!;
  expect(Math.abs(native[0]! - exact) / (1 + Math.abs(exact))).toBeLessThan(5e-6);
});
