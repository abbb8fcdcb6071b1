/** Structures of networks from rows of data, and how far apart structures are. */
export { type ChowLiuOptions, chowLiu, maximumSpanningTree, naiveStructure, pairwiseInformation } from "./chow-liu.ts";
export type { Arrow, Constraints } from "./constraints.ts";
export {
  type GreedyEquivalenceOptions,
  type GreedyEquivalenceResult,
  greedyEquivalence,
  greedySteps,
} from "./greedy-equivalence.ts";
export {
  type ClimbStep,
  type HillClimbOptions,
  type HillClimbResult,
  hillClimb,
  hillClimbSteps,
} from "./hill-climb.ts";
export {
  dataOracle,
  graphOracle,
  type IndependenceOracle,
  type PcOptions,
  type PcResult,
  pc,
  pcFromData,
} from "./pc.ts";
export {
  cpdagOf,
  edgesOf,
  extensionOf,
  markovEquivalent,
  type Pdag,
  pdagOf,
  skeletonDifference,
  structuralHammingDistance,
} from "./pdag.ts";
export {
  type LocalScore,
  localScore,
  type ScoreName,
  type ScoreOptions,
  scoreNames,
  structureScore,
} from "./scores.ts";
