import type { EmissionKind } from "../../probability/markov/index.ts";
import type { Parts } from "./hmm-parts.ts";

/**
 * Independent numbers of a hidden Markov model: laws that sum to one have one less than they have entries; a left-right
 * model begins in its first state, and each state but the last one chooses between two. Lengths of sequences, which are
 * given, and what laws are drawn towards are none.
 */
export function freeHmmParameters({ config: { states: n, topology }, steps }: Pick<Parts, "config" | "steps">): number {
  const chain = topology === "left-right" ? n - 1 : n - 1 + n * (n - 1);
  return chain + freeOfEmission(steps.emission, n);
}

function freeOfEmission(kind: EmissionKind, n: number): number {
  if (kind.kind === "product") return kind.blocks.reduce((sum, { emission }) => sum + freeOfEmission(emission, n), 0);
  if (kind.kind === "univariate") return 0;
  const d = kind.dimension ?? 1;
  if (kind.kind === "categorical") return n * d * (kind.levels - 1);
  if (kind.kind === "poisson") return n * d;
  const triangle = (d * (d + 1)) / 2;
  const spread = { full: n * triangle, tied: triangle, diagonal: n * d, spherical: n }[kind.covariance ?? "full"];
  return n * d + spread;
}
