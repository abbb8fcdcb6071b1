import type { Tree } from "../../../base/tree.ts";
import type { Tensor } from "../../../graph/index.ts";
import type { Cached } from "../factorisation.ts";
import { inputAt } from "./sequence-inputs.ts";
import type { Net, Sequence } from "./sequence-parts.ts";

/** Variables drawn from one extension of the caches to the next: few operations matter for one example, few copies for many. */
const segmentOf = (batch: number) => (batch === 1 ? 64 : 16);

/** Generation that keeps keys and values. */
export function sequenceCache(s: Sequence, readOut: (params: Net, rows: Tensor) => Tensor): Cached {
  type Caches = Parameters<typeof s.module.step>[2];
  const cachesOf = (state: Tree<Tensor>) => (state as unknown as { caches: Caches }).caches;
  return {
    state: (batch) => ({ caches: s.module.initCache(batch, s.length) }) as never,
    step: (tree, state, { position, previous, labels }) => {
      const params = tree as unknown as Net;
      const at = s.opened ? position.sub(1) : position;
      const x = inputAt(s, params, { at, position, previous, labels });
      const { y, cache } = s.module.step(params.body, x, cachesOf(state), at);
      return { logits: readOut(params, y), state: { caches: cache } as unknown as Tree<Tensor> };
    },
    growing: {
      length: segmentOf,
      state: (batch) => ({ caches: s.module.initCache(batch, segmentOf(batch)) }) as never,
      extend: (state, count) => ({ caches: s.module.extend(cachesOf(state), count) }) as unknown as Tree<Tensor>,
    },
  };
}
