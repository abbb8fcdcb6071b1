/** Conjugate priors: posterior, posterior predictive and evidence in closed form. */
export type { JointUpdate, Update } from "./conjugate.ts";
export { bernoulliBeta, binomialBeta, exponentialGamma, geometricBeta, poissonGamma } from "./counts.ts";
export { type NormalGammaParameters, normalGamma, normalGammaMarginals, normalMean } from "./normal.ts";
