import { expect, test } from "vitest";
import { naturalLog, normalQuantile } from "./quantile.ts";

test("the logarithm agrees with Math.log to two units in the last place", () => {
  for (let exponent = -40; exponent <= 40; exponent++)
    for (let i = 0; i < 200; i++) {
      const x = 2 ** exponent * (1 + i / 200 + i * 1e-9);
      const expected = Math.log(x);
      expect(Math.abs(naturalLog(x) - expected)).toBeLessThanOrEqual(2 ** -51 * Math.abs(expected));
    }
});

test("the logarithm keeps its relative accuracy next to one", () => {
  for (const d of [2 ** -33, -(2 ** -33), 2 ** -20, -1e-3, 1e-3])
    expect(naturalLog(1 + d) / Math.log1p(1 + d - 1) - 1).toBeCloseTo(0, 15);
});

/** Well-known values of Φ⁻¹ to 16 digits. */
test.each([
  [0.5, 0],
  [0.75, 0.6744897501960817],
  [0.9, 1.2815515655446004],
  [0.975, 1.959963984540054],
  [0.001, -3.090232306167813],
  [1e-6, -4.753424308822899],
  [1e-9, -5.997807015007687],
])("the normal quantile of %s is %s", (p, expected) => {
  expect(normalQuantile(p - 0.5)).toBeCloseTo(expected, p < 1e-6 ? 7 : p < 0.01 ? 9 : 14); // p - ½ itself is rounded
});

/** Φ(-x) for x > 0 by the continued fraction of Laplace, independent of the rational approximation. */
function upperTail(x: number): number {
  let fraction = 0;
  for (let n = 400; n > 0; n--) fraction = n / (x + fraction);
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI) / (x + fraction);
}

test("the distribution function of the quantile gives the probability back", () => {
  for (let i = 1; i <= 400; i++) {
    const tail = 2 ** -33 + (i / 400) ** 6 * 0.2;
    const q = tail - 0.5;
    const x = normalQuantile(q);
    expect(x).toBeLessThan(0);
    expect(normalQuantile(-q)).toBe(-x);
    expect(Math.abs(upperTail(-x) / (0.5 + q) - 1)).toBeLessThan(1e-12);
  }
});

test("the two branches of the quantile meet", () => {
  expect(normalQuantile(0.425) - normalQuantile(0.425 + 2 ** -50)).toBeCloseTo(0, 13);
});
