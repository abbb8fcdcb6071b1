/** What the draws of Markov chains and importance samplers are worth. */
export {
  ebfmi,
  essBulk,
  essMean,
  essQuantile,
  essTail,
  mcseMean,
  mcseStdDev,
  rhat,
} from "./convergence.ts";
export { leaveOneOut, type PredictiveDensity, waic } from "./leave-one-out.ts";
export { fitPareto, type Pareto, paretoSmooth, type SmoothedWeights } from "./pareto.ts";
export type { ChainDraws } from "./ranks.ts";
export { type Summary, summarize, summaryTable } from "./summary.ts";
