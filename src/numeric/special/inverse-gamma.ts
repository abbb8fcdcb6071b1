import { inverseLogErfc } from "./erf.ts";
import { logGamma } from "./gamma.ts";
import { gammaTails, logGammaPower } from "./incomplete-gamma.ts";
import { smallerTail, solveTail, type Tail } from "./tails.ts";

/** log x to start from: Wilson and Hilferty's cube for moderate tails, else the power law of small x. */
function start(a: number, { isUpper, log }: Tail): number {
  const z = Math.SQRT2 * inverseLogErfc(Math.min(log + Math.LN2, -1e-12)) * (isUpper ? 1 : -1);
  const cube = 1 - 1 / (9 * a) + z / (3 * Math.sqrt(a));
  const power = (log + logGamma(a + 1)) / a;
  if (isUpper) return cube > 0.2 ? Math.log(a * cube ** 3) : Math.log(Math.max(-log, 1e-3));
  return cube > 0.4 ? Math.log(a * cube ** 3) : power;
}

function solved(a: number, tail: Tail): number {
  if (tail.log === Number.NEGATIVE_INFINITY) return tail.isUpper ? Number.POSITIVE_INFINITY : 0;
  return solveTail(tail, {
    start: Math.exp(start(a, tail)),
    tails: (x) => gammaTails(a, x),
    logDensity: (x) => logGammaPower(a, x),
    move: (x, by) => x * Math.exp(by),
  });
}

/** The x with P(a, x) = p, by Newton's method in log x on the logarithm of the smaller tail. */
export function inverseGammaP(a: number, p: number): number {
  return p >= 0 && p <= 1 ? solved(a, smallerTail(p, false)) : Number.NaN;
}

/** The x with Q(a, x) = q; small q keep their digits. */
export function inverseGammaQ(a: number, q: number): number {
  return q >= 0 && q <= 1 ? solved(a, smallerTail(q, true)) : Number.NaN;
}
