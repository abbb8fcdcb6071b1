/** Networks of discrete and real variables: linear-Gaussian and conditional linear-Gaussian nodes. */
export {
  askMixed,
  type MixedAnswer,
  type MixedEvidence,
  type MixedOptions,
  type RealMarginal,
  sampleMixed,
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
