import { deviance } from "./elementary.ts";
import { logBeta, logGamma, logGamma1p, stirlingError } from "./gamma.ts";
import { fromTail, mirrored, smallerTail, solveTail, type Tail, type Tails } from "./tails.ts";

const MOST_STEPS = 1_000_000;

/** log of xᵃ yᵇ / B(a, b) for y = 1 − x: x y times the Beta density. Loader 2000 where both are large. */
export function logBetaPower(a: number, b: number, x: number, y = 1 - x): number {
  if (Math.min(a, b) < 8) {
    const [logX, logY] = [x > 0.5 ? Math.log1p(-y) : Math.log(x), y > 0.5 ? Math.log1p(-x) : Math.log(y)];
    return a * logX + b * logY - logBeta(a, b);
  }
  const n = a + b;
  const errors = stirlingError(n) - stirlingError(a) - stirlingError(b);
  return (
    0.5 * (Math.log(a) + Math.log(b / n) - Math.log(2 * Math.PI)) + errors - deviance(a, n * x) - deviance(b, n * y)
  );
}

/** I / (xᵃ yᵇ / B(a, b)) for x below the mean: continued fraction of Didonato and Morris 1992, equation 9, by Lentz. */
function fraction(a: number, b: number, x: number, y: number): number {
  const lambda = a * y - b * x;
  let [c, d] = [1e300, 1 / ((a * (lambda + 1)) / (a + 1))];
  let value = d;
  for (let n = 1; n < MOST_STEPS; n++) {
    const s = a + 2 * n - 1;
    const alpha = (((a + n - 1) * (a + b + n - 1)) / (s * s)) * n * (b - n) * x * x;
    const beta = n + (n * (b - n) * x) / s + ((a + n) * (lambda + 1 + n * (1 + y))) / (s + 2);
    d = 1 / (alpha * d + beta);
    c = beta + alpha / c;
    const change = c * d;
    value *= change;
    if (Math.abs(change - 1) < 1e-16) break;
  }
  return value;
}

/** 1 − I for a ≤ 1 and small x, where I is next to 1: from the power series of I with its first term split off. */
function upperSeries(a: number, b: number, x: number): number {
  let [factor, sum] = [1, 0];
  for (let n = 1; n < 500; n++) {
    factor *= ((n - b) * x) / n;
    sum += factor / (a + n);
    if (Math.abs(factor) < 1e-17 * Math.abs(sum)) break;
  }
  const logB = b < 8 ? logGamma(b) - logGamma(a + b) : logBeta(a, b) - logGamma(a);
  const logPower = a * Math.log(x) - ((a <= 0.5 ? logGamma1p(a) : logGamma(a + 1)) + logB);
  return -Math.expm1(logPower) - a * Math.exp(logPower) * sum;
}

/** The tails for x at most at the place where the fraction converges fast. */
function below(a: number, b: number, x: number, y: number): Tails {
  const log = logBetaPower(a, b, x, y) + Math.log(fraction(a, b, x, y));
  if (a > 1 || log < -Math.LN2) return fromTail(false, Math.exp(log), log);
  const upper = upperSeries(a, b, x);
  return fromTail(true, upper, Math.log(upper));
}

/**
 * Both tails of the regularised incomplete beta function I_x(a, b) and their logarithms, for a, b > 0. `y` is 1 − x,
 * given where x is next to 1. The smaller tail has its own relative accuracy.
 */
export function betaTails(a: number, b: number, x: number, y = 1 - x): Tails {
  if (!(a > 0) || !(b > 0) || !(x >= 0) || !(y >= 0)) return fromTail(false, Number.NaN, Number.NaN);
  if (x === 0 || y === 0) return fromTail(x !== 0, 0, Number.NEGATIVE_INFINITY);
  return x <= (a + 1) / (a + b + 2) ? below(a, b, x, y) : mirrored(below(b, a, y, x));
}

/** The regularised incomplete beta function I_x(a, b). */
export function betaI(a: number, b: number, x: number): number {
  return betaTails(a, b, x).lower;
}

/** log(x/y) to start from: normal about the mean of the logit, or the power law of the end that the tail is at. */
function start(a: number, b: number, { isUpper, log }: Tail): number {
  const power = isUpper ? -(log + Math.log(b) + logBeta(a, b)) / b : (log + Math.log(a) + logBeta(a, b)) / a;
  const mean = Math.log(a / b);
  return isUpper ? Math.max(power, mean) : Math.min(power, mean);
}

function fromLogit(t: number): { x: number; y: number } {
  return { x: 1 / (1 + Math.exp(-t)), y: 1 / (1 + Math.exp(t)) };
}

/** x and y = 1 − x at which a tail of I_x(a, b) has the given probability; both keep their digits. */
export function inverseBetaTail(a: number, b: number, probability: number, isUpper: boolean): { x: number; y: number } {
  if (!(probability >= 0 && probability <= 1)) return { x: Number.NaN, y: Number.NaN };
  const tail = smallerTail(probability, isUpper);
  if (tail.log === Number.NEGATIVE_INFINITY) return tail.isUpper ? { x: 1, y: 0 } : { x: 0, y: 1 };
  return solveTail<{ x: number; y: number }>(tail, {
    start: fromLogit(start(a, b, tail)),
    tails: ({ x, y }) => betaTails(a, b, x, y),
    logDensity: ({ x, y }) => logBetaPower(a, b, x, y),
    move: ({ x, y }, by) => {
      const grown = Math.expm1(by); // x eᵗ / (x eᵗ + y)
      const total = 1 + x * grown;
      return { x: (x * (1 + grown)) / total, y: y / total };
    },
  });
}

/** The x with I_x(a, b) = p, by Newton's method in the logit of x on the logarithm of the smaller tail. */
export function inverseBetaI(a: number, b: number, p: number): number {
  return inverseBetaTail(a, b, p, false).x;
}
