import {
  cholesky,
  dot,
  logDiagonal,
  type Matrix,
  rowOf,
  solveLower,
  solveUpper,
  square,
  submatrix,
} from "../../numeric/linear/index.ts";
import { HALF_LOG_2PI, type MomentLaw, placesOf } from "./law.ts";
import { whitenedSquares } from "./squares.ts";

/** What a pattern of gaps needs: factors of the seen part and of the rest given it. */
interface Split {
  readonly seen: readonly number[];
  readonly missing: readonly number[];
  readonly factor: Matrix;
  /** Σ_ms Σ_ss⁻¹, by rows of missing numbers. */
  readonly slope: Matrix;
  readonly rest: Matrix;
}

/** Patterns of gaps whose factors are kept. */
const KEPT = 256;

/** A normal law with a covariance matrix: N(μ, Σ). `what` names the matrix where it is singular. */
export function denseGaussian(mean: Float64Array, covariance: Matrix, what: string): MomentLaw {
  const d = mean.length;
  const factor = cholesky(covariance, what);
  const [volume, turns] = [logDiagonal(factor), d * HALF_LOG_2PI];
  const splitOf = splitter(covariance, what);
  return {
    normals: d,
    logProbs: (x, to) => {
      whitenedSquares(factor, mean, x, to);
      for (let n = 0; n < to.length; n++) {
        if (!Number.isNaN(to[n]!)) to[n] = -0.5 * to[n]! - volume - turns;
        else {
          const row = x.subarray(n * d, (n + 1) * d);
          to[n] = marginal(mean, splitOf(row), row);
        }
      }
    },
    fill: (x, z) => draw(mean, splitOf(x), x, z, what),
    expected: (x) => {
      const split = splitOf(x);
      const filled = x.slice();
      conditionalMeans(mean, split, x).forEach((value, at) => {
        filled[split.missing[at]!] = value;
      });
      return { mean: filled, missing: split.missing, covariance: split.rest };
    },
  };
}

/** Finds what the pattern of gaps of a vector needs, and keeps it for the next one. */
function splitter(covariance: Matrix, what: string): (x: Float64Array) => Split {
  const splits = new Map<string, Split>();
  return (x) => {
    const missing = placesOf(x, true);
    const name = missing.join();
    const kept = splits.get(name);
    if (kept) return kept;
    if (splits.size >= KEPT) splits.clear();
    const split = splitAt(covariance, placesOf(x, false), missing, what);
    splits.set(name, split);
    return split;
  };
}

/** Log density of the numbers that are there. */
function marginal(mean: Float64Array, { seen, factor }: Split, x: Float64Array): number {
  const off = solveLower(
    factor,
    seen.map((i) => x[i]! - mean[i]!),
  );
  return -0.5 * dot(off, off) - logDiagonal(factor) - seen.length * HALF_LOG_2PI;
}

/** Means of the missing numbers given the others. */
function conditionalMeans(mean: Float64Array, { seen, missing, slope }: Split, x: Float64Array): number[] {
  const off = seen.map((i) => x[i]! - mean[i]!);
  return missing.map((i, at) => mean[i]! + dot(rowOf(slope, at), off));
}

/** Writes a draw of the missing numbers given the others. */
function draw(mean: Float64Array, split: Split, x: Float64Array, z: ArrayLike<number>, what: string): void {
  const { missing, rest } = split;
  if (missing.length === 0) return;
  const centre = conditionalMeans(mean, split, x);
  const root = cholesky(rest, `${what} given what is known`, { ridge: 1e-13 * largest(rest) });
  missing.forEach((i, at) => {
    let value = centre[at]!;
    for (let j = 0; j <= at; j++) value += root.data[at * root.rows + j]! * z[missing[j]!]!;
    x[i] = value;
  });
}

function largest({ rows, data }: Matrix): number {
  let most = 0;
  for (let i = 0; i < rows; i++) most = Math.max(most, data[i * (rows + 1)]!);
  return most;
}

function splitAt(covariance: Matrix, seen: readonly number[], missing: readonly number[], what: string): Split {
  const factor = cholesky(submatrix(covariance, seen, seen), what);
  const cross = submatrix(covariance, missing, seen);
  const whitened = missing.map((_, at) => solveLower(factor, rowOf(cross, at)));
  const slope = { ...cross, data: new Float64Array(cross.data.length) };
  whitened.forEach((row, at) => {
    slope.data.set(solveUpper(factor, row), at * seen.length);
  });
  const inner = submatrix(covariance, missing, missing);
  const rest = square(missing.length, (i, j) => inner.data[i * missing.length + j]! - dot(whitened[i]!, whitened[j]!));
  return { seen, missing, factor, slope, rest };
}
