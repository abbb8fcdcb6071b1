/*
 * Everything here is made of single IEEE 754 operations (+, −, ×, ÷, floor), which every JavaScript engine rounds alike:
 * Math.exp may differ in the last bit from machine to machine, and one bit is enough to lose a compressed file.
 */

/** ln 2 in two parts; the first has 32 bits, so that its product with a small integer is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** 1/k! for k = 13, …, 0. */
const coefficients = Float64Array.from({ length: 14 }, (_, i) => {
  let factorial = 1;
  for (let k = 2; k <= 13 - i; k++) factorial *= k;
  return 1 / factorial;
});

/** 2^−n for n = 0, …, 1022: exact. */
const halves = new Float64Array(1023);
halves[0] = 1;
for (let n = 1; n < halves.length; n++) halves[n] = halves[n - 1]! / 2;

/** e^x for x ≤ 0, the same bits on every machine; relative error below 10⁻¹⁵, 0 below −708. */
export function expNegative(x: number): number {
  if (!(x > -708)) return 0;
  const n = Math.floor(x * Math.LOG2E + 0.5);
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  let sum = coefficients[0]!;
  for (let i = 1; i < coefficients.length; i++) sum = sum * r + coefficients[i]!;
  return n > 0 ? sum : sum * halves[-n]!;
}

/** 1/(1 + e^−x), the same bits on every machine. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + expNegative(-x));
  const e = expNegative(x);
  return e / (1 + e);
}
