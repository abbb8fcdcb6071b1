import { fromTail, logBeta, logChoose } from "../../numeric/special/index.ts";
import { count, positive } from "./check.ts";
import { type Univariate, univariate } from "./univariate.ts";

/** Number of trials, and the Beta law of the probability of success. */
export interface BetaBinomialParameters {
  readonly trials: number;
  readonly a: number;
  readonly b: number;
}

/** Where P(k)/P(k − 1) falls below one; of two heaps at the ends, the larger. */
function modeOf(n: number, a: number, b: number): number {
  if (a <= 1 && b <= 1) return b < a ? n : 0;
  return Math.min(n, Math.max(0, Math.ceil(((n + 1) * (a - 1)) / (a + b - 2)) - 1));
}

/** Fourth standardised moment less 3. Skellam 1948. */
function kurtosisOf(n: number, a: number, b: number): number {
  const s = a + b;
  const outer = (s * s * (1 + s)) / (n * a * b * (s + 2) * (s + 3) * (s + n));
  const inner = s * (s - 1 + 6 * n) + 3 * a * b * (n - 2) + 6 * n * n;
  return outer * (inner - (3 * a * b * n * (6 - n)) / s - (18 * a * b * n * n) / (s * s)) - 3;
}

/**
 * Beta-binomial: successes in n trials whose probability is Beta(a, b): P(k) = C(n, k) B(k + a, n − k + b)/B(a, b). Its
 * distribution function is a sum of up to n terms.
 */
export function betaBinomial({ trials: n, a, b }: BetaBinomialParameters): Univariate {
  count("betaBinomial", "trials", n);
  positive("betaBinomial", { a, b });
  const logProb = (k: number) => logChoose(n, k) + logBeta(k + a, n - k + b) - logBeta(a, b);
  const total = (from: number, to: number) => {
    let sum = 0;
    for (let k = from; k <= to; k++) sum += Math.exp(logProb(k));
    return sum;
  };
  const s = a + b;
  const variance = (((n * a) / s) * (b / s) * (s + n)) / (s + 1);
  return univariate({
    family: "betaBinomial",
    parameters: { trials: n, a, b },
    kind: "discrete",
    support: [0, n],
    logProb,
    tails: (k) => {
      const isUpper = k > (n * a) / s;
      const tail = isUpper ? total(k + 1, n) : total(0, k);
      return fromTail(isUpper, tail, Math.log(tail));
    },
    mean: (n * a) / s,
    variance,
    skewness: (((s + 2 * n) * (b - a)) / (s + 2)) * Math.sqrt((1 + s) / (n * a * b * (n + s))),
    kurtosis: kurtosisOf(n, a, b),
    mode: modeOf(n, a, b),
  });
}

/** Beta-geometric: failures before the first success of probability Beta(a, b): P(X ≥ k) = B(a, b + k)/B(a, b). */
export function betaGeometric({ a, b }: { readonly a: number; readonly b: number }): Univariate {
  positive("betaGeometric", { a, b });
  return univariate({
    family: "betaGeometric",
    parameters: { a, b },
    kind: "discrete",
    support: [0, Number.POSITIVE_INFINITY],
    logProb: (k) => logBeta(a + 1, b + k) - logBeta(a, b),
    tails: (k) => {
      const log = logBeta(a, b + k + 1) - logBeta(a, b);
      return fromTail(true, Math.exp(log), log);
    },
    mean: a > 1 ? b / (a - 1) : Number.POSITIVE_INFINITY,
    variance: a > 2 ? (a * b * (a + b - 1)) / ((a - 2) * (a - 1) ** 2) : Number.POSITIVE_INFINITY,
    mode: 0,
  });
}
