import { describe, expect, test } from "vitest";
import { KOLMOGOROV_1_IN_1000, kolmogorov } from "../../../tests/support/statistics.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import { key } from "../../random/index.ts";
import * as u from "../univariate/index.ts";
import * as m from "./index.ts";

/** All vectors of d counts of sum n. */
function compositions(n: number, d: number): number[][] {
  if (d === 1) return [[n]];
  return Array.from({ length: n + 1 }, (_, k) => compositions(n - k, d - 1).map((rest) => [k, ...rest])).flat();
}

/** ∫ over the plane by the trapezoidal rule within ±10 standard deviations, exact to rounding for smooth Gaussian tails. */
function overPlane(law: m.MultivariateNormal, f: (x: readonly [number, number]) => number): number {
  const [s, t] = [Math.sqrt(law.covariance().data[0]!), Math.sqrt(law.covariance().data[3]!)];
  let sum = 0;
  for (let i = -50; i <= 50; i++)
    for (let j = -50; j <= 50; j++) sum += f([law.mean[0]! + (i * s) / 5, law.mean[1]! + (j * t) / 5]);
  return (sum * s * t) / 25;
}

const columns = (rows: Float64Array, d: number) =>
  Array.from({ length: d }, (_, j) => Array.from(rows).filter((_v, i) => i % d === j));

/** Means and covariances of draws within five standard errors. */
function expectMoments(law: m.Multivariate, count: number): void {
  const drawn = columns(law.sample(key(5), count), law.dimension);
  const covariance = law.covariance().data;
  const means = drawn.map((x) => x.reduce((a, b) => a + b, 0) / count);
  drawn.forEach((x, i) => {
    expect(Math.abs(means[i]! - law.mean[i]!)).toBeLessThan(
      5 * Math.sqrt(covariance[i * (law.dimension + 1)]! / count),
    );
    drawn.forEach((y, j) => {
      const products = x.map((v, k) => (v - means[i]!) * (y[k]! - means[j]!));
      const mean = products.reduce((a, b) => a + b, 0) / count;
      const error = Math.sqrt(products.reduce((a, b) => a + (b - mean) ** 2, 0)) / count;
      expect(Math.abs(mean - covariance[i * law.dimension + j]!)).toBeLessThan(5 * error);
    });
  });
}

describe("multivariate normal", () => {
  const law = m.multivariateNormal({
    mean: [1, -2],
    covariance: [
      [2, 0.9],
      [0.9, 1.5],
    ],
  });
  const other = m.multivariateNormal({
    mean: [0, 0.5],
    covariance: [
      [1, -0.2],
      [-0.2, 3],
    ],
  });
  const wide = m.multivariateNormal({
    mean: [1, -2, 0.5],
    covariance: [
      [2, 0.9, 0.3],
      [0.9, 1.5, -0.4],
      [0.3, -0.4, 1],
    ],
  });

  test("mass, entropy and divergence are those of the density, by integration", () => {
    expect(overPlane(law, (x) => Math.exp(law.logProb(x)))).toBeCloseTo(1, 9);
    expect(overPlane(law, (x) => -Math.exp(law.logProb(x)) * law.logProb(x))).toBeCloseTo(law.entropy(), 8);
    const nats = overPlane(law, (x) => Math.exp(law.logProb(x)) * (law.logProb(x) - other.logProb(x)));
    expect(m.klMultivariateNormal(law, other)).toBeCloseTo(nats, 8);
    expect(m.klMultivariateNormal(law, law)).toBeCloseTo(0, 12);
  });

  test("marginal times conditional is the joint, for every way to split", () => {
    const x = [0.3, -1, 2];
    for (const known of [[0], [1], [2], [0, 2], [2, 1]]) {
      const rest = [0, 1, 2].filter((i) => !known.includes(i));
      const given = wide.conditional(Object.fromEntries(known.map((i) => [i, x[i]!])));
      const parts = wide.marginal(known).logProb(known.map((i) => x[i]!)) + given.logProb(rest.map((i) => x[i]!));
      expect(parts).toBeCloseTo(wide.logProb(x), 10);
    }
  });

  test("draws have its moments and its marginals", () => {
    expectMoments(wide, 4000);
    const [first] = columns(wide.sample(key(9), 2000), 3);
    const marginal = u.normal({ mean: 1, stdDev: Math.sqrt(2) });
    expect(kolmogorov(first!, (sorted) => sorted.map(marginal.cdf))).toBeLessThan(KOLMOGOROV_1_IN_1000);
  });

  test.each([
    [
      () =>
        m.multivariateNormal({
          mean: [0, 0],
          covariance: [
            [1, 1],
            [1, 1],
          ],
        }),
      /singular: coordinate 1 is determined/,
    ],
    [
      () =>
        m.multivariateNormal({
          mean: [0, 0],
          covariance: [
            [0, 0],
            [0, 1],
          ],
        }),
      /singular: coordinate 0/,
    ],
    [
      () =>
        m.multivariateNormal({
          mean: [0, 0],
          covariance: [
            [1, 0.5],
            [0.2, 1],
          ],
        }),
      /symmetric/,
    ],
    [() => m.multivariateNormal({ mean: [0, 0], covariance: [[1, 0]] }), /square/],
    [
      () =>
        m.multivariateNormal({
          mean: [0],
          covariance: [
            [1, 0],
            [0, 1],
          ],
        }),
      /2 coordinates/,
    ],
    [() => law.marginal([0, 0]), /different whole numbers from 0 to 1; got 0/],
    [() => law.conditional({ 3: 1 }), /got 3/],
    [() => law.conditional({ 0: 1, 1: 1 }), /at least one coordinate/],
    [() => law.logProb([1]), /vector of 1/],
    [
      () =>
        m.fit.multivariateNormal([
          [1, 2],
          [2, 4],
          [3, 6],
        ]),
      /singular: coordinate 1/,
    ],
  ])("bad input is refused in a sentence (%#)", (run, message) => {
    expect(run).toThrow(message);
  });
});

