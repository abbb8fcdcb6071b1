import { DataError, UsageError } from "../../../base/errors.ts";
import { digamma } from "../../../numeric/special/index.ts";
import { bernoulli as bernoulliLaw } from "../bernoulli.ts";
import { binomial as binomialLaw } from "../binomial.ts";
import { categorical as categoricalLaw } from "../categorical.ts";
import { geometric as geometricLaw, negativeBinomial as negativeBinomialLaw } from "../negative-binomial.ts";
import { poisson as poissonLaw } from "../poisson.ts";
import type { Univariate } from "../univariate.ts";
import { average, COUNT, notZero, weighted } from "./data.ts";

type Numbers = ArrayLike<number>;

const upTo = (most: number) => ({
  what: `whole numbers from 0 to ${most}`,
  holds: (x: number) => COUNT.holds(x) && x <= most,
});

/** Bernoulli of largest likelihood: the share of ones. */
export function bernoulli(x: Numbers, weights?: Numbers): Univariate {
  return bernoulliLaw({ probability: average(weighted("bernoulli", x, weights, upTo(1))) });
}

/** Binomial of largest likelihood for a known number of trials, at least one. */
export function binomial(x: Numbers, trials: number, weights?: Numbers): Univariate {
  if (!(Number.isSafeInteger(trials) && trials >= 1))
    throw new UsageError(`A fit of binomial needs \`trials\` that is a whole number from 1 on; got ${trials}.`);
  return binomialLaw({ trials, probability: average(weighted("binomial", x, weights, upTo(trials))) / trials });
}

/** Poisson of largest likelihood: the mean. */
export function poisson(x: Numbers, weights?: Numbers): Univariate {
  return poissonLaw({ rate: notZero("poisson", average(weighted("poisson", x, weights, COUNT))) });
}

/** Geometric of largest likelihood: 1/(1 + mean). */
export function geometric(x: Numbers, weights?: Numbers): Univariate {
  return geometricLaw({ probability: 1 / (1 + average(weighted("geometric", x, weights, COUNT))) });
}

/** Categorical of largest likelihood: shares; `classes` when larger classes than those seen exist. */
export function categorical(x: Numbers, classes?: number, weights?: Numbers): Univariate {
  const data = weighted("categorical", x, weights, classes === undefined ? COUNT : upTo(classes - 1));
  const most = Array.from(x).reduce((a, b, i) => (data.w(i) > 0 ? Math.max(a, b) : a), 0);
  const probabilities = new Array<number>(classes ?? most + 1).fill(0);
  for (let i = 0; i < x.length; i++) if (data.w(i) > 0) probabilities[x[i]!]! += data.w(i) / data.total;
  return categoricalLaw({ probabilities });
}

/**
 * Negative binomial of largest likelihood: the number of successes r solves E ψ(x + r) − ψ(r) + log r/(r + mean) = 0, by
 * halving log r from 1e-6 to 1e9; then p = r/(r + mean). Numbers that spread no more than Poisson counts have none: r is infinite.
 */
export function negativeBinomial(x: Numbers, weights?: Numbers): Univariate {
  const data = weighted("negativeBinomial", x, weights, COUNT);
  const mean = notZero("negativeBinomial", average(data));
  if (average(data, (v) => (v - mean) ** 2) <= mean)
    throw new DataError(
      "A fit of negativeBinomial needs numbers whose variance is above their mean; fit poisson instead.",
    );
  const score = (r: number) => average(data, (v) => digamma(v + r) - digamma(r)) + Math.log(r / (r + mean));
  let [low, high] = [Math.log(1e-6), Math.log(1e9)];
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (score(Math.exp(middle)) > 0) low = middle;
    else high = middle;
  }
  const successes = Math.exp((low + high) / 2);
  return negativeBinomialLaw({ successes, probability: successes / (successes + mean) });
}
