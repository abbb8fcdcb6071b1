/** Special functions of float64 numbers. */
export { deviance, log1mexp, log1pexp, log1pmx, logAddExp, xlog1py, xlogy } from "./elementary.ts";
export { erf, erfc, erfcx, inverseErf, inverseErfc, inverseLogErfc, logErfc } from "./erf.ts";
export {
  digamma,
  digammaLessLog,
  inverseDigamma,
  logBeta,
  logChoose,
  logFactorial,
  logGamma,
  logGamma1p,
  stirlingError,
  trigamma,
} from "./gamma.ts";
export { betaI, betaTails, inverseBetaI, inverseBetaTail, logBetaPower } from "./incomplete-beta.ts";
export { gammaP, gammaQ, gammaTails, logGammaPower } from "./incomplete-gamma.ts";
export { inverseGammaP, inverseGammaQ } from "./inverse-gamma.ts";
export { fromTail, mirrored, type Tails } from "./tails.ts";
