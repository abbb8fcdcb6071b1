/** Densities, divergences and bijectors as graph functions. */
export { type Bernoulli, bernoulli } from "./bernoulli.ts";
export { type DiscretizedLogistic, discretizedLogistic } from "./discretized-logistic.ts";
export type { Distribution, NoiseLaw, NoiseLeaf, NoiseSpec, NoiseTensors, Univariate } from "./distribution.ts";
export { type Grid, unitBytes } from "./grid.ts";
export { klBernoulli, klMonteCarlo, klNormal, klStandardNormal } from "./kl.ts";
export { type Logistic, type LogisticParameters, logistic } from "./logistic.ts";
export { type Normal, type NormalParameters, normal } from "./normal.ts";
