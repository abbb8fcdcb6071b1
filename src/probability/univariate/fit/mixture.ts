import { DataError, UsageError } from "../../../base/errors.ts";
import { logSumExp } from "../../../base/log-sum-exp.ts";
import { mixture as mixtureLaw } from "../mixture.ts";
import type { Univariate } from "../univariate.ts";

type Numbers = ArrayLike<number>;

/** How a mixture is fitted. */
export interface MixtureFitOptions {
  /** The fit of each component from numbers and weights, as `fit.normal`: one for all, or as many as there are components. */
  readonly component:
    | ((x: Numbers, weights: Numbers) => Univariate)
    | readonly ((x: Numbers, weights: Numbers) => Univariate)[];
  /** Number of components; as many as fits where those are a list. */
  readonly components?: number;
  /** It has converged when a round gains less than this in nats, of all numbers together (1e-8). */
  readonly tolerance?: number;
  /** The most rounds (2,000). */
  readonly rounds?: number;
}

/** A fitted mixture and how it got there. */
export interface MixtureFit {
  readonly law: Univariate;
  /** log p of all numbers, in nats. */
  readonly logLikelihood: number;
  readonly rounds: number;
  readonly converged: boolean;
}

/**
 * A mixture of likelihood that no small change improves, by expectation-maximisation (Dempster, Laird & Rubin 1977), from
 * stretches of the ordered numbers of equal size; no round lowers the likelihood. Throws where a component comes to stand on
 * a single number, where the likelihood has no bound.
 */
export function mixture(x: Numbers, options: MixtureFitOptions): MixtureFit {
  const { component, tolerance = 1e-8, rounds = 2000 } = options;
  const count = options.components ?? (typeof component === "function" ? 2 : component.length);
  if (!(Number.isSafeInteger(count) && count >= 1) || (typeof component !== "function" && component.length !== count))
    throw new UsageError(`A mixture has a whole number of components from 1 on, each with its fit; got ${count}.`);
  if (x.length < count) throw new DataError(`A fit of ${count} components needs as many numbers; got ${x.length}.`);
  const fitOf = (k: number) => (typeof component === "function" ? component : component[k]!);
  const shares = stretches(x, count);
  let before = Number.NEGATIVE_INFINITY;
  for (let round = 1; ; round++) {
    const weights = shares.map((own) => own.reduce((a, b) => a + b, 0) / x.length);
    const laws = shares.map((own, k) => fitted(fitOf(k), x, own, k));
    const logLikelihood = share(x, weights, laws, shares);
    const converged = logLikelihood - before < tolerance;
    if (converged || round >= rounds)
      return { law: mixtureLaw({ weights, components: laws }), logLikelihood, rounds: round, converged };
    before = logLikelihood;
  }
}

function fitted(estimate: (x: Numbers, weights: Numbers) => Univariate, x: Numbers, own: Float64Array, k: number) {
  try {
    return estimate(x, own);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    estimate(x, new Float64Array(x.length).fill(1)); // says what is wrong with the numbers themselves, if anything is
    throw new DataError(`Component ${k} of the mixture cannot be fitted: ${error.message} Fit fewer components.`);
  }
}

/** Nine tenths of every number for the component of its stretch, the rest for all alike: whatever they are, all may have a part. */
function stretches(x: Numbers, count: number): Float64Array[] {
  const order = Array.from(x, (_, i) => i).sort((i, j) => x[i]! - x[j]!);
  const shares = Array.from({ length: count }, () => new Float64Array(x.length).fill(0.1 / count));
  order.forEach((i, rank) => {
    shares[Math.floor((rank * count) / x.length)]![i]! += 0.9;
  });
  return shares;
}

/** Shares every number out among the laws; gives log p of all. */
function share(x: Numbers, weights: readonly number[], laws: readonly Univariate[], shares: readonly Float64Array[]) {
  let total = 0;
  for (let i = 0; i < x.length; i++) {
    const logs = laws.map((law, k) => Math.log(weights[k]!) + law.logProb(x[i]!));
    const log = logSumExp(logs);
    total += log;
    for (let k = 0; k < laws.length; k++) shares[k]![i] = Math.exp(logs[k]! - log);
  }
  return total;
}
