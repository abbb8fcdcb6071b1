/** Networks of discrete and real variables and counts: conditional linear-Gaussian nodes, laws of counts. */

export {
  type CountLaw,
  type CountLawName,
  type CountNode,
  countLawNames,
  openCount,
} from "./counts.ts";
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
export { kindOf, learnMixed, mayLead } from "./learn.ts";
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
export { type HillClimbMixedOptions, hillClimbMixed, mixedScore, mixedScoreNames } from "./structure.ts";
