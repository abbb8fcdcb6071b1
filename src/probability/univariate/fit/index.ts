/** Fits by maximum likelihood, with weights. */
export { bernoulli, binomial, categorical, geometric, negativeBinomial, poisson } from "./count.ts";
export { type MixtureFit, type MixtureFitOptions, mixture } from "./mixture.ts";
export { beta, chiSquare, exponential, gamma, inverseGamma } from "./positive.ts";
export { laplace, logistic, logNormal, normal, studentT, uniform } from "./real.ts";
