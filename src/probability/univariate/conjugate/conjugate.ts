import type { Univariate } from "../univariate.ts";

/** What data make of a conjugate prior. */
export interface Update<P> {
  /** Parameters of the posterior: the prior of the next data. */
  readonly parameters: P;
  readonly posterior: Univariate;
  /** The law of the next number given all data so far. */
  readonly predictive: Univariate;
  /** log ∫ p(data | θ) p(θ) dθ, in nats. */
  readonly logEvidence: number;
}

/** The same with no posterior law of one number. */
export type JointUpdate<P> = Omit<Update<P>, "posterior">;
