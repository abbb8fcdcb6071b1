import { HostArray } from "../base/host.ts";
import { concat, constant, type Tensor } from "../graph/index.ts";

/** cos and sin of position·base^(−2i/width) for `length` positions from `first` on and i < width/2: two arrays [length, width/2]. */
function rotaryTables(first: number, length: number, width: number, base: number): { cos: HostArray; sin: HostArray } {
  const half = width / 2;
  const angle = (i: number) => (first + Math.floor(i / half)) * base ** (-(i % half) / half);
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

const BASE = 10_000;

/**
 * Rotary position embedding of queries or keys [..., T, width]: each pair (x_i, x_{i+width/2}) is turned by its
 * position's angle, so that products depend on distances only. Su et al. 2021, arXiv 2104.09864 (halves, as in GPT-NeoX).
 */
export function rotary(x: Tensor, positions: Positions, base = BASE): Tensor {
  const width = x.shape[x.rank - 1]!;
  const tables = rotaryTables(0, "first" in positions ? positions.first : positions.length, width, base);
  const rows = (table: HostArray) => ("at" in positions ? constant(table).gather(positions.at) : constant(table));
  const [cos, sin] = [rows(tables.cos), rows(tables.sin)];
  const [a, b] = x.split(2, -1) as [Tensor, Tensor];
  return concat([a.mul(cos).sub(b.mul(sin)), a.mul(sin).add(b.mul(cos))], -1);
}

/**
 * The same for queries, keys and values [B, 3, heads, 1, width] of one position, which turns the first two: in a loop few
 * operations matter, so it is x·cos + (x·R)·sin with R the swap of halves. `row` counts positions from `first` on.
 */
export function rotaryStep(qkv: Tensor, row: Tensor, first: number, length: number, base = BASE): Tensor {
  const width = qkv.shape[qkv.rank - 1]!;
  const half = width / 2;
  const { cos, sin } = rotaryTables(first, length, width, base);
  const table = (from: HostArray, still: number) => {
    const value = (i: number) => {
      const [t, part, at] = [Math.floor(i / (3 * width)), Math.floor(i / width) % 3, i % half];
      return part === 2 ? still : Number(from.data[t * half + at]!);
    };
    const data = Float32Array.from({ length: length * 3 * width }, (_, i) => value(i));
    return constant(new HostArray("float32", [length, 3, 1, 1, width], data)).gather(row);
  };
  const swap = Float32Array.from({ length: width * width }, (_, i) => {
    const [from, to] = [Math.floor(i / width), i % width];
    return from === (to + half) % width ? (to < half ? -1 : 1) : 0;
  });
  const turned = qkv.matmul(constant(new HostArray("float32", [width, width], swap)));
  return qkv.mul(table(cos, 1)).add(turned.mul(table(sin, 0)));
}
