/** Densities, divergences and bijectors as graph functions. */
export { type Bernoulli, bernoulli } from "./bernoulli.ts";
export type { Bijector } from "./bijectors.ts";
export * as bijectors from "./bijectors.ts";
export { type Categorical, categorical, gumbelSoftmax, inverseCategorical, straightThrough } from "./categorical.ts";
export { type DiscretizedLogistic, discretizedLogistic } from "./discretized-logistic.ts";
export type {
  Density,
  Distribution,
  NoiseLaw,
  NoiseLeaf,
  NoiseSpec,
  NoiseTensors,
  Univariate,
} from "./distribution.ts";
export { type Grid, unitBytes } from "./grid.ts";
export { independent } from "./independent.ts";
export {
  kl,
  klBernoulli,
  klCategorical,
  klMonteCarlo,
  klMultivariateNormal,
  klNormal,
  klStandardNormal,
  klUniform,
} from "./kl.ts";
export { type Logistic, type LogisticParameters, logistic } from "./logistic.ts";
export { type Mixture, type MixtureNoise, mixture } from "./mixture.ts";
export {
  type MultivariateNormal,
  type MultivariateNormalParameters,
  multivariateNormal,
} from "./multivariate-normal.ts";
export { type Normal, type NormalParameters, normal } from "./normal.ts";
export {
  type PixelMixtureParameters,
  pixelMixture,
  pixelMixtureChannels,
  pixelMixtureParameters,
} from "./pixel-mixture.ts";
export { inverseErf, normalQuantile } from "./quantile.ts";
export { transformed } from "./transformed.ts";
export { choleskyFactor, solveLower } from "./triangular.ts";
export { type Uniform, uniform } from "./uniform.ts";
