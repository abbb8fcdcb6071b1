import { expect, test } from "vitest";
import * as p from "./index.ts";

const pairs: [p.Univariate, p.Univariate][] = [
  [p.normal({ mean: 0, stdDev: 1 }), p.normal({ mean: 1, stdDev: 2 })],
  [p.logNormal({ mean: 0, stdDev: 1 }), p.logNormal({ mean: 1, stdDev: 2 })],
  [p.laplace({ mean: 0, scale: 1 }), p.laplace({ mean: 1, scale: 2 })],
  [p.uniform({ low: 0, high: 1 }), p.uniform({ low: -1, high: 2 })],
  [p.exponential({ rate: 2 }), p.exponential({ rate: 0.5 })],
  [p.gamma({ concentration: 2, rate: 3 }), p.gamma({ concentration: 4, rate: 1 })],
  [p.inverseGamma({ concentration: 3, scale: 3 }), p.inverseGamma({ concentration: 4, scale: 1 })],
  [p.chiSquare({ freedom: 3 }), p.chiSquare({ freedom: 5 })],
  [p.beta({ a: 2, b: 3 }), p.beta({ a: 1.5, b: 0.8 })],
  [p.bernoulli({ probability: 0.3 }), p.bernoulli({ probability: 0.6 })],
  [p.binomial({ trials: 7, probability: 0.3 }), p.binomial({ trials: 7, probability: 0.6 })],
  [p.poisson({ rate: 3 }), p.poisson({ rate: 5 })],
  [p.geometric({ probability: 0.3 }), p.geometric({ probability: 0.6 })],
  [p.negativeBinomial({ successes: 3, probability: 0.3 }), p.negativeBinomial({ successes: 3, probability: 0.6 })],
];

test.each(pairs.map(([a, b]) => [a.family, a, b] as const))("the closed form for %s is the integral", (_name, a, b) => {
  const { nats, method } = p.kl(a, b);
  expect(method).toBe("closed form");
  expect(nats).toBeCloseTo(
    p.expectation(a, (x) => a.logProb(x) - b.logProb(x), b.breaks),
    8,
  );
  expect(p.kl(a, a).nats).toBeCloseTo(0, 12);
});

test("without a formula it is numerical and says so", () => {
  const [a, b] = [p.logistic({ mean: 0, scale: 1 }), p.logistic({ mean: 0, scale: 1 })];
  expect(p.kl(a, b)).toEqual({ nats: 0, method: "numerical" });
  // exponential of rate 1 as a Gamma law
  const mixed = p.kl(p.exponential({ rate: 1 }), p.gamma({ concentration: 2, rate: 1 }));
  expect(mixed.method).toBe("numerical");
  expect(mixed.nats).toBeCloseTo(0.5772156649, 8); // −E log x = γ
});

test("is infinite where mass is missed, and refuses different kinds", () => {
  expect(p.kl(p.uniform({ low: 0, high: 3 }), p.uniform({ low: 1, high: 2 })).nats).toBe(Number.POSITIVE_INFINITY);
  expect(p.kl(p.normal({ mean: 0, stdDev: 1 }), p.exponential({ rate: 1 })).nats).toBe(Number.POSITIVE_INFINITY);
  expect(p.kl(p.bernoulli({ probability: 0.5 }), p.bernoulli({ probability: 1 })).nats).toBe(Number.POSITIVE_INFINITY);
  expect(() => p.kl(p.poisson({ rate: 1 }), p.exponential({ rate: 1 }))).toThrow(/two discrete or two continuous/);
});
