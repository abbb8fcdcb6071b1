import type { Matrix } from "../../numeric/linear/index.ts";

/** ½ log 2π. */
export const HALF_LOG_2PI = 0.9189385332046727;

/** What is expected of a vector of which some numbers are missing, given the others. */
export interface Expected {
  /** The vector with the missing numbers replaced by their conditional means. */
  readonly mean: Float64Array;
  /** The places of the missing numbers, and their conditional covariance. */
  readonly missing: readonly number[];
  readonly covariance: Matrix;
}

/** A normal law of vectors of which any numbers may be missing (NaN). */
interface FillingLaw {
  /** Writes draws from the exact conditional over what is missing, from as many standard normals as `normals`. */
  fill(x: Float64Array, z: ArrayLike<number>): void;
  /** Standard normals that one draw takes. */
  readonly normals: number;
}

/** A law that takes vectors one by one. */
export interface GaussianLaw extends FillingLaw {
  /** Log density of the numbers that are there; 0 where none is. */
  logProb(x: Float64Array): number;
}

/** A law that takes many vectors at once, and knows conditional moments: what expectation-maximisation needs. */
export interface MomentLaw extends FillingLaw {
  /** Log densities of rows x [n, d], of the numbers that are there, to [n]; each is the same whatever the other rows are. */
  logProbs(x: Float64Array, to: Float64Array): void;
  expected(x: Float64Array): Expected;
}

/** The places of the numbers that are missing, or of those that are there. */
export function placesOf(x: Float64Array, missing: boolean): number[] {
  const places: number[] = [];
  for (let i = 0; i < x.length; i++) if (Number.isNaN(x[i]!) === missing) places.push(i);
  return places;
}
