import { logFactorial, xlogy } from "../../numeric/special/index.ts";
import { binomial } from "../univariate/binomial.ts";
import { count, shares } from "../univariate/check.ts";
import { expectation } from "../univariate/expectation.ts";
import type { Univariate } from "../univariate/univariate.ts";
import { checkLength, square, sum } from "./matrix.ts";
import { type Multivariate, sampleRows } from "./multivariate.ts";

/** Number of trials and probabilities of the classes, which sum to one. */
export interface MultinomialParameters {
  readonly trials: number;
  readonly probabilities: ArrayLike<number>;
}

/** Counts of classes among a known number of trials. */
export interface Multinomial extends Multivariate {
  readonly trials: number;
  readonly probabilities: readonly number[];
  /** The binomial law of one count. */
  marginal(coordinate: number): Univariate;
}

/** Whether x are counts that add up to n. */
export function areCounts(x: ArrayLike<number>, n: number): boolean {
  return Array.from(x).every((k) => Number.isInteger(k) && k >= 0) && sum(x) === n;
}

/** Multinomial: log P(x) = log n! − Σ log x_k! + Σ x_k log p_k for counts of sum n. */
export function multinomial({ trials: n, probabilities }: MultinomialParameters): Multinomial {
  count("multinomial", "trials", n);
  const p = shares("multinomial", probabilities);
  const d = p.length;
  const marginal = (k: number) => binomial({ trials: n, probability: Math.min(1, p[k]!) });
  return {
    family: "multinomial",
    kind: "discrete",
    dimension: d,
    trials: n,
    probabilities: p,
    mean: Float64Array.from(p, (q) => n * q),
    covariance: () => square(d, (i, j) => n * p[i]! * ((i === j ? 1 : 0) - p[j]!)),
    logProb: (x) => {
      checkLength("multinomial", x, d);
      if (!areCounts(x, n)) return Number.NEGATIVE_INFINITY;
      return p.reduce((log, q, k) => log + xlogy(x[k]!, q) - logFactorial(x[k]!), logFactorial(n));
    },
    entropy: () => {
      const own = p.reduce((log, q) => log - n * xlogy(q, q), -logFactorial(n));
      return p.reduce((log, _q, k) => log + expectation(marginal(k), logFactorial), own);
    },
    sample: (key, rows) =>
      sampleRows(key, rows, d, Math.max(1, d - 1), (u, row) => {
        let [left, rest] = [n, 1];
        for (let k = 0; k < d - 1; k++) {
          const probability = rest > 0 ? Math.min(1, p[k]! / rest) : 0;
          row[k] = binomial({ trials: left, probability }).inverseCdf(u[k]!);
          left -= row[k]!;
          rest -= p[k]!;
        }
        row[d - 1] = left;
      }),
    marginal,
  };
}

/** KL(p‖q) of multinomials of one number of trials n: n Σ p log p/q. */
export function klMultinomial(p: Multinomial, q: Multinomial): number {
  if (p.trials !== q.trials) return Number.POSITIVE_INFINITY;
  return (
    p.trials * p.probabilities.reduce((nats, a, k) => nats + (a > 0 ? a * Math.log(a / q.probabilities[k]!) : 0), 0)
  );
}
