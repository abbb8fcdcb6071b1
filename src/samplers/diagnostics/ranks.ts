import { normalQuantile } from "../../random/index.ts";

/** Draws of one quantity: one list for each chain, all of one length. */
export type ChainDraws = readonly ArrayLike<number>[];

/** Each chain cut in two halves, so that a drift within a chain shows between chains; an odd middle draw is left out. */
export function splitChains(chains: ChainDraws): Float64Array[] {
  return chains.flatMap((chain) => {
    const draws = Float64Array.from(chain);
    const half = Math.floor(draws.length / 2);
    return [draws.slice(0, half), draws.slice(draws.length - half)];
  });
}

/** All draws in order. */
export function sorted(chains: ChainDraws): Float64Array {
  const all = new Float64Array(chains.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chain of chains) {
    all.set(chain, at);
    at += chain.length;
  }
  return all.sort();
}

/** The quantile of ordered numbers, linear between neighbours (type 7 of Hyndman and Fan 1996). */
export function quantileOf(ordered: Float64Array, probability: number): number {
  const place = (ordered.length - 1) * probability;
  const below = Math.floor(place);
  const above = Math.min(below + 1, ordered.length - 1);
  return ordered[below]! + (place - below) * (ordered[above]! - ordered[below]!);
}

/** Mean ranks of all draws together, from 1; ties share theirs. */
export function ranks(chains: ChainDraws): Float64Array[] {
  const size = chains[0]!.length;
  const all = Float64Array.from({ length: size * chains.length }, (_, i) => chains[Math.floor(i / size)]![i % size]!);
  const order = Uint32Array.from(all.keys()).sort((a, b) => all[a]! - all[b]!);
  const rank = new Float64Array(all.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && all[order[end]!] === all[order[start]!]) end++;
    for (let i = start; i < end; i++) rank[order[i]!] = (start + end + 1) / 2;
    start = end;
  }
  return chains.map((_, c) => rank.slice(c * size, (c + 1) * size));
}

/** Normal scores Φ⁻¹((rank − ⅜)/(S + ¼)). Vehtari et al. 2021, arXiv 1903.08008, equation 14. */
export function normalScores(chains: ChainDraws): Float64Array[] {
  const total = chains.length * chains[0]!.length;
  return ranks(chains).map((chain) => chain.map((rank) => normalQuantile((rank - 3 / 8) / (total + 1 / 4) - 0.5)));
}
