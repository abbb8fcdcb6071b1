import { expect, test } from "vitest";
import { key } from "../../../random/index.ts";
import * as p from "../index.ts";

const truth = p.mixture({
  weights: [0.3, 0.7],
  components: [p.normal({ mean: -2, stdDev: 1 }), p.normal({ mean: 3, stdDev: 0.5 })],
});

test("finds the mixture that drew the numbers, with a likelihood above the truth's and at a stationary point", () => {
  const x = truth.sample(key(1), 2000);
  const { law, logLikelihood, converged } = p.fit.mixture(x, { component: p.fit.normal });
  const nats = (one: p.Univariate) => x.reduce((sum, value) => sum + one.logProb(value), 0);
  expect(converged).toBe(true);
  expect(logLikelihood).toBeCloseTo(nats(law), 6);
  expect(logLikelihood).toBeGreaterThan(nats(truth));
  expect(logLikelihood).toBeLessThan(nats(truth) + 15); // half a chi-square of 5 beyond 1e-5
  const [low, high] = law.parts!;
  expect(Math.abs(low!.weight - 0.3)).toBeLessThan(0.04);
  expect(Math.abs(low!.law.mean + 2)).toBeLessThan(0.2);
  expect(Math.abs(high!.law.mean - 3)).toBeLessThan(0.06);
  for (const move of [-0.01, 0.01]) {
    const mean = high!.law.mean + move;
    const other = p.normal({ mean, stdDev: Math.sqrt(high!.law.variance) });
    const moved = p.mixture({ weights: [low!.weight, high!.weight], components: [low!.law, other] });
    expect(nats(moved)).toBeLessThan(logLikelihood);
  }
});

test("mixes families, also discrete ones, and one component is the family's own fit", () => {
  const counts = p
    .mixture({ weights: [0.5, 0.5], components: [p.poisson({ rate: 1 }), p.poisson({ rate: 12 })] })
    .sample(key(2), 1000);
  const rates = p.fit.mixture(counts, { component: p.fit.poisson }).law.parts!.map(({ law }) => law.mean);
  expect(Math.abs(rates[0]! - 1)).toBeLessThan(0.2);
  expect(Math.abs(rates[1]! - 12)).toBeLessThan(0.7);
  const x = truth.sample(key(3), 500);
  const one = p.fit.mixture(x, { component: p.fit.normal, components: 1 });
  expect(one.law.mean).toBeCloseTo(p.fit.normal(x).mean, 12);
  const mixed = p.fit.mixture(x, { component: [p.fit.laplace, p.fit.normal] });
  expect(mixed.law.parts!.map(({ law }) => law.family)).toEqual(["laplace", "normal"]);
});

test("says where no fit can be", () => {
  expect(() => p.fit.mixture([1], { component: p.fit.normal })).toThrow(/2 components needs as many numbers; got 1/);
  expect(() => p.fit.mixture([1, 1, 1], { component: p.fit.normal })).toThrow(
    /^A fit of normal needs numbers that are not all equal\.$/,
  );
  expect(() => p.fit.mixture([1, 1, 1, 9], { component: p.fit.normal })).toThrow(/not all equal.*Fit fewer/);
  expect(() => p.fit.mixture([1, 2], { component: p.fit.normal, components: 0 })).toThrow(/whole number of components/);
});
