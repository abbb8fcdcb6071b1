/** Minima of functions of many float64 numbers. */
export { lbfgs, lbfgsSearch } from "./lbfgs.ts";
export { type Spot, strongWolfe } from "./line-search.ts";
export type { EndReason, Iterate, Minimum, Objective, Pair, SearchOptions } from "./objective.ts";
export { owlqn, owlqnSearch } from "./owlqn.ts";
