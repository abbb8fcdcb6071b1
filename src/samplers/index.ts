/** Draws from conditionals, Markov chains and variational inference; nothing here knows a model. */
export * as diagnostics from "./diagnostics/index.ts";
export { type DrawOptions, drawValue, twoLogits } from "./draw.ts";
export * from "./hamiltonian/index.ts";
export { doubleTarget, type Evaluation, engineTarget, type LogDensityFunction, type Target } from "./target.ts";
export { type TokenChoice, tokenAt, tokenProbabilities } from "./token.ts";
export * from "./variational/index.ts";
