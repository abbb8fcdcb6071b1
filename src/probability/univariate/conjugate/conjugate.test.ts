import { describe, expect, test } from "vitest";
import * as p from "../index.ts";

const { conjugate } = p;

interface Case {
  readonly name: string;
  readonly prior: p.Univariate;
  readonly update: (x: readonly number[]) => {
    readonly posterior: p.Univariate;
    readonly predictive: p.Univariate;
    readonly logEvidence: number;
  };
  readonly likelihood: (theta: number) => p.Univariate;
  readonly data: readonly number[];
  readonly next: readonly number[];
}

const ab = { a: 2.5, b: 1.5 };
const rate = { concentration: 2.5, rate: 1.5 };

const cases: Case[] = [
  {
    name: "Bernoulli and Beta",
    prior: p.beta(ab),
    update: (x) => conjugate.bernoulliBeta(ab, x),
    likelihood: (t) => p.bernoulli({ probability: t }),
    data: [1, 0, 1, 1],
    next: [0, 1],
  },
  {
    name: "binomial and Beta",
    prior: p.beta(ab),
    update: (x) => conjugate.binomialBeta(ab, x, 6),
    likelihood: (t) => p.binomial({ trials: 6, probability: t }),
    data: [1, 4, 2],
    next: [0, 3, 6],
  },
  {
    name: "geometric and Beta",
    prior: p.beta(ab),
    update: (x) => conjugate.geometricBeta(ab, x),
    likelihood: (t) => p.geometric({ probability: t }),
    data: [1, 4, 2],
    next: [0, 3, 9],
  },
  {
    name: "Poisson and Gamma",
    prior: p.gamma(rate),
    update: (x) => conjugate.poissonGamma(rate, x),
    likelihood: (t) => p.poisson({ rate: t }),
    data: [3, 0, 2, 5],
    next: [0, 2, 7],
  },
  {
    name: "exponential and Gamma",
    prior: p.gamma(rate),
    update: (x) => conjugate.exponentialGamma(rate, x),
    likelihood: (t) => p.exponential({ rate: t }),
    data: [0.3, 1.2, 0.9],
    next: [0.1, 1, 4],
  },
  {
    name: "normal mean and normal",
    prior: p.normal({ mean: 1, stdDev: 2 }),
    update: (x) => conjugate.normalMean({ mean: 1, stdDev: 2 }, x, 0.7),
    likelihood: (t) => p.normal({ mean: t, stdDev: 0.7 }),
    data: [0.3, 1.2, 0.9],
    next: [-1, 0.7, 2],
  },
];

describe.each(cases)("$name", ({ prior, update, likelihood, data, next }) => {
  const { posterior, predictive, logEvidence } = update(data);
  const joint = (t: number) => Math.exp(prior.logProb(t) + data.reduce((sum, x) => sum + likelihood(t).logProb(x), 0));
  const quantiles = [1e-18, 1e-6, 0.01, 0.3, 0.7, 0.99, 1 - 1e-6].map(posterior.inverseCdf);
  const over = (f: (t: number) => number) =>
    p.integrateBetween((t) => joint(t) * f(t), [...quantiles, posterior.inverseSurvival(1e-18)]);
  const evidence = over(() => 1);

  test("the posterior is prior times likelihood over the evidence, by brute force", () => {
    expect(logEvidence).toBeCloseTo(Math.log(evidence), 9);
    for (const t of [0.1, 0.4, 0.8]) expect(posterior.prob(t)).toBeCloseTo(joint(t) / evidence, 9);
  });

  test("the predictive averages the likelihood over the posterior", () => {
    for (const x of next) expect(predictive.prob(x)).toBeCloseTo(over((t) => likelihood(t).prob(x)) / evidence, 9);
  });
});

test("normal-Gamma: posterior, predictive and evidence by two brute-force integrals", () => {
  const prior = { mean: 0.5, weight: 1.5, concentration: 2, rate: 1.2 };
  const data = [0.3, 1.4, 0.9, -0.2];
  const found = conjugate.normalGamma(prior, data);
  const { precision, mean, predictive } = found;
  const taus = [1e-15, 1e-4, 0.1, 0.5, 0.9, 1 - 1e-4].map(precision.inverseCdf);
  const joint = (extra: (mu: number, tau: number) => number) =>
    p.integrateBetween(
      (tau) => {
        const inner = p.normal({ mean: found.parameters.mean, stdDev: 1 / Math.sqrt(found.parameters.weight * tau) });
        const f = (mu: number) => {
          const first = p.normal({ mean: prior.mean, stdDev: 1 / Math.sqrt(prior.weight * tau) });
          const law = p.normal({ mean: mu, stdDev: 1 / Math.sqrt(tau) });
          return extra(mu, tau) * Math.exp(first.logProb(mu) + data.reduce((sum, x) => sum + law.logProb(x), 0));
        };
        const mus = [1e-15, 0.01, 0.5, 0.99, 1 - 1e-15].map(inner.inverseCdf);
        return p.gamma(prior).prob(tau) * p.integrateBetween(f, mus);
      },
      [...taus, precision.inverseSurvival(1e-15)],
    );
  const evidence = joint(() => 1);
  expect(found.logEvidence).toBeCloseTo(Math.log(evidence), 7);
  const next = joint((mu, tau) => p.normal({ mean: mu, stdDev: 1 / Math.sqrt(tau) }).prob(2)) / evidence;
  expect(predictive.prob(2)).toBeCloseTo(next, 7);
  expect(joint((mu) => mu) / evidence).toBeCloseTo(mean.mean, 7);
  expect(joint((_mu, tau) => tau) / evidence).toBeCloseTo(precision.mean, 7);
});

test("data may come in parts", () => {
  const prior = { mean: 0, weight: 1, concentration: 1, rate: 1 };
  const [first, all] = [conjugate.normalGamma(prior, [1, 2]), conjugate.normalGamma(prior, [1, 2, 5, -1])];
  const second = conjugate.normalGamma(first.parameters, [5, -1]);
  expect(second.parameters.rate).toBeCloseTo(all.parameters.rate, 12);
  expect(first.logEvidence + second.logEvidence).toBeCloseTo(all.logEvidence, 12);
});
