import { int64 } from "../base/host.ts";
import { constant, type Tensor } from "../graph/index.ts";
import { scaledDotProduct } from "./dot-product.ts";
import { additiveMask, type Pattern, visibility } from "./pattern.ts";

/**
 * Attention of q, k, v [B, heads, T, d] in blocks: each block's queries meet only the keys they may see, so that cost
 * grows with T·(block + memory) instead of T². Parmar et al. 2018 (Image Transformer), arXiv 1802.05751, section 3.
 */
export function blockAttention(q: Tensor, k: Tensor, v: Tensor, pattern: Pattern): Tensor {
  const { queries, keys, places, mask } = layoutOf(pattern);
  const blocks = pattern.starts.length - 1;
  const cut = (x: Tensor, positions: readonly number[] | undefined) => {
    const rows = positions ? x.gather(indices(positions), 2) : x;
    return rows.reshape([x.shape[0]!, x.shape[1]!, blocks, -1, x.shape[3]!]);
  };
  const y = scaledDotProduct(cut(q, queries), cut(k, keys), cut(v, keys), mask);
  const rows = y.reshape([q.shape[0]!, q.shape[1]!, -1, q.shape[3]!]);
  return places ? rows.gather(indices(places), 2) : rows;
}

const indices = (list: readonly number[]) => constant(int64([...list], [list.length]));

/** Where each block's queries and keys lie, made equally many with stand-ins that nobody sees. */
function layoutOf(pattern: Pattern) {
  const { starts, memory } = pattern;
  const blocks = starts.length - 1;
  const own = (b: number) => Array.from({ length: starts[b + 1]! - starts[b]! }, (_, i) => starts[b]! + i);
  const most = Math.max(...memory.map((_, b) => own(b).length));
  const span = Math.max(...memory.map((list) => list.length));
  const filled = (list: readonly number[], size: number) => [
    ...new Array<number>(size - list.length).fill(-1),
    ...list,
  ];
  const queries = memory.map((_, b) => filled(own(b), most));
  const keys = memory.map((list, b) => [...filled(list, span), ...queries[b]!]);
  const even = most * blocks === starts.at(-1);
  const sees = visibility(pattern);
  const mask = additiveMask(blocks * most, span + most, (row, column) => {
    const [query, key] = [queries[Math.floor(row / most)]![row % most]!, keys[Math.floor(row / most)]![column]!];
    return query >= 0 && key >= 0 && sees(query, key);
  }).reshape([blocks, most, span + most]);
  const inside = (lists: number[][]) => withStandIns(lists.flat(), starts.at(-1)!);
  const flat = queries.flat();
  const placeOf = new Map(flat.map((position, i) => [position, i]));
  const places = Array.from({ length: starts.at(-1)! }, (_, position) => placeOf.get(position)!);
  return { mask, keys: inside(keys), queries: even ? undefined : inside(queries), places: even ? undefined : places };
}

/**
 * Positions 0 … length−1 with those that are missing (−1) replaced by ones that are used least: gradients are quickest
 * where none is used much more often than others.
 */
function withStandIns(positions: readonly number[], length: number): number[] {
  const uses = new Uint32Array(length);
  for (const position of positions) if (position >= 0) uses[position]!++;
  let most = uses.reduce((a, b) => Math.max(a, b), 0);
  let next = length - 1;
  const spare = () => {
    while (uses[next]! >= most) {
      if (--next >= 0) continue;
      next = length - 1;
      most++;
    }
    uses[next]!++;
    return next;
  };
  return positions.map((position) => (position >= 0 ? position : spare()));
}
