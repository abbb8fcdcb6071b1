import { HostArray } from "../../base/host.ts";
import type { CategoricalEmission } from "../../probability/markov/index.ts";
import type { Bound } from "../bound.ts";
import type { TokenReader } from "../contract.ts";
import type { Parts } from "./hmm-parts.ts";
import { sum } from "./rows.ts";

/** Texts read token by token: all that is kept of one is the law of its next state. */
export function hmmReader({ steps, used }: Parts, on: Bound, batch: number): TokenReader {
  const { states: n, initial, transition, emission } = used(on.params);
  const { probabilities, levels } = emission as CategoricalEmission;
  const laws = Array.from({ length: batch }, () => initial.slice());
  let skip = steps.skip;
  const take = (law: Float64Array, token: number) => {
    const weighed = law.map((p, i) => p * probabilities[i * levels + token]!);
    const total = sum(weighed);
    const now = total > 0 ? weighed : law; // an impossible token says nothing
    law.fill(0);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) law[j]! += (now[i]! / (total || 1)) * transition[i * n + j]!;
  };
  return {
    context: Number.MAX_SAFE_INTEGER,
    read: async (further) => {
      const logits = new HostArray("float32", [batch, levels], new Float32Array(batch * levels));
      laws.forEach((law, b) => {
        for (let t = skip; t < further[b]!.length; t++) take(law, further[b]![t]!);
        for (let v = 0; v < levels; v++) {
          let p = 0;
          for (let i = 0; i < n; i++) p += law[i]! * probabilities[i * levels + v]!;
          logits.data[b * levels + v] = Math.log(p);
        }
      });
      skip = 0;
      return logits;
    },
  };
}
