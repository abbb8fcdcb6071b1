import { describe, expect, test } from "vitest";
import {
  chiSquareScore,
  KOLMOGOROV_1_IN_1000,
  kolmogorov,
  SCORE_1_IN_1000,
} from "../../../tests/support/statistics.ts";
import { key } from "../../random/index.ts";
import * as p from "./index.ts";

const two = [p.normal({ mean: -2, stdDev: 0.7 }), p.gamma({ concentration: 3, rate: 1 })];
const counts = [p.poisson({ rate: 3 }), p.binomial({ trials: 40, probability: 0.6 })];

const laws: p.Univariate[] = [
  p.normal({ mean: 0.3, stdDev: 2 }),
  p.logNormal({ mean: 0.2, stdDev: 0.8 }),
  p.uniform({ low: -1, high: 3 }),
  p.laplace({ mean: 1, scale: 2 }),
  p.logistic({ mean: 1, scale: 2 }),
  p.exponential({ rate: 0.4 }),
  p.gamma({ concentration: 0.6, rate: 2 }),
  p.gamma({ concentration: 40, rate: 2 }),
  p.chiSquare({ freedom: 5 }),
  p.inverseGamma({ concentration: 3, scale: 2 }),
  p.beta({ a: 2.5, b: 0.8 }),
  p.beta({ a: 0.3, b: 0.9 }),
  p.studentT({ freedom: 3.5, location: 1, scale: 2 }),
  p.lomax({ concentration: 4, scale: 2 }),
  p.bernoulli({ probability: 0.3 }),
  p.binomial({ trials: 12, probability: 0.3 }),
  p.binomial({ trials: 100_000, probability: 0.02 }),
  p.poisson({ rate: 4.5 }),
  p.geometric({ probability: 0.2 }),
  p.negativeBinomial({ successes: 2.5, probability: 0.3 }),
  p.categorical({ probabilities: [1 / 6, 0, 1 / 2, 1 / 3] }),
  p.betaBinomial({ trials: 15, a: 2, b: 3 }),
  p.betaGeometric({ a: 6, b: 3 }),
  p.mixture({ weights: [1 / 3, 2 / 3], components: two }),
  p.mixture({ weights: [0.3, 0.7], components: counts }),
];
const named = laws.map((law) => [`${law.family} ${JSON.stringify(law.parameters).slice(0, 60)}`, law] as const);
const PROBABILITIES = [1e-300, 1e-100, 1e-20, 1e-10, 1e-4, 0.01, 0.1, 0.25, 0.5, 0.6, 0.9, 0.99, 1 - 1e-9];

