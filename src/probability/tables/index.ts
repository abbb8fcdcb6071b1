/** Discrete distributions as tables over named variables. */
export { type Algebra, linear, logMax, logSum, Underflow } from "./algebra.ts";
export type { Conditional } from "./conditional.ts";
export {
  constant,
  type DenseTable,
  divide,
  type Factor,
  factor,
  logTotal,
  marginalise,
  maximise,
  product,
  reduce,
  reordered,
} from "./factor.ts";
export { type Independence, independence } from "./independence.ts";
export { type IndependenceTest, independenceTest, type TestStatistic } from "./independence-test.ts";
export { conditionalMutualInformation, entropy, mutualInformation } from "./information.ts";
export {
  bayesRule,
  chainRule,
  checkEvidence,
  conditional,
  conditionalOf,
  factorOf,
  ImpossibleEvidence,
  impossible,
  type JointTable,
  jointOf,
  jointTable,
  marginal,
  normalised,
  normalisedRows,
  probability,
  variablesNamed,
} from "./joint.ts";
export { conditionalParameters, independentParameters, jointParameters, networkParameters } from "./parameters.ts";
export {
  ancestralSample,
  countTable,
  type DiscreteRows,
  discreteRows,
  inverseCdf,
  sampleConditionals,
  uniforms64,
} from "./sample.ts";
export {
  checkVariables,
  type Evidence,
  repeatedName,
  sizeOfTable,
  stateIndex,
  unknownAmong,
  type Variable,
  variableNamed,
} from "./variable.ts";
