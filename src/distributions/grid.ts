import { float32 } from "../base/host.ts";
import { constant, type Tensor } from "../graph/index.ts";

/** The values a discretised variable can take: `levels` equally spaced numbers from `low` to `high`. */
export interface Grid {
  readonly low: number;
  readonly high: number;
  readonly levels: number;
}

/** Bytes in model units: 0, 1/255, …, 1. */
export const unitBytes: Grid = { low: 0, high: 1, levels: 256 };

/** x in units of grid steps from the lowest value: numbers on the grid are 0, 1, …, levels − 1. */
export function gridUnits(x: Tensor, { low, high, levels }: Grid): Tensor {
  const shifted = low === 0 ? x : x.sub(low);
  return shifted.mul((levels - 1) / (high - low));
}

/** The inverse of {@link gridUnits}; the quotient rounds to the same single-precision numbers the data have. */
export function fromGridUnits(k: Tensor, { low, high, levels }: Grid): Tensor {
  const x = k.mul(high - low).div(levels - 1);
  return low === 0 ? x : x.add(low);
}

/** The grid value whose bin contains x; the outer bins reach to infinity. */
export function toGrid(x: Tensor, grid: Grid): Tensor {
  return fromGridUnits(
    gridUnits(x, grid)
      .add(0.5)
      .floor()
      .clip(0, grid.levels - 1),
    grid,
  );
}

/** All grid values along a new first axis, before `rank` axes of size 1. */
export function gridValues(grid: Grid, rank: number): Tensor {
  const step = (grid.high - grid.low) / (grid.levels - 1);
  const values = Array.from({ length: grid.levels }, (_, k) => grid.low + k * step);
  return constant(float32(values, [grid.levels, ...new Array<number>(rank).fill(1)]));
}

/** Mean, variance and entropy (nats) of each element, by summing over the whole grid. */
export function gridMoments(logProb: (x: Tensor) => Tensor, rank: number, grid: Grid) {
  const x = gridValues(grid, rank);
  const logP = logProb(x);
  const p = logP.exp();
  const mean = p.mul(x).sum(0);
  return { mean, variance: p.mul(x.sub(mean).square()).sum(0), entropy: p.mul(logP).sum(0).neg() };
}
