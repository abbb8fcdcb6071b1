import { DataError, UsageError } from "../../../base/errors.ts";

/** Numbers with a weight each (1 when left out). */
export interface Weighted {
  readonly x: ArrayLike<number>;
  readonly w: (i: number) => number;
  /** Σ w. */
  readonly total: number;
}

/** What the numbers of a family must be. */
export interface Requirement {
  readonly what: string;
  holds(x: number): boolean;
}

export const REAL: Requirement = { what: "finite numbers", holds: Number.isFinite };
export const POSITIVE: Requirement = { what: "finite numbers above 0", holds: (x) => x > 0 && Number.isFinite(x) };
export const NOT_NEGATIVE: Requirement = {
  what: "finite numbers from 0 on",
  holds: (x) => x >= 0 && Number.isFinite(x),
};
export const UNIT: Requirement = { what: "numbers between 0 and 1", holds: (x) => x > 0 && x < 1 };
export const COUNT: Requirement = { what: "whole numbers from 0 on", holds: (x) => Number.isSafeInteger(x) && x >= 0 };

/** Checks numbers and weights before a fit; each wrong one is named by its position. */
export function weighted(
  family: string,
  x: ArrayLike<number>,
  weights: ArrayLike<number> | undefined,
  { what, holds }: Requirement,
): Weighted {
  if (weights && weights.length !== x.length)
    throw new UsageError(`A fit of ${family} needs as many weights as numbers; got ${weights.length} and ${x.length}.`);
  let total = 0;
  for (let i = 0; i < x.length; i++) {
    const w = weights ? weights[i]! : 1;
    if (!(w >= 0 && w < Number.POSITIVE_INFINITY))
      throw new UsageError(`A fit of ${family} needs finite weights from 0 on; weight ${i} is ${w}.`);
    if (w > 0 && !holds(x[i]!)) throw new DataError(`A fit of ${family} needs ${what}; number ${i} is ${x[i]}.`);
    total += w;
  }
  if (!(total > 0)) throw new DataError(`A fit of ${family} needs at least one number of weight above 0.`);
  return { x, w: (i) => (weights ? weights[i]! : 1), total };
}

/** Weighted mean of f over the numbers. */
export function average({ x, w, total }: Weighted, f: (x: number) => number = (v) => v): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) if (w(i) > 0) sum += w(i) * f(x[i]!);
  return sum / total;
}

/** Refuses a sample that has no spread where the family needs one. */
export function spread(family: string, value: number): number {
  if (!(value > 0)) throw new DataError(`A fit of ${family} needs numbers that are not all equal.`);
  return value;
}

/** Refuses a sample of zeros where the family's mean is above 0. */
export function notZero(family: string, mean: number): number {
  if (!(mean > 0)) throw new DataError(`A fit of ${family} needs at least one number above 0; all are 0.`);
  return mean;
}

/** The smallest number at which half of the weight is reached. */
export function median({ x, w, total }: Weighted): number {
  const order = Array.from(x, (_, i) => i).sort((i, j) => x[i]! - x[j]!);
  let sum = 0;
  for (const i of order) {
    sum += w(i);
    if (sum >= total / 2) return x[i]!;
  }
  return x[order.at(-1)!]!;
}
