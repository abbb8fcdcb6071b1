import { negativeBinomial } from "./negative-binomial.ts";
import { poisson } from "./poisson.ts";
import type { Univariate } from "./univariate.ts";

/** Below this dispersion a negative binomial is a Poisson to the precision of its probabilities. */
const POISSON = 1e-9;

/** The law of a count with mean μ and variance μ + φ μ²: a Poisson where the dispersion φ is 0, else negative binomial. */
export const countLaw = (mean: number, dispersion: number): Univariate =>
  dispersion < POISSON
    ? poisson({ rate: mean })
    : negativeBinomial({ successes: 1 / dispersion, probability: 1 / (1 + dispersion * mean) });
