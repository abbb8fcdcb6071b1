import type { Component, CovarianceKind } from "./components.ts";
import type { Layout } from "./layout.ts";
import { addMoments } from "./moments.ts";
import { type Responsibilities, realsOf } from "./responsibilities.ts";

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

/** Adds rows [n, width], shared out among the components; gaps by what each component expects of them. */
export function addRows(
  statistics: Statistics,
  layout: Layout,
  kind: CovarianceKind,
  components: readonly Component[],
  shares: Float64Array,
  rows: Float64Array,
): void {
  addMembers(statistics, shares);
  if (layout.reals.length > 0) {
    const laws = components.map(({ real }) => real!);
    addMoments(statistics, needsMatrix(kind), laws, shares, realsOf(layout, rows));
  }
  addLevels(statistics, layout, shares, rows);
  addCounts(statistics, layout, shares, rows);
}

/** Adds the scores of rows. */
export function addNats(statistics: Statistics, { nats }: Responsibilities): void {
  for (let n = 0; n < nats.length; n++) statistics.nats += nats[n]!;
}

function addMembers(statistics: Statistics, shares: Float64Array): void {
  const { members } = statistics;
  for (let at = 0, k = 0; at < shares.length; at++, k = k + 1 === members.length ? 0 : k + 1) {
    const r = shares[at]!;
    if (!(r > 0)) continue;
    members[k]! += r;
    statistics.entropy -= r * Math.log(r);
  }
}

function addLevels({ levels, members }: Statistics, layout: Layout, shares: Float64Array, rows: Float64Array): void {
  const [K, { width }] = [members.length, layout];
  for (const [i, { place, size }] of layout.levels.entries()) {
    const to = levels[i]!;
    for (let at = place, own = 0; own < shares.length; at += width, own += K) {
      const level = rows[at]!;
      if (Number.isNaN(level)) continue;
      for (let k = 0; k < K; k++) if (shares[own + k]! > 0) to[k * size + level]! += shares[own + k]!;
    }
  }
}

function addCounts(
  { counted, counts, members }: Statistics,
  layout: Layout,
  shares: Float64Array,
  rows: Float64Array,
): void {
  const [K, C, { width }] = [members.length, layout.counts.length, layout];
  for (const [i, place] of layout.counts.entries())
    for (let at = place, own = 0; own < shares.length; at += width, own += K) {
      const count = rows[at]!;
      if (Number.isNaN(count)) continue;
      for (let k = 0; k < K; k++) {
        const r = shares[own + k]!;
        if (!(r > 0)) continue;
        counted[k * C + i]! += r;
        counts[k * C + i]! += r * count;
      }
    }
}
