/** Probability on the host in double precision. */

export * as special from "../numeric/special/index.ts";
export * as markov from "./markov/index.ts";
export * as multivariate from "./multivariate/index.ts";
export * as tables from "./tables/index.ts";
export * as univariate from "./univariate/index.ts";
