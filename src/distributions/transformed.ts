import { UsageError } from "../base/errors.ts";
import type { Bijector } from "./bijectors.ts";
import { type Density, type NoiseSpec, sumEvent } from "./distribution.ts";

/**
 * The distribution of f(X) for X from `base`: log p(y) = log p_X(f⁻¹(y)) − log |det ∂f/∂x| at x = f⁻¹(y).
 * Rezende, Mohamed 2015, arXiv 1505.05770, equation 5.
 */
export function transformed<N extends NoiseSpec>(base: Density<N>, bijector: Bijector): Density<N> {
  const extra = base.event.length - bijector.eventRank;
  if (extra < 0)
    throw new UsageError(
      `${bijector.name} maps vectors: make axes of ${base.family} an event first (eventRank or independent)`,
    );
  return {
    ...base,
    family: `transformed ${base.family}`,
    logProb: (y) => {
      const x = bijector.inverse(y);
      return base.logProb(x).sub(sumEvent(bijector.logDet(x), extra));
    },
    sample: (noise) => bijector.forward(base.sample(noise)),
  };
}
