import { describe, expect, test } from "vitest";
import * as p from "./index.ts";

const infinity = Number.POSITIVE_INFINITY;
const student = (freedom: number) => p.studentT({ freedom });
const standard = p.normal({ mean: 0, stdDev: 1 });
const apart = (found: number, exact: number) => Math.abs(found / exact - 1);

/** KL(p‖q) by mpmath 1.3.0 with 30 to 120 digits: E log p and E log q in closed form, integrals in sinh u, or Euler-Maclaurin. */
const divergences: [string, p.Univariate, p.Univariate, number][] = [
  ["t 1, normal", student(1), standard, infinity],
  ["t 1.5, normal", student(1.5), standard, infinity],
  ["t 2, normal", student(2), standard, infinity],
  ["t 2.001, normal", student(2.001), standard, 999.4589417589112],
  ["t 2.01, normal", student(2.01), standard, 99.46147095456412],
  ["t 2.1, normal", student(2.1), standard, 9.485547129571803],
  ["t 2.5, normal", student(2.5), standard, 1.5711784626287513],
  ["t 3, wide normal", student(3), p.normal({ mean: 1, stdDev: 2 }), 0.3386081419013271],
  ["t 1, normal of 1e30", student(1), p.normal({ mean: 0, stdDev: 1e30 }), infinity],
  ["t 1, logistic", student(1), p.logistic({ mean: 0, scale: 1 }), infinity],
  ["t 1.2, Laplace", student(1.2), p.laplace({ mean: 0.3, scale: 1 }), 2.330440184380603],
  ["t 1, t 2", student(1), student(2), 0.11309651408933828],
  ["t 2, t 1", student(2), student(1), 0.06209980292426945],
  ["t 0.05, t 0.1", student(0.05), student(0.1), 0.29160582709520844],
  ["normal, narrow t", standard, p.studentT({ freedom: 1, location: 0.5, scale: 1e-6 }), 12.510862735027857],
  ["Lomax 0.5", p.lomax({ concentration: 0.5, scale: 2 }), p.exponential({ rate: 1 }), infinity],
  ["Lomax 1", p.lomax({ concentration: 1, scale: 2 }), p.exponential({ rate: 1 }), infinity],
  ["Lomax 1.01", p.lomax({ concentration: 1.01, scale: 2 }), p.exponential({ rate: 1 }), 197.32670414039222],
  ["Lomax 1.5", p.lomax({ concentration: 1.5, scale: 2 }), p.exponential({ rate: 1 }), 2.0456512608815522],
  ["1/x at 0", p.exponential({ rate: 1 }), p.inverseGamma({ concentration: 2, scale: 1 }), infinity],
  [
    "x^½/x at 0",
    p.gamma({ concentration: 1.5, rate: 1 }),
    p.inverseGamma({ concentration: 2, scale: 1 }),
    0.748497146560263,
  ],
  ["log-normal", p.logNormal({ mean: 0, stdDev: 1 }), p.gamma({ concentration: 2, rate: 1 }), 0.2297827374954554],
  ["beta-geometric 1", p.betaGeometric({ a: 1, b: 1 }), p.geometric({ probability: 0.3 }), infinity],
  ["beta-geometric 1, Poisson", p.betaGeometric({ a: 1, b: 1 }), p.poisson({ rate: 3 }), infinity],
  ["beta-geometric 3", p.betaGeometric({ a: 3, b: 2 }), p.geometric({ probability: 0.3 }), 0.2426244970816088],
  ["beta-geometric ½, 2", p.betaGeometric({ a: 0.5, b: 1 }), p.betaGeometric({ a: 2, b: 0.5 }), 1.528934090744728],
];

test.each(divergences)("KL of heavy tails: %s", (_name, a, b, exact) => {
  const { nats } = p.kl(a, b);
  if (exact === infinity) expect(nats).toBe(infinity);
  else expect(apart(nats, exact)).toBeLessThan(1e-10);
});

test("entropies of counts without a mean, in no time (values as above)", () => {
  expect(p.betaGeometric({ a: 1, b: 1 }).entropy()).toBeCloseTo(2.0462774528558785, 11);
  expect(p.betaGeometric({ a: 0.5, b: 1 }).entropy()).toBeCloseTo(3.483172041701455, 11);
  expect(p.betaGeometric({ a: 3, b: 2 }).entropy()).toBeCloseTo(1.31802325118306, 11);
});

