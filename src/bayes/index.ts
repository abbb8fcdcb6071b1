/** Bayesian networks of discrete variables. */
export { type BifOptions, readBif, writeBif } from "./bif/index.ts";
export * from "./causal/index.ts";
export { checkNetwork } from "./check.ts";
export * from "./drawing/index.ts";
export * from "./exact/index.ts";
export * from "./graph/index.ts";
export * from "./learning/index.ts";
export * from "./mixed/index.ts";
export { type Network, type Node, type NodeProperties, variablesOf } from "./network.ts";
export * from "./neural/index.ts";
export * from "./sampling/index.ts";
export { finished, type Steps } from "./steps.ts";
export * from "./structure/index.ts";
