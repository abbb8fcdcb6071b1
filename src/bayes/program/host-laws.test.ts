import { describe, expect, it } from "vitest";
import { chiSquareScore, SCORE_1_IN_1000 } from "../../../tests/support/statistics.ts";
import { float32 } from "../../base/host.ts";
import * as d from "../../distributions/index.ts";
import { constant } from "../../graph/index.ts";
import { key } from "../../random/index.ts";
import { binomialDraw, gammaDraw, poissonDraw, Stream } from "./host-laws.ts";
import { priorPredictive } from "./predictive.ts";
import { program } from "./program.ts";

const logFactorial = (n: number) => Array.from({ length: n }, (_, i) => Math.log(i + 1)).reduce((a, b) => a + b, 0);

/** Chi-square of counts against probabilities of 0..n, neighbours pooled to at least 20 expected. */
function score(draws: readonly number[], probability: (k: number) => number): number {
  const [observed, expected] = [[0], [0]];
  const top = Math.max(...draws) + 50;
  const counts = new Map<number, number>();
  for (const draw of draws) counts.set(draw, (counts.get(draw) ?? 0) + 1);
  for (let k = 0; k <= top; k++) {
    if (expected.at(-1)! >= 20) {
      observed.push(0);
      expected.push(0);
    }
    observed[observed.length - 1]! += counts.get(k) ?? 0;
    expected[expected.length - 1]! += probability(k) * draws.length;
  }
  if (expected.at(-1)! < 20) {
    observed[observed.length - 2]! += observed.pop()!;
    expected[expected.length - 2]! += expected.pop()!;
  }
  return chiSquareScore(observed, expected);
}

const moments = (x: readonly number[]) => {
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
  return { mean, variance: x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (x.length - 1) };
};

describe("draws on the host", () => {
  const count = 8000;

  for (const rate of [0.7, 9, 80])
    it(`Poisson(${rate}) by chi-square`, () => {
      const stream = new Stream(key(1));
      const draws = Array.from({ length: count }, () => poissonDraw(rate, stream));
      expect(score(draws, (k) => Math.exp(k * Math.log(rate) - rate - logFactorial(k)))).toBeLessThan(SCORE_1_IN_1000);
    });

  for (const [n, p] of [
    [7, 0.3],
    [150, 0.6],
  ] as const)
    it(`binomial(${n}, ${p}) by chi-square`, () => {
      const stream = new Stream(key(2));
      const draws = Array.from({ length: count }, () => binomialDraw(n, p, stream));
      const probability = (k: number) =>
        k > n
          ? 0
          : Math.exp(
              logFactorial(n) - logFactorial(k) - logFactorial(n - k) + k * Math.log(p) + (n - k) * Math.log(1 - p),
            );
      expect(score(draws, probability)).toBeLessThan(SCORE_1_IN_1000);
    });

  for (const a of [0.4, 1, 6])
    it(`gamma(${a}) by its moments`, () => {
      const stream = new Stream(key(3));
      const { mean, variance } = moments(Array.from({ length: count }, () => gammaDraw(a, stream)));
      expect(Math.abs(mean - a)).toBeLessThan(4 * Math.sqrt(a / count));
      expect(Math.abs(variance / a - 1)).toBeLessThan(4 * Math.sqrt((2 + 6 / a) / count));
    });

  it("laws inside programs have their means and variances, with parameters from statements before", () => {
    const model = program(({ sample, observe }) => {
      const one = sample("one", d.normal({ mean: 1, stdDev: 1e-6 }));
      sample("gamma", d.gamma({ concentration: one.mul(3), rate: 2 }));
      sample("beta", d.beta({ a: 2, b: one.mul(5) }));
      sample("t", d.studentT({ freedom: 8, location: one, scale: 2 }));
      sample("p", d.dirichlet({ concentration: constant(float32([1, 2, 5])) }));
      observe("poisson", d.poisson({ rate: one.mul(4) }), 0);
      observe("binomial", d.binomial({ trials: 10, logits: one.sub(1) }), 0);
      observe("negative", d.negativeBinomial({ successes: 3, mean: one.mul(6) }), 0);
    });
    const draws = priorPredictive(model, { key: key(4), draws: 6000 });
    const wanted: Record<string, [number, number]> = {
      gamma: [1.5, 0.75],
      beta: [2 / 7, 10 / (49 * 8)],
      t: [1, (4 * 8) / 6],
      poisson: [4, 4],
      binomial: [5, 2.5],
      negative: [6, 6 + 36 / 3],
    };
    for (const [name, [mean, variance]] of Object.entries(wanted)) {
      const got = moments([...draws[name]!.data]);
      expect(Math.abs(got.mean - mean), name).toBeLessThan(4 * Math.sqrt(variance / 6000));
      expect(Math.abs(got.variance / variance - 1), name).toBeLessThan(0.15);
    }
    expect(moments([...draws.p!.data].filter((_, i) => i % 3 === 2)).mean).toBeCloseTo(5 / 8, 1);
    expect(draws.p!.data[0]! + draws.p!.data[1]! + draws.p!.data[2]!).toBeCloseTo(1, 12);
  });
});