describe.each(named)("%s", (_name, law) => {
  test("the inverse distribution function undoes it over the whole range, from both tails", () => {
    for (const q of PROBABILITIES)
      for (const [inverse, tail] of [
        [law.inverseCdf(q), law.cdf] as const,
        [law.inverseSurvival(q), law.survival] as const,
      ]) {
        const isUpper = tail === law.survival;
        if (law.kind === "discrete") {
          const reached = (k: number) => (isUpper ? tail(k) <= q : tail(k) >= q);
          expect(reached(inverse)).toBe(true);
          if (inverse > law.support[0] && inverse < 2 ** 53) expect(reached(inverse - 1)).toBe(false);
        } else if (Math.abs(inverse) > 1e-290) {
          // a number next to an end has few digits left: allow what one unit in its last place changes
          const unit = tail(inverse * (1 + 2 ** -52)) - tail(inverse * (1 - 2 ** -52));
          expect(Math.abs(tail(inverse) - q)).toBeLessThan(1e-10 * q + Math.abs(unit));
        }
      }
    expect([law.inverseCdf(0), law.inverseCdf(1)]).toEqual(law.support);
    expect([law.inverseSurvival(1), law.inverseSurvival(0)]).toEqual(law.support);
  });

  test("the density has mass one, and the mean, variance and entropy that are said", () => {
    expect(p.expectation(law, () => 1)).toBeCloseTo(1, 10);
    expect(p.expectation(law, (x) => x)).toBeCloseTo(law.mean, 7);
    expect(p.expectation(law, (x) => (x - law.mean) ** 2) / law.variance).toBeCloseTo(1, 5);
    expect(p.expectation(law, (x) => -law.logProb(x))).toBeCloseTo(law.entropy(), 8);
  });

  test("the distribution function adds up the density", () => {
    const [low, high] = [law.inverseCdf(0.2), law.inverseCdf(0.7)];
    let mass = 0;
    if (law.kind === "continuous")
      mass = p.integrateBetween(law.prob, [low, high, ...law.breaks.filter((x) => x > low && x < high)]);
    else for (let k = low + 1; k <= high; k++) mass += law.prob(k);
    expect(mass).toBeCloseTo(law.cdf(high) - law.cdf(low), 10);
    for (const x of [low, high]) expect(law.cdf(x) + law.survival(x)).toBeCloseTo(1, 14);
  });

  // False alarm: one in a thousand for a fresh seed.
  test("samples follow the law: Kolmogorov-Smirnov, or chi-square for counts", () => {
    const n = 2000;
    const draws = law.sample(key(11), n);
    if (law.kind === "continuous") {
      expect(kolmogorov(Array.from(draws), (sorted) => sorted.map(law.cdf))).toBeLessThan(KOLMOGOROV_1_IN_1000);
    } else {
      const edges = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].map(law.inverseCdf);
      const cuts = [...new Set(edges)].filter((x) => law.survival(x) > 0.01);
      const bin = (x: number) => cuts.filter((cut) => x > cut).length;
      const observed = new Array<number>(cuts.length + 1).fill(0);
      for (const x of draws) observed[bin(x)]!++;
      const expected = observed.map(
        (_, i) => n * ((i < cuts.length ? law.cdf(cuts[i]!) : 1) - (i > 0 ? law.cdf(cuts[i - 1]!) : 0)),
      );
      expect(chiSquareScore(observed, expected)).toBeLessThan(SCORE_1_IN_1000);
    }
    expect(law.sample(key(11), 5, 100)).toEqual(draws.slice(100, 105));
  });

  test("nothing is as probable as the mode, and nothing lies outside the support", () => {
    const at = law.logProb(law.mode);
    for (const q of [0.01, 0.3, 0.5, 0.8, 0.97]) expect(law.logProb(law.inverseCdf(q))).toBeLessThanOrEqual(at + 1e-12);
    const [low, high] = law.support;
    if (low > Number.NEGATIVE_INFINITY)
      expect([law.prob(low - 1), law.cdf(low - 1), law.survival(low - 1)]).toEqual([0, 0, 1]);
    if (high < Number.POSITIVE_INFINITY)
      expect([law.prob(high + 1), law.cdf(high + 1), law.survival(high + 1)]).toEqual([0, 1, 0]);
    if (law.kind === "discrete") expect(law.prob(low + 0.5)).toBe(0);
    expect([law.logProb(Number.NaN), law.cdf(Number.NaN)]).toEqual([Number.NaN, Number.NaN]);
  });
});

