/** Markov chains and hidden Markov models, in float64. */
export {
  type BaumWelchFit,
  type BaumWelchOptions,
  baumWelch,
  type ChainSums,
  expectation,
  logChainPrior,
  maximisedRows,
} from "./baum-welch.ts";
export {
  type CategoricalEmission,
  type CategoricalEmissionParameters,
  categoricalEmission,
} from "./categorical-emission.ts";
export { contextsOf, type MarkovChain, type MarkovChainParameters, markovChain, type StateSequence } from "./chain.ts";
export {
  type ChainFitOptions,
  fitMarkovChain,
  type OrderScore,
  type OrderSelection,
  type OrderTest,
  orderTest,
  selectOrder,
} from "./chain-fit.ts";
export type { Emission, EmissionSums, Outlook } from "./emission.ts";
export type { Chain, Filtered, ViterbiPath } from "./forward.ts";
export {
  type CovarianceKind,
  covarianceKinds,
  type GaussianEmission,
  type GaussianEmissionParameters,
  gaussianEmission,
} from "./gaussian-emission.ts";
export {
  type Drawn,
  type HiddenMarkovModel,
  type HiddenMarkovParameters,
  hiddenMarkovModel,
  type Prediction,
} from "./hidden-markov.ts";
export {
  dimensionOf,
  type EmissionKind,
  fitHiddenMarkovModel,
  type HiddenMarkovFitOptions,
  type HiddenMarkovForm,
  randomStart,
  type StatesScore,
  selectStates,
} from "./hidden-markov-fit.ts";
export { type Absorption, absorption, hittingProbabilities, hittingTimes } from "./hitting.ts";
export { type Mixing, mixing, mixingTime, spectralRadius, totalVariation } from "./mixing.ts";
export { type PoissonEmission, type PoissonEmissionParameters, poissonEmission } from "./poisson-emission.ts";
export { type EmissionBlock, type ProductEmission, productEmission } from "./product-emission.ts";
export { entropyRate, type StationaryLaw, stationaryLaw, stationaryLaws } from "./stationary.ts";
export { type CommunicatingClass, type Structure, structureOf } from "./structure.ts";
export { power, type Transition, transitionOf } from "./transition.ts";
export { type UnivariateEmission, univariateEmission, type WeightedFit } from "./univariate-emission.ts";
