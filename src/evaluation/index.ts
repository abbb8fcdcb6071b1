/** Figures of merit; each states its kind, unit, split and standard error. */
export { type EvaluateOptions, evaluateLikelihood, type LikelihoodFigure } from "./likelihood.ts";
export { evaluateReconstruction, type ReconstructionFigure } from "./reconstruction.ts";
