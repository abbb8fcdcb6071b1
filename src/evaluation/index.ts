/** Figures of merit; each states its kind, unit, split and standard error. */
export { type ClassificationFigure, evaluateClassification } from "./classification.ts";
export * from "./learning-curve/index.ts";
export {
  type EvaluateOptions,
  evaluateLikelihood,
  type LikelihoodFigure,
  labelsOf,
  meanAndError,
} from "./likelihood.ts";
export { toPlane } from "./projection.ts";
export { evaluateReconstruction, type ReconstructionFigure } from "./reconstruction.ts";
export { byLogLoss, type CurvePoint, ranked, type Standing } from "./standing.ts";
export type { TextFigure } from "./text.ts";
