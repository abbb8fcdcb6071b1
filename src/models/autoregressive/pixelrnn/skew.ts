import type { Tensor } from "../../../graph/index.ts";

/**
 * Row r of [H, W, …] moved r places to the right, as diagonals [H + W − 1, H, …]: element [d, r] is x[r, d − r], or zero
 * where the row has no such place. van den Oord et al. 2016, arXiv 1601.06759, figure 3.
 */
export function skew(x: Tensor): Tensor {
  const [height, width, ...rest] = x.shape as [number, number, ...number[]];
  const diagonals = height + width - 1;
  const flat = x.pad(alongAxis(1, [0, height], x.rank)).reshape([height * (width + height), ...rest]);
  return flat
    .slice(0, 0, height * diagonals)
    .reshape([height, diagonals, ...rest])
    .swapAxes(0, 1);
}

/** Diagonals [H + W − 1, H, …] as rows [H, W, …] again. */
export function unskew(diagonals: Tensor): Tensor {
  const [count, height, ...rest] = diagonals.shape as [number, number, ...number[]];
  const flat = diagonals.swapAxes(0, 1).reshape([height * count, ...rest]);
  const padded = flat.pad(alongAxis(0, [0, height], flat.rank)).reshape([height, count + 1, ...rest]);
  return padded.slice(1, 0, count + 1 - height);
}

/** Moved by `count` places along an axis, with zeros before and what falls out at the end dropped. */
export function shift(x: Tensor, axis: number, count: number): Tensor {
  return x.pad(alongAxis(axis, [count, -count], x.rank));
}

const alongAxis = (axis: number, amounts: readonly [number, number], rank: number) =>
  Array.from({ length: rank }, (_, i) => (i === axis ? amounts : ([0, 0] as const)));
