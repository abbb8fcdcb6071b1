import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as special from "./index.ts";

type Rows = readonly (readonly number[])[];
const golden = JSON.parse(
  readFileSync(new URL("../../../tests/golden/special.json", import.meta.url), "utf8"),
) as Record<string, Rows>;
const functions = special as unknown as Record<string, (...args: number[]) => number>;

/** Largest relative error allowed; where the value passes through zero, absolute below `from`. */
const TOLERANCE: Record<string, { relative: number; from?: number }> = {
  logGamma: { relative: 1e-15 },
  digamma: { relative: 4e-15, from: 0.2 },
  trigamma: { relative: 1e-15 },
  erf: { relative: 2e-15 },
  erfc: { relative: 4e-15 },
  logErfc: { relative: 4e-15 },
  logBeta: { relative: 4e-15, from: 0.1 },
  logChoose: { relative: 1e-15 },
  log1pmx: { relative: 1e-15 },
  log1mexp: { relative: 1e-15 },
  inverseErf: { relative: 1e-15 },
  inverseErfc: { relative: 2e-15 },
  gammaP: { relative: 3e-13 },
  gammaQ: { relative: 3e-13 },
  betaI: { relative: 4e-13 },
};

test.each(Object.entries(TOLERANCE))("%s has the values of 40-digit arithmetic", (name, { relative, from = 0 }) => {
  const rows = golden[name]!;
  expect(rows.length).toBeGreaterThan(5);
  const wrong = rows.filter((row) => {
    const exact = row.at(-1)!;
    const found = functions[name]!(...row.slice(0, -1));
    return !(Math.abs(found - exact) <= relative * Math.max(Math.abs(exact), from));
  });
  expect(wrong).toEqual([]);
});

const PROBABILITIES = [1e-300, 1e-30, 1e-8, 0.01, 0.3, 0.5, 0.7, 0.999, 1 - 1e-12];
const apart = (a: number, b: number) => Math.abs(a - b) / Math.abs(b);

describe("inverses", () => {
  test.each([1e-3, 0.1, 1, 5, 12, 300, 1e5])("of the incomplete gamma function with a = %s", (a) => {
    for (const p of PROBABILITIES) {
      const [x, y] = [special.inverseGammaP(a, p), special.inverseGammaQ(a, p)];
      if (x > 0) expect(apart(special.gammaP(a, x), p)).toBeLessThan(1e-11);
      if (y > 0) expect(apart(special.gammaQ(a, y), p)).toBeLessThan(1e-11);
    }
  });

  test.each([
    [0.3, 0.2],
    [1, 5],
    [3, 0.8],
    [20, 30],
    [0.5, 1e4],
    [1e5, 2e5],
  ])("of the incomplete beta function with a = %s, b = %s", (a, b) => {
    for (const p of PROBABILITIES)
      for (const isUpper of [false, true]) {
        const { x, y } = special.inverseBetaTail(a, b, p, isUpper);
        const { lower, upper } = special.betaTails(a, b, x, y);
        if (x > 0 && y > 0) expect(apart(isUpper ? upper : lower, p)).toBeLessThan(1e-11);
      }
  });

  test("of the complement of erf by its logarithm, beyond the smallest number", () => {
    for (const logQ of [-1, -700, -1e4, -1e9])
      expect(apart(special.logErfc(special.inverseLogErfc(logQ)), logQ)).toBeLessThan(1e-14);
  });

  test("of the digamma function", () => {
    for (const x of [1e-6, 0.1, 1, 1.4616, 7, 1e6])
      expect(apart(special.inverseDigamma(special.digamma(x)), x)).toBeLessThan(1e-12);
  });
});

test("logarithms of tails go on where the tails are no numbers any more", () => {
  expect(special.gammaTails(3, 2000).logUpper).toBeCloseTo(-2000 + Math.log(2_002_001), 9);
  expect(special.betaTails(1000, 2, 0.01).logLower).toBeCloseTo(
    1000 * Math.log(0.01) + Math.log(1001 - 1000 * 0.01),
    9,
  );
});

test("arguments without meaning give NaN, ends give 0 and 1", () => {
  expect([special.gammaP(-1, 2), special.gammaQ(1, -2), special.betaI(1, 1, 1.5), special.inverseGammaP(1, 2)]).toEqual(
    new Array(4).fill(Number.NaN),
  );
  expect([special.gammaP(2, 0), special.gammaQ(2, Number.POSITIVE_INFINITY), special.betaI(2, 3, 1)]).toEqual([
    0, 0, 1,
  ]);
  expect([special.inverseGammaP(2, 0), special.inverseGammaQ(2, 0), special.inverseBetaI(2, 3, 1)]).toEqual([
    0,
    Number.POSITIVE_INFINITY,
    1,
  ]);
});

test("sums of exponentials and entropies at their ends", () => {
  expect(special.log1pexp(-800)).toBe(0);
  expect(special.log1pexp(800)).toBe(800);
  expect(special.logAddExp(-1000, -1000)).toBeCloseTo(-1000 + Math.LN2, 12);
  expect(special.logAddExp(Number.NEGATIVE_INFINITY, 3)).toBe(3);
  expect([special.xlogy(0, 0), special.xlog1py(0, -1)]).toEqual([0, 0]);
  expect(special.logFactorial(5)).toBeCloseTo(Math.log(120), 15);
});
