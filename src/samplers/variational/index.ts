/** Variational inference on any log density. */
export { type AdviOptions, type Approximation, advi } from "./advi.ts";
export type { Gaussian } from "./gaussian.ts";
