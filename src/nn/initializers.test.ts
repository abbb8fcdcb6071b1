import { describe, expect, test } from "vitest";
import { toNumbers } from "../base/host.ts";
import { key } from "../random/index.ts";
import {
  conv2d,
  convTranspose2d,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  initializers,
  lecunNormal,
  lecunUniform,
  linear,
  normal,
  orthogonal,
  truncatedNormal,
  uniform,
} from "./index.ts";

const fans = { fanIn: 30, fanOut: 70 };

function moments(values: readonly number[]) {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return { mean, variance, max: values.reduce((max, v) => Math.max(max, Math.abs(v)), 0) };
}

const expected: [string, Initializer, number, number][] = [
  // name, initialiser, variance, largest possible size
  ["uniform", uniform(0.2), 0.04 / 3, 0.2],
  ["normal", normal(0.3), 0.09, Number.POSITIVE_INFINITY],
  ["truncatedNormal", truncatedNormal(0.3), 0.09, (0.3 * 2) / 0.8796],
  ["glorotUniform", glorotUniform, 1 / 50, Math.sqrt(6 / 100)],
  ["glorotNormal", glorotNormal, 1 / 50, Number.POSITIVE_INFINITY],
  ["heUniform", heUniform, 2 / 30, Math.sqrt(6 / 30)],
  ["heNormal", heNormal, 2 / 30, Number.POSITIVE_INFINITY],
  ["lecunUniform", lecunUniform, 1 / 30, Math.sqrt(3 / 30)],
  ["lecunNormal", lecunNormal, 1 / 30, Number.POSITIVE_INFINITY],
];

// Five standard errors (of mean: √(v/n); of a normal's variance: v√(2/n)): a false alarm has probability about 10⁻⁶.
test.each(expected)("%s has mean zero and its variance", (_name, init, variance, limit) => {
  const n = 20_000;
  const found = moments(toNumbers(init(key(1), [n], fans)));
  expect(Math.abs(found.mean)).toBeLessThan(5 * Math.sqrt(variance / n));
  expect(Math.abs(found.variance - variance)).toBeLessThan(5 * variance * Math.sqrt(2 / n));
  expect(found.max).toBeLessThanOrEqual(limit * 1.0001);
});

test("the truncated normal's constants are the normal law's", () => {
  const density = Math.exp(-2) / Math.sqrt(2 * Math.PI);
  const inside = 0.9544997361036416; // Φ(2) − Φ(−2)
  const found = moments(toNumbers(truncatedNormal(1)(key(2), [200_000], fans)));
  expect(found.max).toBeCloseTo(2 / Math.sqrt(1 - (4 * density) / inside), 2);
});

test.each([
  [8, 5],
  [5, 8],
  [6, 6],
])("orthogonal [%d, %d] has orthonormal rows or columns", (rows, columns) => {
  const w = toNumbers(orthogonal(2)(key(3), [rows, columns], fans));
  const short = Math.min(rows, columns);
  const at = (i: number, k: number) => (rows <= columns ? w[i * columns + k]! : w[k * columns + i]!);
  for (let i = 0; i < short; i++)
    for (let j = 0; j < short; j++) {
      const product = Array.from({ length: Math.max(rows, columns) }, (_, k) => at(i, k) * at(j, k));
      expect(product.reduce((a, b) => a + b)).toBeCloseTo(i === j ? 4 : 0, 5);
    }
});

describe("layers tell their initialisers the fans", () => {
  const spy = () => {
    const seen: unknown[] = [];
    const weight: Initializer = (k, shape, f) => {
      seen.push(shape, f);
      return initializers.zeros(k, shape, f);
    };
    return { seen, weight };
  };

  test("linear", () => {
    const { seen, weight } = spy();
    linear(3, 5, { weight }).init(key(0));
    expect(seen).toEqual([[3, 5], { fanIn: 3, fanOut: 5 }]);
  });

  test("convolution counts the receptive field and groups", () => {
    const { seen, weight } = spy();
    conv2d(8, 12, [3, 5], { groups: 4, weight }).init(key(0));
    expect(seen).toEqual([[12, 2, 3, 5], { fanIn: 30, fanOut: 45 }]);
  });

  test("transposed convolution: a stride of 2 leaves each output a quarter of the taps", () => {
    const { seen, weight } = spy();
    convTranspose2d(8, 6, 4, { stride: 2, weight }).init(key(0));
    expect(seen).toEqual([[8, 6, 4, 4], { fanIn: 32, fanOut: 96 }]);
  });
});

test("the same key gives the same weights, another key others", () => {
  const draw = (seed: number) => toNumbers(linear(4, 4).init(key(seed)).weight);
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});
