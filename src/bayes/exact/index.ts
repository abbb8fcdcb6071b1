/** Exact inference in Bayesian networks. */
export type { InferenceOptions, SoftEvidence } from "./compiled.ts";
export { logProbability, posterior } from "./elimination.ts";
export { type Explanation, marginalMap, mpe } from "./explanation.ts";
export {
  type Calibrated,
  type Clique,
  type JunctionTree,
  type JunctionTreeOptions,
  junctionTree,
  type Likelihood,
} from "./junction-tree.ts";
export { marginals } from "./marginals.ts";
export { type Cost, TablesTooLarge } from "./order.ts";
