import { z } from "zod";
import type { Tensor } from "../../../graph/index.ts";
import { matmul } from "../../../graph/index.ts";
import type { TracedParams } from "../../contract.ts";

/** Options of the mixture of Bernoullis. */
export const mixtureOptions = z.strictObject({
  components: z.int().positive().default(50).describe("number of components"),
  smoothing: z
    .number()
    .positive()
    .default(0.5)
    .describe("imagined observations of each value in each component, and of each component"),
  restarts: z.int().positive().default(2).describe("random starts of which the best on some examples is taken"),
});

/** The checked options. */
export type MixtureConfig = z.infer<typeof mixtureOptions>;

/** Parameters: weights [K], the logarithms of the components' shares; logOdds [K, D] of their variables. */
export interface Mixture<T> {
  readonly weights: T;
  readonly logOdds: T;
}

/** A mixture's parameters while tracing. */
export const mixtureOf = (params: TracedParams) => params as unknown as Mixture<Tensor>;

/** log p(x, k) of examples [B, D] and components, [B, K]: log πₖ + Σᵢ (xᵢ θₖᵢ − log(1 + e^θₖᵢ)); of observed variables only, if said. */
export function logJoint(params: TracedParams, x: Tensor, observed?: Tensor): Tensor {
  const { weights, logOdds } = mixtureOf(params);
  const ones = observed ? x.mul(observed) : x;
  const normalisers = observed ? matmul(observed, logOdds.softplus(), { transposeB: true }) : logOdds.softplus().sum(1);
  return matmul(ones, logOdds, { transposeB: true }).sub(normalisers).add(weights.logSoftmax(0));
}
