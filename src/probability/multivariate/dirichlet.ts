import { digamma, inverseBetaTail, logGamma } from "../../numeric/special/index.ts";
import { beta } from "../univariate/beta.ts";
import { positive } from "../univariate/check.ts";
import type { Univariate } from "../univariate/univariate.ts";
import { checkLength, square, sum } from "./matrix.ts";
import { type Multivariate, sampleRows } from "./multivariate.ts";

/** Positive concentrations, one a class. */
export interface DirichletParameters {
  readonly concentration: ArrayLike<number>;
}

/** A probability vector. */
export interface Dirichlet extends Multivariate {
  readonly concentration: Float64Array;
  /** The most probable vector, where all concentrations are at least 1; NaN else. */
  readonly mode: Float64Array;
  /** E log x_k = ψ(α_k) − ψ(Σα). */
  meanLog(): Float64Array;
  /** The Beta law of one coordinate. */
  marginal(coordinate: number): Univariate;
}

/** Σ log Γ(α_k) − log Γ(Σα). */
export function logDirichletNormalizer(alpha: ArrayLike<number>): number {
  let log = -logGamma(sum(alpha));
  for (let k = 0; k < alpha.length; k++) log += logGamma(alpha[k]!);
  return log;
}

/** Dirichlet: log p(x) = log Γ(Σα) − Σ log Γ(α_k) + Σ (α_k − 1) log x_k, density of the first K − 1 coordinates. */
export function dirichlet(parameters: DirichletParameters): Dirichlet {
  const alpha = Float64Array.from(parameters.concentration);
  for (const a of alpha) positive("dirichlet", { concentration: a });
  const d = alpha.length;
  const total = sum(alpha);
  const share = alpha.map((a) => a / total);
  const logNormalizer = logDirichletNormalizer(alpha);
  const meanLog = () => alpha.map((a) => digamma(a) - digamma(total));
  return {
    family: "dirichlet",
    kind: "continuous",
    dimension: d,
    concentration: alpha,
    mean: share,
    mode: alpha.map((a) => (alpha.every((b) => b >= 1) ? (a - 1) / (total - d) : Number.NaN)),
    meanLog,
    covariance: () => square(d, (i, j) => (share[i]! * ((i === j ? 1 : 0) - share[j]!)) / (total + 1)),
    logProb: (x) => {
      checkLength("dirichlet", x, d);
      if (!Array.from(x).every((v) => v >= 0) || Math.abs(sum(x) - 1) > 1e-9) return Number.NEGATIVE_INFINITY;
      return alpha.reduce((log, a, k) => log + (a === 1 ? 0 : (a - 1) * Math.log(x[k]!)), -logNormalizer);
    },
    entropy: () => meanLog().reduce((nats, m, k) => nats - (alpha[k]! - 1) * m, logNormalizer),
    sample: (key, count) =>
      sampleRows(key, count, d, Math.max(1, d - 1), (u, row) => {
        let stick = 1;
        for (let k = 0; k < d - 1; k++) {
          const rest = sum(alpha.subarray(k + 1));
          const { x, y } = inverseBetaTail(alpha[k]!, rest, u[k]!, false);
          row[k] = stick * x;
          stick *= y;
        }
        row[d - 1] = stick;
      }),
    marginal: (k) => beta({ a: alpha[k]!, b: total - alpha[k]! }),
  };
}

/** KL(p‖q) of Dirichlet laws: difference of log-normalisers + Σ (α_k − β_k) E_p log x_k. */
export function klDirichlet(p: Dirichlet, q: Dirichlet): number {
  checkLength("The second law", p.mean, q.dimension);
  const start = logDirichletNormalizer(q.concentration) - logDirichletNormalizer(p.concentration);
  return p.meanLog().reduce((nats, m, k) => nats + (p.concentration[k]! - q.concentration[k]!) * m, start);
}
