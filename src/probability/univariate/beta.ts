import { betaTails, digammaLessLog, inverseBetaTail, logBetaPower } from "../../numeric/special/index.ts";
import { positive } from "./check.ts";
import { type Univariate, univariate } from "./univariate.ts";

/** The two exponents, each one above its power of x and of 1 − x. */
export interface BetaParameters {
  readonly a: number;
  readonly b: number;
}

/** Log-density at the end whose exponent is a − 1. */
const atEnd = (a: number, b: number) => (a === 1 ? Math.log(b) : (1 - a) * Number.POSITIVE_INFINITY);

function modeOf(a: number, b: number): number {
  if (a <= 1 && b <= 1) return a <= b ? 0 : 1;
  return Math.min(Math.max((a - 1) / (a + b - 2), 0), 1);
}

/** Beta: log p(x) = (a − 1) log x + (b − 1) log(1 − x) − log B(a, b) on [0, 1]. */
export function beta({ a, b }: BetaParameters): Univariate {
  positive("beta", { a, b });
  const n = a + b;
  const variance = ((a / n) * (b / n)) / (n + 1);
  return univariate({
    family: "beta",
    parameters: { a, b },
    kind: "continuous",
    support: [0, 1],
    logProb: (x) => {
      if (x === 0) return atEnd(a, b);
      if (x === 1) return atEnd(b, a);
      return logBetaPower(a, b, x) - Math.log(x) - Math.log1p(-x);
    },
    tails: (x) => betaTails(a, b, x),
    inverseTail: (p, isUpper) => inverseBetaTail(a, b, p, isUpper).x,
    mean: a / n,
    variance,
    skewness: (2 * (b - a) * Math.sqrt(n + 1)) / ((n + 2) * Math.sqrt(a * b)),
    kurtosis: (6 * ((a - b) ** 2 * (n + 1) - a * b * (n + 2))) / (a * b * (n + 2) * (n + 3)),
    mode: modeOf(a, b),
    entropy: () => {
      const pulls = (a - 1) * digammaLessLog(a) + (b - 1) * digammaLessLog(b) - (n - 2) * digammaLessLog(n);
      return Math.log(a / n) + Math.log(b / n) - logBetaPower(a, b, a / n, b / n) - pulls;
    },
  });
}
