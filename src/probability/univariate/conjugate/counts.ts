import { logBeta, logChoose, logFactorial, logGamma } from "../../../numeric/special/index.ts";
import { bernoulli } from "../bernoulli.ts";
import { type BetaParameters, beta } from "../beta.ts";
import { betaBinomial, betaGeometric } from "../beta-binomial.ts";
import { average, COUNT, NOT_NEGATIVE, weighted } from "../fit/data.ts";
import { type GammaParameters, gamma } from "../gamma.ts";
import { lomax } from "../lomax.ts";
import { negativeBinomial } from "../negative-binomial.ts";
import type { Update } from "./conjugate.ts";

type Numbers = ArrayLike<number>;

const upTo = (most: number) => ({
  what: `whole numbers from 0 to ${most}`,
  holds: (x: number) => COUNT.holds(x) && x <= most,
});

function grown(prior: BetaParameters, successes: number, failures: number) {
  const parameters = { a: prior.a + successes, b: prior.b + failures };
  const posterior = beta(parameters);
  return { parameters, posterior, gain: logBeta(parameters.a, parameters.b) - logBeta(prior.a, prior.b) };
}

/** Beta prior of a Bernoulli probability: a grows by the ones, b by the zeros. */
export function bernoulliBeta(prior: BetaParameters, x: Numbers, weights?: Numbers): Update<BetaParameters> {
  const data = weighted("bernoulli", x, weights, upTo(1));
  const ones = average(data) * data.total;
  const { gain, ...rest } = grown(prior, ones, data.total - ones);
  return { ...rest, predictive: bernoulli({ probability: rest.posterior.mean }), logEvidence: gain };
}

/** Beta prior of a binomial probability, known number of trials; the next number is beta-binomial. */
export function binomialBeta(
  prior: BetaParameters,
  x: Numbers,
  trials: number,
  weights?: Numbers,
): Update<BetaParameters> {
  const data = weighted("binomial", x, weights, upTo(trials));
  const successes = average(data) * data.total;
  const { gain, ...rest } = grown(prior, successes, data.total * trials - successes);
  const ways = average(data, (k) => logChoose(trials, k)) * data.total;
  return { ...rest, predictive: betaBinomial({ trials, ...rest.parameters }), logEvidence: gain + ways };
}

/** Beta prior of a geometric probability (failures before the first success); the next number is beta-geometric. */
export function geometricBeta(prior: BetaParameters, x: Numbers, weights?: Numbers): Update<BetaParameters> {
  const data = weighted("geometric", x, weights, COUNT);
  const { gain, ...rest } = grown(prior, data.total, average(data) * data.total);
  return { ...rest, predictive: betaGeometric(rest.parameters), logEvidence: gain };
}

/** Gamma prior of a Poisson rate; the next number is negative binomial. */
export function poissonGamma(prior: GammaParameters, x: Numbers, weights?: Numbers): Update<GammaParameters> {
  const data = weighted("poisson", x, weights, COUNT);
  const sum = average(data) * data.total;
  const parameters = { concentration: prior.concentration + sum, rate: prior.rate + data.total };
  const { concentration: successes, rate } = parameters;
  return {
    parameters,
    posterior: gamma(parameters),
    predictive: negativeBinomial({ successes, probability: rate / (rate + 1) }),
    logEvidence: gammaGain(prior, parameters) - average(data, logFactorial) * data.total,
  };
}

/** Gamma prior of an exponential rate; the next number is Lomax. */
export function exponentialGamma(prior: GammaParameters, x: Numbers, weights?: Numbers): Update<GammaParameters> {
  const data = weighted("exponential", x, weights, NOT_NEGATIVE);
  const sum = average(data) * data.total;
  const parameters = { concentration: prior.concentration + data.total, rate: prior.rate + sum };
  return {
    parameters,
    posterior: gamma(parameters),
    predictive: lomax({ concentration: parameters.concentration, scale: parameters.rate }),
    logEvidence: gammaGain(prior, parameters),
  };
}

/** Ratio of the normalising constants of two Gamma laws, its logarithm. */
function gammaGain(prior: GammaParameters, posterior: GammaParameters): number {
  const constant = ({ concentration: a, rate }: GammaParameters) => logGamma(a) - a * Math.log(rate);
  return constant(posterior) - constant(prior);
}