test("multivariate Student t: of one coordinate the univariate law; many degrees of freedom are normal; moments", () => {
  const one = m.multivariateStudentT({ freedom: 3, location: [1], scale: [[4]] });
  const same = u.studentT({ freedom: 3, location: 1, scale: 2 });
  expect(one.logProb([2.5])).toBeCloseTo(same.logProb(2.5), 12);
  expect(one.entropy()).toBeCloseTo(same.entropy(), 12);
  const scale = [
    [2, 0.9],
    [0.9, 1.5],
  ];
  const many = m.multivariateStudentT({ freedom: 1e9, location: [1, -2], scale });
  const normal = m.multivariateNormal({ mean: [1, -2], covariance: scale });
  expect(many.logProb([0.3, 1])).toBeCloseTo(normal.logProb([0.3, 1]), 6);
  expectMoments(m.multivariateStudentT({ freedom: 9, location: [1, -2], scale }), 3000);
});

describe.each([
  [
    "multinomial",
    m.multinomial({ trials: 6, probabilities: [0.2, 0.5, 0.3] }),
    m.multinomial({ trials: 6, probabilities: [0.2, 0.2, 0.6] }),
  ],
  [
    "Dirichlet-multinomial",
    m.dirichletMultinomial({ trials: 6, concentration: [0.7, 2, 1.5] }),
    m.dirichletMultinomial({ trials: 6, concentration: [2, 2, 0.5] }),
  ],
] as const)("%s", (_name, law, other) => {
  const all = compositions(6, 3);
  const expectation = (f: (x: number[]) => number) => all.reduce((sum, x) => sum + Math.exp(law.logProb(x)) * f(x), 0);

  test("mass, moments, entropy and divergence are the sums over all counts", () => {
    expect(expectation(() => 1)).toBeCloseTo(1, 12);
    const covariance = law.covariance().data;
    for (const i of [0, 1, 2]) {
      expect(expectation((x) => x[i]!)).toBeCloseTo(law.mean[i]!, 12);
      for (const j of [0, 1, 2])
        expect(expectation((x) => (x[i]! - law.mean[i]!) * (x[j]! - law.mean[j]!))).toBeCloseTo(
          covariance[3 * i + j]!,
          11,
        );
    }
    expect(expectation((x) => -law.logProb(x))).toBeCloseTo(law.entropy(), 11);
    const nats =
      "probabilities" in law ? m.klMultinomial(law, other as never) : m.klDirichletMultinomial(law, other as never);
    expect(expectation((x) => law.logProb(x) - other.logProb(x))).toBeCloseTo(nats, 11);
    expect(expectation((x) => (x[1] === 2 ? 1 : 0))).toBeCloseTo(law.marginal(1).prob(2), 12);
    for (const x of [
      [1, 2, 2],
      [-1, 4, 3],
      [1.5, 2.5, 2],
    ])
      expect(law.logProb(x)).toBe(Number.NEGATIVE_INFINITY);
  });

  test("draws have its moments and add up", () => {
    expectMoments(law, 3000);
    const drawn = columns(law.sample(key(2), 50), 3);
    expect(drawn[0]!.every((x, i) => x + drawn[1]![i]! + drawn[2]![i]! === 6)).toBe(true);
  });
});

