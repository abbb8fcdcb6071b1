import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as laws from "./index.ts";

type Block = {
  readonly parameters: never;
  readonly moments: readonly (number | null)[];
  readonly entropy: number | null;
  readonly points: readonly (readonly [number, number | null, number, number])[];
};

/** Relative error of tails: a few 1e-13, and what scipy itself loses with parameters in the thousands. */
const TAILS: Record<string, number> = { gamma: 1e-11, binomial: 1e-11, beta: 2e-12 };
const ENTROPY: Record<string, number> = { poisson: 1e-10, binomial: 1e-10, negativeBinomial: 1e-10 };
const apart = (found: number, exact: number) => Math.abs(found - exact) / (1 + Math.abs(exact));

const families = [
  ...["bernoulli", "beta", "betaBinomial", "binomial", "categorical", "chiSquare", "exponential", "gamma", "geometric"],
  ...["inverseGamma", "laplace", "logNormal", "logistic", "lomax", "negativeBinomial", "normal", "poisson"],
  ...["studentT", "uniform"],
] as const;

describe.each(families)("%s", (family) => {
  const file = new URL(`../../../tests/golden/univariate/${family}.json`, import.meta.url);
  const { blocks } = JSON.parse(readFileSync(file, "utf8")) as { blocks: readonly Block[] };
  const make = new Map(Object.entries(laws)).get(family) as (parameters: unknown) => laws.Univariate;
  const each = blocks.map((block) => ({ law: make(block.parameters), ...block }));

  test("has the log-densities of 30-digit arithmetic, far into the tails", () => {
    const wrong = each.flatMap(({ law, parameters, points }) =>
      points
        .filter(([x, log]) => !(log === null ? law.prob(x) === 0 : apart(law.logProb(x), log) < 1e-13))
        .map(([x, log]) => [parameters, x, law.logProb(x), log]),
    );
    expect(wrong).toEqual([]);
  });

  test("has both tails of scipy to their last digits", () => {
    const good = (found: number, exact: number) =>
      exact < 1e-290 || Math.abs(found - exact) <= (TAILS[family] ?? 1e-12) * exact;
    const wrong = each.flatMap(({ law, parameters, points }) =>
      points
        .filter(([x, , lower, upper]) => !good(law.cdf(x), lower) || !good(law.survival(x), upper))
        .map(([x, , lower, upper]) => [parameters, x, law.cdf(x), lower, law.survival(x), upper]),
    );
    expect(wrong).toEqual([]);
  });

  test("has the logarithms of both tails", () => {
    for (const { law, points } of each)
      for (const [x, , lower, upper] of points) {
        if (lower > 1e-290) expect(apart(law.logCdf(x), Math.log(law.cdf(x)))).toBeLessThan(1e-13);
        if (upper > 1e-290) expect(apart(law.logSurvival(x), Math.log(law.survival(x)))).toBeLessThan(1e-13);
      }
  });

  test("has the moments and the entropy of scipy", () => {
    for (const { law, moments, entropy } of each) {
      [law.mean, law.variance, law.skewness, law.kurtosis].forEach((found, i) => {
        const exact = moments[i];
        if (exact === null || exact === undefined) expect(Number.isFinite(found)).toBe(false);
        else expect(apart(found, exact)).toBeLessThan(1e-12);
      });
      if (entropy !== null) expect(apart(law.entropy(), entropy)).toBeLessThan(ENTROPY[family] ?? 1e-11);
    }
  });
});
