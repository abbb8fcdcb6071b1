import type { Outcome } from "../contract.ts";
import type { CovarianceKind } from "./components.ts";
import type { Layout } from "./layout.ts";

/** Independent numbers among the parameters of a mixture of K components. */
export function freeParameters(layout: Layout, kind: CovarianceKind, K: number): number {
  const D = layout.reals.length;
  const triangle = (D * (D + 1)) / 2;
  const spread = { full: K * triangle, tied: triangle, diagonal: K * D, spherical: K }[kind];
  const levels = layout.levels.reduce((sum, { size }) => sum + K * (size - 1), 0);
  return K - 1 + K * D + (D > 0 ? spread : 0) + levels + K * layout.counts.length;
}

/**
 * BIC = −2 Σ log p(x) + p log n (Schwarz 1978) and AIC = −2 Σ log p(x) + 2p (Akaike 1974) of p independent parameters and the
 * total nats of n examples: the less, the better.
 */
export function criteria(total: number, p: number, n: number): { readonly bic: number; readonly aic: number } {
  return { bic: -2 * total + p * Math.log(n), aic: -2 * total + 2 * p };
}

/** What a fit has come to: the number of components and what it was rated. */
export function outcomeOf(components: number, ratings: Readonly<Record<string, number>>): Outcome {
  const names: Readonly<Record<string, string>> = { bic: "BIC", aic: "AIC", validation: "validation nats" };
  const rated = Object.entries(ratings).map(([name, value]) => `, ${names[name] ?? name} ${value.toFixed(1)}`);
  const count = components === 1 ? "one component" : `${components} components`;
  return { text: count + rated.join(""), figures: { components, ...ratings } };
}
