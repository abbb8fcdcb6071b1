/**
 * Probabilistic programs: models written by the user with `sample`, `observe` and `derive` over the distributions, and
 * inference on them.
 */
export type { Data } from "./data.ts";
export { crossValidate, informationCriterion, pointwise } from "./likelihood.ts";
export { type Draws, elements, type Posterior, summary, table } from "./posterior.ts";
export { posteriorPredictive, priorPredictive } from "./predictive.ts";
export {
  type Latent,
  logDensity,
  type Named,
  type Program,
  pointwiseLogLikelihood,
  program,
  quantities,
  unconstrained,
} from "./program.ts";
export { type ChainPosterior, sampleHmc, sampleNuts } from "./sampling.ts";
export type { Body, SampleOptions, Statements } from "./statements.ts";
export { fitAdvi, resampled, type VariationalPosterior } from "./variational.ts";