test("a mixture with a heavy part (mpmath, an integral in sinh u)", () => {
  const law = p.mixture({ weights: [0.5, 0.5], components: [student(0.5), standard] });
  expect(law.entropy()).toBeCloseTo(2.6988119624659017, 10);
  expect(p.expectation(law, (x) => x * x)).toBe(infinity);
});

describe("moments are infinite where they are said to be", () => {
  const laws = [
    student(1.5),
    student(2),
    p.lomax({ concentration: 1, scale: 2 }),
    p.lomax({ concentration: 2, scale: 2 }),
    p.inverseGamma({ concentration: 0.7, scale: 1 }),
    p.betaGeometric({ a: 1, b: 1 }),
    p.betaGeometric({ a: 2, b: 1 }),
  ];
  test.each(laws.map((law) => [law.family, law] as const))("%s", (_name, law) => {
    expect(law.variance).toBe(infinity);
    expect(p.expectation(law, (x) => x * x)).toBe(infinity);
    expect(p.expectation(law, (x) => -x * x)).toBe(-infinity);
    expect(p.expectation(law, () => 1)).toBeCloseTo(1, 12);
  });

  test("of odd powers there is none", () => {
    expect(p.expectation(student(1), (x) => x)).toBeNaN();
    expect(p.expectation(student(3), (x) => x ** 3)).toBeNaN();
  });

  test("also at a finite end", () => {
    expect(p.expectation(p.gamma({ concentration: 0.5, rate: 1 }), (x) => 1 / x)).toBe(infinity);
    expect(p.expectation(p.gamma({ concentration: 1.5, rate: 1 }), (x) => 1 / x)).toBeCloseTo(2, 12);
    expect(p.expectation(p.uniform({ low: 0, high: 1 }), (x) => 1 / (1 - x))).toBe(infinity);
    expect(p.expectation(p.uniform({ low: 1, high: 2 }), (x) => Math.log(x - 1))).toBeCloseTo(-1, 8);
  });
});

test("mass next to an end, steps, and quick growth", () => {
  const one = () => 1;
  for (const a of [1e-4, 1e-3, 0.05])
    expect(p.expectation(p.gamma({ concentration: a, rate: 1 }), one)).toBeCloseTo(1, 9);
  for (const b of [0.05, 0.2]) expect(p.expectation(p.beta({ a: 2, b }), one)).toBeCloseTo(1, 8);
  expect(p.expectation(p.uniform({ low: 1e9, high: 1e9 + 1 }), (x) => x)).toBe(1e9 + 0.5);
  expect(p.expectation(student(1), (x) => (x > 1 ? 1 : 0))).toBeCloseTo(0.25, 8);
  const strip = p.expectation(standard, (x) => (x > 5 && x < 6 ? 1 : 0), [5, 6]);
  expect(apart(strip, standard.survival(5) - standard.survival(6))).toBeLessThan(1e-10);
  const few = p.expectation(p.poisson({ rate: 2 }), (k) => (k === 19 ? 1 : 0));
  expect(apart(few, p.poisson({ rate: 2 }).prob(19))).toBeLessThan(1e-12);
  expect(p.expectation(p.normal({ mean: 0, stdDev: 10 }), Math.exp) / Math.exp(50)).toBeCloseTo(1, 11);
  expect(p.expectation(p.geometric({ probability: 0.6 }), (k) => 2 ** k)).toBeCloseTo(0.6 / 0.2, 11);
  const gap = p.mixture({
    weights: [0.5, 0.5],
    components: [p.uniform({ low: 0, high: 1 }), p.uniform({ low: 2, high: 3 })],
  });
  expect(p.kl(p.uniform({ low: 0, high: 3 }), gap).nats).toBe(infinity);
});

test("functions that wave ever more quickly where the law still has mass are refused", () => {
  expect(() => p.expectation(student(1), Math.sin)).toThrow(/rough or quickly waving/);
  expect(p.expectation(standard, (x) => Math.cos(5 * x)) / Math.exp(-12.5)).toBeCloseTo(1, 8);
});

test.each([
  ["a peak behind the overflow of f", () => p.expectation(p.normal({ mean: 0, stdDev: 30 }), Math.exp)],
  ["growth that is no power", () => p.expectation(p.geometric({ probability: 0.4 }), (k) => 2 ** k)],
  ["1/(x log x)", () => p.expectation(student(1), (x) => x / (1 + Math.log1p(Math.abs(x))))],
  ["a tail that reaches beyond all numbers", () => p.kl(student(0.01), student(0.02))],
])("what cannot be told is refused: %s", (_name, run) => {
  expect(run).toThrow(/cannot be computed: the tail falls too slowly/);
});
