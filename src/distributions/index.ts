/** Densities, divergences and bijectors as graph functions. */
export { type Bernoulli, bernoulli } from "./bernoulli.ts";
export { type Beta, beta } from "./beta.ts";
export type { Bijector } from "./bijectors.ts";
export * as bijectors from "./bijectors.ts";
export { type Binomial, type BinomialParameters, binomial } from "./binomial.ts";
export { type Categorical, categorical, gumbelSoftmax, inverseCategorical, straightThrough } from "./categorical.ts";
export { type Dirichlet, dirichlet } from "./dirichlet.ts";
export { type DiscretizedLogistic, discretizedLogistic } from "./discretized-logistic.ts";
export type {
  Density,
  Distribution,
  LogDensity,
  Moments,
  NoiseLaw,
  NoiseLeaf,
  NoiseSpec,
  NoiseTensors,
  ScaleParameter,
  Univariate,
} from "./distribution.ts";
export { type Exponential, exponential } from "./exponential.ts";
export { type Gamma, type GammaParameters, gamma } from "./gamma.ts";
export { type Grid, unitBytes } from "./grid.ts";
export { type HalfCauchy, halfCauchy } from "./half-cauchy.ts";
export { type HalfNormal, halfNormal } from "./half-normal.ts";
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
export { type Laplace, type LaplaceParameters, laplace } from "./laplace.ts";
export { digamma, logBeta, logGamma } from "./log-gamma.ts";
export { type LogNormal, logNormal } from "./log-normal.ts";
export { type Logistic, type LogisticParameters, logistic } from "./logistic.ts";
export { type Mixture, type MixtureNoise, mixture } from "./mixture.ts";
export {
  type MultivariateNormal,
  type MultivariateNormalParameters,
  multivariateNormal,
} from "./multivariate-normal.ts";
export {
  type NegativeBinomial,
  type NegativeBinomialParameters,
  negativeBinomial,
} from "./negative-binomial.ts";
export { type Normal, type NormalParameters, normal } from "./normal.ts";
export {
  type PixelMixtureParameters,
  pixelMixture,
  pixelMixtureChannels,
  pixelMixtureParameters,
} from "./pixel-mixture.ts";
export { type Poisson, type PoissonParameters, poisson } from "./poisson.ts";
export { inverseErf, normalQuantile } from "./quantile.ts";
export { stickBreaking } from "./stick-breaking.ts";
export { type StudentT, type StudentTParameters, studentT } from "./student-t.ts";
export { bijectorOnto, type Support } from "./support.ts";
export { transformed } from "./transformed.ts";
export { choleskyFactor, solveLower } from "./triangular.ts";
export { type Uniform, uniform } from "./uniform.ts";
