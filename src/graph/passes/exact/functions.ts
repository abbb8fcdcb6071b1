import { constant, type Tensor } from "../../tensor.ts";

/*
 * Functions of float64 tensors made of single operations that IEEE 754 rounds alike everywhere: +, −, ×, ÷, √, comparison.
 * An engine's own exp or tanh comes from its mathematical library and differs in the last bits from machine to machine.
 */

/** Beyond this, e^x is taken as e^±64: 10^±28 is nothing, or everything, to a probability. */
const EXP_LIMIT = 64;
const SQUARINGS = 8;
const EXP_DEGREE = 8;

const number = (value: number) => constant(value, "float64");
const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/** x limited to [low, high]. Not as one Clip: joining that with a Relu before it, ONNX Runtime fails on float64. */
export function limited(x: Tensor, low: number, high: number): Tensor {
  return x.maximum(low).minimum(high);
}

/** Σ cᵢ xⁱ by Horner's rule, coefficients from the highest power down. */
function polynomial(x: Tensor, coefficients: readonly number[]): Tensor {
  const [first, second, ...rest] = coefficients as [number, number, ...number[]];
  return rest.reduce((sum, c) => sum.mul(x).add(c), x.mul(first).add(second));
}

/** e^x = (e^(x/256))^256: Taylor's polynomial on [−¼, ¼], squared eight times; relative error below 10⁻⁸. */
export function exp(x: Tensor): Tensor {
  const coefficients = Array.from({ length: EXP_DEGREE + 1 }, (_, i) => 1 / factorial(EXP_DEGREE - i));
  let power = polynomial(limited(x, -EXP_LIMIT, EXP_LIMIT).mul(2 ** -SQUARINGS), coefficients);
  for (let i = 0; i < SQUARINGS; i++) power = power.mul(power);
  return power;
}

/**
 * ln x for 2⁻¹²⁷ ≤ x < 2¹²⁸ (what lies outside is taken as the nearest): factors 2⁶⁴, 2³², …, 2 are taken out by comparison,
 * the rest m ∈ [1, 2) is √2·(1 + f)/(1 − f), ln m = ½ ln 2 + 2(f + f³/3 + …); absolute error below 10⁻¹⁰.
 */
export function log(x: Tensor): Tensor {
  let rest = limited(x, 2 ** -127, 2 ** 127).mul(2 ** 127);
  let exponent = number(-127);
  for (let bits = 128; bits >= 1; bits /= 2) {
    const large = rest.greaterEqual(2 ** bits);
    exponent = large.select(number(bits), number(0)).add(exponent);
    rest = large.select(rest.mul(2 ** -bits), rest);
  }
  const f = rest.sub(Math.SQRT2).div(rest.add(Math.SQRT2));
  const odd = polynomial(
    f.mul(f),
    [11, 9, 7, 5, 3, 1].map((n) => 2 / n),
  );
  return exponent.add(0.5).mul(Math.LN2).add(odd.mul(f));
}

/** 1/x. Written 2/(2x), the same number: engines fuse 1/x with a product that follows, which rounds once instead of twice. */
export function reciprocal(x: Tensor): Tensor {
  return number(2).div(x.mul(2));
}

/** 1/(1 + e^−x). */
export function sigmoid(x: Tensor): Tensor {
  return reciprocal(exp(x.neg()).add(1));
}

/** (1 − q)/(1 + q) with q = e^−2x. */
export function tanh(x: Tensor): Tensor {
  const q = exp(x.mul(-2));
  return q.mul(-1).add(1).div(q.add(1));
}

/** max(x, 0) + ln(1 + e^−|x|). */
export function softplus(x: Tensor): Tensor {
  return x.maximum(0).add(log(exp(x.abs().neg()).add(1)));
}

const SINE_DEGREE = 21;

/** sin 2πt: whole turns taken out, Taylor's polynomial on [−π, π]; absolute error below 10⁻¹⁰ for up to a thousand turns. */
function sineOfTurns(t: Tensor): Tensor {
  const y = t.sub(t.round()).mul(2 * Math.PI);
  const powers = Array.from({ length: (SINE_DEGREE + 1) / 2 }, (_, i) => SINE_DEGREE - 2 * i);
  const even = polynomial(
    y.mul(y),
    powers.map((n) => (n % 4 === 1 ? 1 : -1) / factorial(n)),
  );
  return even.mul(y);
}

/** sin x. */
export function sin(x: Tensor): Tensor {
  return sineOfTurns(x.mul(1 / (2 * Math.PI)));
}

/** cos x, the sine a quarter turn on. */
export function cos(x: Tensor): Tensor {
  return sineOfTurns(x.mul(1 / (2 * Math.PI)).add(0.25));
}

/** erf x = ±(1 − t·p(t)·e^−x²), t = 1/(1 + 0.3275911|x|); error below 1.5·10⁻⁷ (Abramowitz & Stegun 1964, 7.1.26). */
export function erf(x: Tensor): Tensor {
  const t = reciprocal(x.abs().mul(0.3275911).add(1));
  const p = polynomial(t, [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592]);
  const tail = p.mul(t).mul(exp(x.mul(x).neg()));
  return tail.mul(-1).add(1).mul(x.sign());
}
