/** Hamiltonian Monte Carlo on any log density. */
export type { Chain } from "./chain.ts";
export { denseMetric, diagonalMetric, type Metric, unitMetric } from "./metric.ts";
export { type Chains, type ChainsOptions, type HmcOptions, hmc, type NutsOptions, nuts } from "./run.ts";
