/** Sampling and approximate inference. */
export type { Estimate, SampledAnswer } from "./estimate.ts";
export { forwardSample, type PosteriorSampler, posteriorSample, posteriorSampler } from "./forward.ts";
export { type GibbsOptions, gibbs } from "./gibbs.ts";
export { likelihoodWeighting, type WeightedAnswer, type WeightingOptions } from "./weighting.ts";
