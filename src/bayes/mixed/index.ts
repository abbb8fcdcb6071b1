/** Networks of discrete and real variables: linear-Gaussian and conditional linear-Gaussian nodes. */

export { learnMixedByEm, type MixedEmOptions, type MixedEmResult } from "./em.ts";
export {
  askMixed,
  MAX_COMBINATIONS,
  type MixedAnswer,
  type MixedEvidence,
  type MixedInference,
  type MixedOptions,
  mixedInference,
  type Part,
  type RealMarginal,
} from "./inference.ts";
export { learnMixed } from "./learn.ts";
export {
  checkMixed,
  conditionNormal,
  type GaussianNode,
  jointNormal,
  type MixedNetwork,
  type Moments,
  type Regime,
} from "./mixed.ts";
export { drawPart, sampleMixed } from "./sampling.ts";
export { hillClimbMixed, mixedScore, mixedScoreNames } from "./structure.ts";
