import { logBeta, logFactorial, logGamma } from "../../numeric/special/index.ts";
import { betaBinomial } from "../univariate/beta-binomial.ts";
import { count, positive } from "../univariate/check.ts";
import { expectation } from "../univariate/expectation.ts";
import type { Univariate } from "../univariate/univariate.ts";
import { checkLength, square, sum } from "./matrix.ts";
import { areCounts } from "./multinomial.ts";
import { type Multivariate, sampleRows } from "./multivariate.ts";

/** Number of trials and concentrations of the Dirichlet law of the probabilities. */
export interface DirichletMultinomialParameters {
  readonly trials: number;
  readonly concentration: ArrayLike<number>;
}

/** Counts of classes whose probabilities are Dirichlet. */
export interface DirichletMultinomial extends Multivariate {
  readonly trials: number;
  readonly concentration: Float64Array;
  /** The beta-binomial law of one count. */
  marginal(coordinate: number): Univariate;
}

/** log Γ(x + a) − log Γ(a), the rising factorial, without cancellation for large a. */
const rising = (a: number, x: number) => (x === 0 ? 0 : logGamma(x) - logBeta(a, x));

/**
 * Dirichlet-multinomial (Pólya): log P(x) = log n! Γ(A)/Γ(n + A) + Σ log Γ(x_k + α_k)/(Γ(α_k) x_k!), A = Σα. Entropy and
 * divergence are exact sums over the counts of each class.
 */
export function dirichletMultinomial(parameters: DirichletMultinomialParameters): DirichletMultinomial {
  const { trials: n } = parameters;
  count("dirichletMultinomial", "trials", n);
  const alpha = Float64Array.from(parameters.concentration);
  for (const a of alpha) positive("dirichletMultinomial", { concentration: a });
  const d = alpha.length;
  const total = sum(alpha);
  const constant = logFactorial(n) - rising(total, n);
  const marginal = (k: number) => betaBinomial({ trials: n, a: alpha[k]!, b: total - alpha[k]! });
  const spread = (n * (n + total)) / (1 + total);
  return {
    family: "dirichletMultinomial",
    kind: "discrete",
    dimension: d,
    trials: n,
    concentration: alpha,
    mean: alpha.map((a) => (n * a) / total),
    covariance: () => square(d, (i, j) => spread * (alpha[i]! / total) * ((i === j ? 1 : 0) - alpha[j]! / total)),
    logProb: (x) => {
      checkLength("dirichletMultinomial", x, d);
      if (!areCounts(x, n)) return Number.NEGATIVE_INFINITY;
      return alpha.reduce((log, a, k) => log + rising(a, x[k]!) - logFactorial(x[k]!), constant);
    },
    entropy: () =>
      alpha.reduce((nats, a, k) => nats + expectation(marginal(k), (x) => logFactorial(x) - rising(a, x)), -constant),
    sample: (key, rows) =>
      sampleRows(key, rows, d, Math.max(1, d - 1), (u, row) => {
        let left = n;
        for (let k = 0; k < d - 1; k++) {
          const b = sum(alpha.subarray(k + 1));
          row[k] = betaBinomial({ trials: left, a: alpha[k]!, b }).inverseCdf(u[k]!);
          left -= row[k]!;
        }
        row[d - 1] = left;
      }),
    marginal,
  };
}

/** KL(p‖q) for one number of trials: an exact sum over the counts of each class under p. */
export function klDirichletMultinomial(p: DirichletMultinomial, q: DirichletMultinomial): number {
  if (p.trials !== q.trials) return Number.POSITIVE_INFINITY;
  const [a, b] = [p.concentration, q.concentration];
  const start = rising(sum(b), p.trials) - rising(sum(a), p.trials);
  return a.reduce(
    (nats, _a, k) => nats + expectation(p.marginal(k), (x) => rising(a[k]!, x) - rising(b[k]!, x)),
    start,
  );
}
