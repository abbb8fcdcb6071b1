/** Learning curves of classifiers on the same subsets, with the sizes at which they cross. */
export { type Band, bandOf, CONFIDENCE, type Crossing, findCrossing } from "./crossing.ts";
export {
  type LearnedCurve,
  type Learner,
  type LearningCurveOptions,
  type LearningCurves,
  learningCurves,
  type PairCrossing,
  SMALLEST,
} from "./learning-curve.ts";