describe("Dirichlet", () => {
  const law = m.dirichlet({ concentration: [1.5, 2.5, 3] });
  const other = m.dirichlet({ concentration: [3, 1, 2] });
  const overTriangle = (f: (x: number[]) => number) =>
    u.integrate((x) => u.integrate((y) => f([x, y, 1 - x - y]), 0, 1 - x, 1 / 8), 0, 1, 1 / 8);

  test("mass, entropy, divergence and mean logarithms are those of the density, by integration", () => {
    const p = (x: number[]) => Math.exp(law.logProb(x));
    expect(overTriangle(p)).toBeCloseTo(1, 9);
    expect(overTriangle((x) => -p(x) * law.logProb(x))).toBeCloseTo(law.entropy(), 8);
    expect(overTriangle((x) => p(x) * (law.logProb(x) - other.logProb(x)))).toBeCloseTo(m.klDirichlet(law, other), 8);
    expect(overTriangle((x) => p(x) * Math.log(x[1]!))).toBeCloseTo(law.meanLog()[1]!, 8);
    expect(law.logProb(law.mode)).toBeGreaterThan(law.logProb(law.mean));
    expect(law.logProb([0.5, 0.6, 0.1])).toBe(Number.NEGATIVE_INFINITY);
  });

  test("draws have its moments and marginals, also with tiny concentrations", () => {
    expectMoments(law, 3000);
    const [first] = columns(law.sample(key(4), 2000), 3);
    expect(kolmogorov(first!, (sorted) => sorted.map(law.marginal(0).cdf))).toBeLessThan(KOLMOGOROV_1_IN_1000);
    const sparse = m.dirichlet({ concentration: [1e-3, 1e-3, 1e-3] }).sample(key(4), 20);
    expect(columns(sparse, 3)[0]!.map((x, i) => x + sparse[3 * i + 1]! + sparse[3 * i + 2]!)).toEqual(
      new Array(20).fill(expect.closeTo(1, 12)),
    );
  });

  test("its fit solves the score equations, with weights", () => {
    const drawn = law.sample(key(6), 300);
    const rows = Array.from({ length: 300 }, (_, i) => drawn.subarray(3 * i, 3 * i + 3));
    const weights = rows.map((_, i) => 1 + (i % 3));
    const fitted = m.fit.dirichlet(rows, weights);
    const total = weights.reduce((a, b) => a + b);
    fitted.meanLog().forEach((value, k) => {
      expect(value).toBeCloseTo(rows.reduce((sum, row, i) => sum + weights[i]! * Math.log(row[k]!), 0) / total, 10);
    });
    fitted.concentration.forEach((a, k) => {
      expect(Math.abs(a / law.concentration[k]! - 1)).toBeLessThan(0.3);
    });
    expect(() =>
      m.fit.dirichlet([
        [0.5, 0.5],
        [1, 0],
      ]),
    ).toThrow(/between 0 and 1; column 0 of row 1 is 1/);
  });

  test("its fit needs some column that varies, whichever, and rows that sum to one", () => {
    const fitted = m.fit.dirichlet([
      [0.2, 0.3, 0.5],
      [0.2, 0.5, 0.3],
    ]);
    const logs = [Math.log(0.2), Math.log(0.15) / 2, Math.log(0.15) / 2];
    fitted.meanLog().forEach((value, k) => {
      expect(value).toBeCloseTo(logs[k]!, 10);
    });
    const equal = new Array(3).fill([0.2, 0.3, 0.5]);
    expect(() => m.fit.dirichlet(equal)).toThrow(/not all equal/);
    expect(() => m.fit.dirichlet([...equal, [0.2, 0.5, 0.4]])).toThrow(/rows of sum 1; row 3 sums to 1.1/);
  });
});

test("fits of normal vectors, multinomials and Pólya laws", () => {
  const rows = [
    [1, 2],
    [3, 1],
    [2, 5],
  ];
  const fitted = m.fit.multivariateNormal(rows, [1, 1, 2]);
  expect(Array.from(fitted.mean)).toEqual([2, 3.25]);
  expect(fitted.covariance().data[1]).toBeCloseTo((-1 * -1.25 + 1 * -2.25 + 0) / 4, 12);
  expect(
    m.fit.multinomial([
      [1, 3],
      [2, 2],
    ]).probabilities,
  ).toEqual([0.375, 0.625]);
  const law = m.dirichletMultinomial({ trials: 20, concentration: [2, 4] });
  const drawn = law.sample(key(8), 150);
  const counts = Array.from({ length: 150 }, (_, i) => drawn.subarray(2 * i, 2 * i + 2));
  const alpha = m.fit.polya(counts);
  const logLikelihood = (a: ArrayLike<number>) => {
    const at = m.dirichletMultinomial({ trials: 20, concentration: a });
    return counts.reduce((sum, row) => sum + at.logProb(row), 0);
  };
  const best = logLikelihood(alpha);
  for (const factor of [0.99, 1.01])
    for (const k of [0, 1]) expect(logLikelihood(alpha.map((a, i) => (i === k ? a * factor : a)))).toBeLessThan(best);
});

