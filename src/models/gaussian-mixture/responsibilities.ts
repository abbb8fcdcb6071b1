import type { Component } from "./components.ts";
import type { Layout } from "./layout.ts";
import { eachBlock } from "./rows.ts";

/** Shares of the components [n, K] of each row, and log p(x) of what is known of it, [n]. */
export interface Responsibilities {
  readonly shares: Float64Array;
  readonly nats: Float64Array;
}

/** The real numbers [n, D] of rows [n, width]; the rows themselves where they hold nothing else. */
export function realsOf({ reals, width }: Layout, rows: Float64Array): Float64Array {
  const D = reals.length;
  if (D === width) return rows;
  const x = new Float64Array((rows.length / width) * D);
  for (let at = 0, to = 0; at < rows.length; at += width) for (let i = 0; i < D; i++) x[to++] = rows[at + reals[i]!]!;
  return x;
}

/** log (wₖ p(x | k)) of rows [n, width], to [n, K]; what is missing says nothing. */
export function logJoint(layout: Layout, components: readonly Component[], rows: Float64Array, to: Float64Array): void {
  const [K, { width }] = [components.length, layout];
  const x = realsOf(layout, rows);
  const own = new Float64Array(rows.length / width);
  for (const [k, { logWeight, real, discrete }] of components.entries()) {
    real?.logProbs(x, own);
    for (let n = 0; n < own.length; n++) {
      let sum = logWeight + own[n]!;
      for (const { place, family } of discrete) {
        const value = rows[n * width + place]!;
        if (!Number.isNaN(value)) sum += family.logProb(value);
      }
      to[n * K + k] = sum;
    }
  }
}

/** Turns the log scores of each row, [n, K], into shares that sum to one; writes the logarithms of their sums to [n]. */
export function share(scores: Float64Array, nats: Float64Array): void {
  const K = scores.length / nats.length;
  for (let n = 0; n < nats.length; n++) {
    const [at, end] = [n * K, (n + 1) * K];
    let [most, sum] = [Number.NEGATIVE_INFINITY, 0];
    for (let k = at; k < end; k++) most = Math.max(most, scores[k]!);
    const none = most === Number.NEGATIVE_INFINITY;
    for (let k = at; k < end; k++) sum += Math.exp(scores[k]! - most);
    const whole = none ? most : most + Math.log(sum);
    for (let k = at; k < end; k++) scores[k] = none ? 1 / K : Math.exp(scores[k]! - whole);
    nats[n] = whole;
  }
}

/** Shares and log p(x) of rows [n, width]. */
export function responsibilities(
  layout: Layout,
  components: readonly Component[],
  rows: Float64Array,
): Responsibilities {
  const [K, count] = [components.length, rows.length / layout.width];
  const [shares, nats] = [new Float64Array(count * K), new Float64Array(count)];
  eachBlock(rows, layout.width, (some, start) => {
    const end = start + some.length / layout.width;
    const scores = shares.subarray(start * K, end * K);
    logJoint(layout, components, some, scores);
    share(scores, nats.subarray(start, end));
  });
  return { shares, nats };
}