test.each([
  [() => p.normal({ mean: 0, stdDev: 0 }), /normal needs a `stdDev` that is finite and above 0; got 0/],
  [() => p.normal({ mean: Number.NaN, stdDev: 1 }), /a `mean` that is finite; got NaN/],
  [() => p.gamma({ concentration: 1, rate: -2 }), /gamma needs a `rate` that/],
  [() => p.beta({ a: 0, b: 1 }), /beta needs an `a` that is finite and above 0; got 0/],
  [() => p.binomial({ trials: 2.5, probability: 0.5 }), /binomial needs a `trials` that is a whole number/],
  [() => p.binomial({ trials: 2, probability: 1.5 }), /from 0 to 1; got 1.5/],
  [() => p.geometric({ probability: 0 }), /above 0/],
  [() => p.uniform({ low: 1, high: 1 }), /low below high/],
  [() => p.categorical({ probabilities: [0.5, -0.5] }), /number 1 is -0.5/],
  [() => p.categorical({ probabilities: [] }), /sum to 0/],
  [() => p.categorical({ probabilities: [0.2, 0.3, 0.4] }), /`probabilities` that sum to 1; these sum to 0.9/],
  [() => p.mixture({ weights: [0.2, 0.3], components: two }), /`weights` that sum to 1; these sum to 0.5/],
  [() => p.mixture({ weights: [1], components: two }), /as many weights/],
  [() => p.mixture({ weights: [0.5, 0.5], components: [two[0]!, counts[0]!] }), /all continuous or all discrete/],
  [() => p.normal({ mean: 0, stdDev: 1 }).inverseCdf(1.1), /probability from 0 to 1; got 1.1/],
])("bad parameters are refused in a sentence (%#)", (make, message) => {
  expect(make).toThrow(message);
});

test("entropies of extreme laws: nearly normal ones, very skewed counts, far and narrow mixtures", () => {
  const gaussian = (variance: number) => 0.5 * Math.log(2 * Math.PI * Math.E * variance);
  for (const law of [
    p.gamma({ concentration: 1e12, rate: 2 }),
    p.beta({ a: 1e12, b: 3e11 }),
    p.studentT({ freedom: 1e12 }),
    p.poisson({ rate: 1e11 }),
    p.binomial({ trials: 1e12, probability: 0.25 }),
  ])
    expect(law.entropy()).toBeCloseTo(gaussian(law.variance), 8);
  const skewed = p.negativeBinomial({ successes: 0.3, probability: 1e-5 });
  expect(p.expectation(skewed, () => 1)).toBeCloseTo(1, 8);
  expect(p.expectation(skewed, (x) => x) / skewed.mean).toBeCloseTo(1, 8);
  const [near, far] = [p.poisson({ rate: 3 }), p.poisson({ rate: 1e6 })];
  const apart = p.mixture({ weights: [0.5, 0.5], components: [near, far] });
  expect(apart.entropy()).toBeCloseTo(Math.LN2 + (near.entropy() + far.entropy()) / 2, 8);
  const narrow = p.mixture({
    weights: [0.5, 0.5],
    components: [p.normal({ mean: 0, stdDev: 1 }), p.normal({ mean: 50, stdDev: 1e-6 })],
  });
  expect(narrow.entropy()).toBeCloseTo(Math.LN2 + (gaussian(1) + gaussian(1e-12)) / 2, 6);
});

test("heavy tails reach beyond the square root of the largest number", () => {
  const law = p.studentT({ freedom: 0.05 });
  for (const q of [1e-12, 1e-7, 1e-6, 1e-5]) expect(law.cdf(law.inverseCdf(q)) / q).toBeCloseTo(1, 10);
});

test("degenerate laws sit on one point", () => {
  for (const law of [
    p.bernoulli({ probability: 1 }),
    p.binomial({ trials: 0, probability: 0.3 }),
    p.geometric({ probability: 1 }),
    p.negativeBinomial({ successes: 2, probability: 1 }),
  ]) {
    const at = law.support[0];
    expect(law.support[1]).toBe(at);
    expect([law.prob(at), law.cdf(at), law.inverseCdf(0.3), law.entropy() + 0]).toEqual([1, 1, at, 0]);
  }
});

test("draws come of 53 bits, never 0 or 1, and each has its own place", () => {
  const law = p.uniform({ low: 0, high: 1 });
  const draws = law.sample(key(7), 1 << 20);
  const onGrid = draws.filter((u) => Number.isInteger(u * 2 ** 32 - 0.5));
  expect(onGrid.length).toBeLessThan(3); // all of them where uniforms have 32 bits
  expect(draws.every((u) => u > 0 && u < 1)).toBe(true);
  expect(law.sample(key(7), 3, 1000)).toEqual(draws.slice(1000, 1003));
});
