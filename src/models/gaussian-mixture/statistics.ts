import { logSumExp } from "../../base/log-sum-exp.ts";
import type { Component, CovarianceKind } from "./components.ts";
import type { Layout } from "./layout.ts";

/** What the components have received of all examples: members, sums about a shift, counted levels. */
export interface Statistics {
  readonly members: Float64Array;
  /** The points [K, D] that sums are taken about, which keeps them accurate. */
  readonly shift: Float64Array;
  /** Σ r (x − shift), [K, D]. */
  readonly first: Float64Array;
  /** Σ r (x − shift)(x − shift)ᵀ, [K, D, D] (lower triangles), or its diagonal [K, D]. */
  readonly second: Float64Array;
  /** Σ r of each level of each column, [K, L]. */
  readonly levels: readonly Float64Array[];
  /** Σ r of known counts, and Σ r x, [K, C]. */
  readonly counted: Float64Array;
  readonly counts: Float64Array;
  /** Σ log p(x), and −Σ r log r. */
  nats: number;
  entropy: number;
}

/** Whether a kind of covariances needs whole matrices. */
export const needsMatrix = (kind: CovarianceKind) => kind === "full" || kind === "tied";

/** Statistics of nothing yet. */
export function emptyStatistics(layout: Layout, kind: CovarianceKind, K: number, shift: Float64Array): Statistics {
  const [D, C] = [layout.reals.length, layout.counts.length];
  return {
    members: new Float64Array(K),
    shift,
    first: new Float64Array(K * D),
    second: new Float64Array(K * D * (needsMatrix(kind) ? D : 1)),
    levels: layout.levels.map(({ size }) => new Float64Array(K * size)),
    counted: new Float64Array(K * C),
    counts: new Float64Array(K * C),
    nats: 0,
    entropy: 0,
  };
}

/** Copies the real numbers of the row at `at` to `to`. */
export function realsOf({ reals }: Layout, rows: Float64Array, at: number, to: Float64Array): void {
  for (let i = 0; i < reals.length; i++) to[i] = rows[at + reals[i]!]!;
}

/** log (wₖ p(x | k)) of the row at `at`, whose real numbers are `x`; what is missing says nothing. */
export function logJoint(
  components: readonly Component[],
  x: Float64Array,
  rows: Float64Array,
  at: number,
  to: Float64Array,
): void {
  components.forEach(({ logWeight, real, discrete }, k) => {
    let sum = logWeight;
    if (real) sum += real.logProb(x);
    for (const { place, family } of discrete) {
      const value = rows[at + place]!;
      if (!Number.isNaN(value)) sum += family.logProb(value);
    }
    to[k] = sum;
  });
}

/** Turns log scores into shares that sum to one; gives the logarithm of their sum. */
export function share(scores: Float64Array): number {
  const sum = logSumExp(scores);
  for (let k = 0; k < scores.length; k++)
    scores[k] = sum === Number.NEGATIVE_INFINITY ? 1 / scores.length : Math.exp(scores[k]! - sum);
  return sum;
}

/** Adds the row at `at`, shared out among the components; gaps by what each component expects of them. */
export function addRow(
  statistics: Statistics,
  layout: Layout,
  kind: CovarianceKind,
  components: readonly Component[],
  shares: Float64Array,
  x: Float64Array,
  rows: Float64Array,
  at: number,
): void {
  const { members, levels, counted, counts } = statistics;
  const gaps = x.some(Number.isNaN);
  for (let k = 0; k < shares.length; k++) {
    const r = shares[k]!;
    if (!(r > 0)) continue;
    members[k]! += r;
    statistics.entropy -= r * Math.log(r);
    if (x.length > 0) {
      const expected = gaps ? components[k]!.real!.expected(x) : undefined;
      addMoments(statistics, kind, k, r, expected?.mean ?? x);
      if (expected) addSpread(statistics, kind, k, r, x.length, expected.missing, expected.covariance.data);
    }
    layout.levels.forEach(({ place, size }, i) => {
      const level = rows[at + place]!;
      if (!Number.isNaN(level)) levels[i]![k * size + level]! += r;
    });
    layout.counts.forEach((place, i) => {
      const count = rows[at + place]!;
      if (Number.isNaN(count)) return;
      counted[k * layout.counts.length + i]! += r;
      counts[k * layout.counts.length + i]! += r * count;
    });
  }
}

function addMoments({ first, second, shift }: Statistics, kind: CovarianceKind, k: number, r: number, x: Float64Array) {
  const D = x.length;
  const matrix = needsMatrix(kind);
  for (let i = 0, at = k * D; i < D; i++) {
    const off = x[i]! - shift[at + i]!;
    const weighted = r * off;
    first[at + i]! += weighted;
    if (!matrix) second[at + i]! += weighted * off;
    else for (let j = 0, to = (at + i) * D; j <= i; j++) second[to + j]! += weighted * (x[j]! - shift[at + j]!);
  }
}

function addSpread(
  { second }: Statistics,
  kind: CovarianceKind,
  k: number,
  r: number,
  D: number,
  missing: readonly number[],
  covariance: Float64Array,
) {
  const size = missing.length;
  missing.forEach((i, a) => {
    if (!needsMatrix(kind)) second[k * D + i]! += r * covariance[a * size + a]!;
    else for (let b = 0; b <= a; b++) second[(k * D + i) * D + missing[b]!]! += r * covariance[a * size + b]!;
  });
}
