import type { Tensor } from "../graph/index.ts";
import { affine, type Bijector, chain, exp, sigmoid } from "./bijectors.ts";
import { stickBreaking } from "./stick-breaking.ts";

/**
 * Where a density is not zero: the line, (0, ∞), (0, 1), vectors of positive numbers with sum 1, an interval whose ends
 * are parameters, whole numbers from 0 on (up to a bound), zeros and ones, class numbers.
 */
export type Support =
  | { readonly kind: "real" | "positive" | "unit" | "simplex" | "count" | "binary" | "class" }
  | { readonly kind: "interval"; readonly low: Tensor; readonly high: Tensor };

const identity: Bijector = affine({});

/**
 * A bijector from the whole line (for a simplex of K: from K − 1 lines) onto a continuous support, for inference on
 * unconstrained numbers; undefined where the support is discrete.
 */
export function bijectorOnto(support: Support): Bijector | undefined {
  if (support.kind === "interval")
    return chain(sigmoid, affine({ shift: support.low, scale: support.high.sub(support.low) }));
  const known = { real: identity, positive: exp, unit: sigmoid, simplex: stickBreaking };
  return support.kind in known ? known[support.kind as keyof typeof known] : undefined;
}

/**
 * A log-density on its support and −∞ elsewhere: `density` sees x where `inside` holds and `filler` elsewhere, so that
 * gradients stay numbers.
 */
export function onSupport(x: Tensor, inside: Tensor, filler: number, density: (x: Tensor) => Tensor): Tensor {
  return inside.select(density(inside.select(x, filler)), Number.NEGATIVE_INFINITY);
}

/** Whether x is a whole number from 0 on. */
export function isCount(x: Tensor): Tensor {
  return x.greaterEqual(0).and(x.equal(x.floor()));
}
