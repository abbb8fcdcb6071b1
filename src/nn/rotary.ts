import { HostArray } from "../base/host.ts";
import { concat, constant, type Tensor } from "../graph/index.ts";

/** cos and sin of position·base^(−2i/width) for positions 0..length−1 and i < width/2: two arrays [length, width/2]. */
function rotaryTables(length: number, width: number, base: number): { cos: HostArray; sin: HostArray } {
  const half = width / 2;
  const angle = (i: number) => Math.floor(i / half) * base ** (-(i % half) / half);
  const table = (fn: (x: number) => number) =>
    new HostArray(
      "float32",
      [length, half],
      Float32Array.from({ length: length * half }, (_, i) => fn(angle(i))),
    );
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

/** Positions of a sequence: the first ones, or int64 numbers [T] below `length`. */
export type Positions = { readonly first: number } | { readonly at: Tensor; readonly length: number };

/**
 * Rotary position embedding of queries or keys [..., T, width]: each pair (x_i, x_{i+width/2}) is turned by its
 * position's angle, so that products depend on distances only. Su et al. 2021, arXiv 2104.09864 (halves, as in GPT-NeoX).
 */
export function rotary(x: Tensor, positions: Positions, base = 10_000): Tensor {
  const width = x.shape[x.rank - 1]!;
  const tables = rotaryTables("first" in positions ? positions.first : positions.length, width, base);
  const rows = (table: HostArray) => ("at" in positions ? constant(table).gather(positions.at) : constant(table));
  const [cos, sin] = [rows(tables.cos), rows(tables.sin)];
  const [a, b] = x.split(2, -1) as [Tensor, Tensor];
  return concat([a.mul(cos).sub(b.mul(sin)), a.mul(sin).add(b.mul(cos))], -1);
}
