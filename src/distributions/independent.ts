import { type Distribution, type NoiseSpec, sumEvent } from "./distribution.ts";

/** The same distribution with its last `rank` batch axes made part of the event: log-probabilities are summed over them. */
export function independent<N extends NoiseSpec>(base: Distribution<N>, rank: number): Distribution<N> {
  const at = base.batch.length - rank;
  return {
    ...base,
    family: `independent ${base.family}`,
    batch: base.batch.slice(0, at),
    event: [...base.batch.slice(at), ...base.event],
    logProb: (x) => sumEvent(base.logProb(x), rank),
    ...(base.entropy && { entropy: () => sumEvent(base.entropy!(), rank) }),
  };
}