test("fits of counts are refused where there is none", () => {
  const counts = (...rows: number[][]) => rows;
  expect(() => m.fit.multinomial(counts([3, 3], [5, 2]))).toThrow(/one number of trials, 6 in row 0; row 1 sums to 7/);
  expect(() => m.fit.multinomial(counts([0, 0], [0, 0]))).toThrow(/a count above 0; all are 0/);
  expect(() => m.fit.polya(counts([3, 3], [3, 3]))).toThrow(/vary more from row to row than those of a multinomial/);
  expect(() => m.multinomial({ trials: 5, probabilities: [0.2, 0.3, 0.4] })).toThrow(/sum to 1; these sum to 0.9/);
});

describe("conjugate updates", () => {
  test("categorical and multinomial with a Dirichlet prior, by brute force", () => {
    const prior = { concentration: [1.5, 2, 0.7] };
    const found = m.categoricalDirichlet(prior, [0, 2, 2, 1, 0]);
    expect(Array.from(found.posterior.concentration)).toEqual([3.5, 3, 2.7]);
    // chain rule: each class by the predictive law before it
    const chain = [0, 2, 2, 1, 0].map((k, i, x) => {
      const before = i === 0 ? prior : m.categoricalDirichlet(prior, x.slice(0, i)).parameters;
      return m.multinomialDirichlet(before, [[0, 1, 2].map((c) => (c === k ? 1 : 0))]).logEvidence;
    });
    expect(chain.reduce((a, b) => a + b)).toBeCloseTo(found.logEvidence, 12);
    expect(found.predictive.prob(2)).toBeCloseTo(2.7 / 9.2, 12);
    const pooled = m.multinomialDirichlet(prior, [[2, 1, 2]]);
    const marginal = m.dirichletMultinomial({ trials: 5, ...prior }).logProb([2, 1, 2]);
    expect(pooled.logEvidence).toBeCloseTo(marginal, 12);
    expect(() => m.categoricalDirichlet(prior, [0, 3])).toThrow(/classes from 0 to 2; number 1 is 3/);
  });

  test("normal-inverse-Wishart: of one coordinate it is normal-Gamma; the chain rule holds in two", () => {
    const line = m.normalInverseWishart({ mean: [0.5], weight: 1.5, freedom: 4, scale: [[2.4]] }, [
      [0.3],
      [1.4],
      [0.9],
    ]);
    const same = u.conjugate.normalGamma({ mean: 0.5, weight: 1.5, concentration: 2, rate: 1.2 }, [0.3, 1.4, 0.9]);
    expect(line.logEvidence).toBeCloseTo(same.logEvidence, 11);
    expect(line.predictive.logProb([2])).toBeCloseTo(same.predictive.logProb(2), 11);
    expect(line.mean.logProb([2])).toBeCloseTo(same.mean.logProb(2), 11);
    const prior = {
      mean: [0.5, 0],
      weight: 1.5,
      freedom: 4,
      scale: [
        [2.4, 0.3],
        [0.3, 1],
      ],
    };
    const rows = [
      [0.3, 1],
      [1.4, -0.5],
      [0.9, 0.2],
    ];
    const first = m.normalInverseWishart(prior, rows.slice(0, 2));
    const all = m.normalInverseWishart(prior, rows);
    expect(first.logEvidence + first.predictive.logProb(rows[2]!)).toBeCloseTo(all.logEvidence, 11);
    expect(() => m.normalInverseWishart({ ...prior, freedom: 1 }, rows)).toThrow(
      /of 2 coordinates needs a `freedom` above 1; got 1/,
    );
  });

  test("normal-inverse-Wishart evidence against an average over draws of the prior's predictive chain", () => {
    const prior = {
      mean: [0, 0],
      weight: 1,
      freedom: 5,
      scale: [
        [1, 0],
        [0, 1],
      ],
    };
    const none = m.normalInverseWishart(prior, [[0, 0]], [1]);
    // the predictive law integrates to one: its logarithms over a grid
    const logs: number[] = [];
    for (let x = -30; x <= 30; x += 0.25)
      for (let y = -30; y <= 30; y += 0.25) logs.push(none.predictive.logProb([x, y]));
    expect(logSumExp(logs) + 2 * Math.log(0.25)).toBeCloseTo(0, 3);
  });
});

test("vectors are drawn from uniforms of 52 bits, both ends alike", () => {
  const law = m.multivariateNormal({ mean: [0], covariance: [[1]] });
  const normal = u.normal({ mean: 0, stdDev: 1 });
  const onGrid = law.sample(key(3), 20_000).filter((z) => Math.abs(((normal.cdf(z) * 2 ** 32) % 1) - 0.5) < 1e-4);
  expect(onGrid.length).toBeLessThan(40); // about 4; all of them where uniforms have 32 bits
});
