import {
  cholesky,
  dot,
  logDiagonal,
  type Matrix,
  rowOf,
  solveCholesky,
  solveLower,
  solveUpper,
  square,
  submatrix,
} from "../../numeric/linear/index.ts";

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
export interface GaussianLaw {
  /** Log density of the numbers that are there; 0 where none is. */
  logProb(x: Float64Array): number;
  /** Writes draws from the exact conditional over what is missing, from as many standard normals as `normals`. */
  fill(x: Float64Array, z: ArrayLike<number>): void;
  /** Standard normals that one draw takes. */
  readonly normals: number;
}

/** A law that also knows conditional moments, which expectation-maximisation with gaps needs. */
export interface MomentLaw extends GaussianLaw {
  expected(x: Float64Array): Expected;
}

const whole = (x: Float64Array) => !x.some(Number.isNaN);
const placesOf = (x: Float64Array, missing: boolean): number[] => {
  const places: number[] = [];
  for (let i = 0; i < x.length; i++) if (Number.isNaN(x[i]!) === missing) places.push(i);
  return places;
};

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
  const volume = logDiagonal(factor);
  const splits = new Map<string, Split>();
  const splitOf = (x: Float64Array): Split => {
    const missing = placesOf(x, true);
    const name = missing.join();
    const kept = splits.get(name);
    if (kept) return kept;
    if (splits.size >= KEPT) splits.clear();
    const split = splitAt(covariance, placesOf(x, false), missing, what);
    splits.set(name, split);
    return split;
  };
  const means = ({ seen, missing, slope }: Split, x: Float64Array) => {
    const off = seen.map((i) => x[i]! - mean[i]!);
    return missing.map((i, at) => mean[i]! + dot(rowOf(slope, at), off));
  };
  return {
    normals: d,
    logProb: (x) => {
      if (whole(x)) return quadratic(factor, x, mean) - volume - d * HALF_LOG_2PI;
      const { seen, factor: own } = splitOf(x);
      const off = solveLower(
        own,
        seen.map((i) => x[i]! - mean[i]!),
      );
      return -0.5 * dot(off, off) - logDiagonal(own) - seen.length * HALF_LOG_2PI;
    },
    fill: (x, z) => {
      const split = splitOf(x);
      const { missing, rest } = split;
      if (missing.length === 0) return;
      const centre = means(split, x);
      const root = cholesky(rest, `${what} given what is known`, { ridge: 1e-13 * largest(rest) });
      missing.forEach((i, at) => {
        let value = centre[at]!;
        for (let j = 0; j <= at; j++) value += root.data[at * root.rows + j]! * z[missing[j]!]!;
        x[i] = value;
      });
    },
    expected: (x) => {
      const split = splitOf(x);
      const filled = x.slice();
      means(split, x).forEach((value, at) => {
        filled[split.missing[at]!] = value;
      });
      return { mean: filled, missing: split.missing, covariance: split.rest };
    },
  };
}

function largest({ rows, data }: Matrix): number {
  let most = 0;
  for (let i = 0; i < rows; i++) most = Math.max(most, data[i * (rows + 1)]!);
  return most;
}

/** −½ ‖L⁻¹(x − μ)‖², without allocation beyond one vector. */
function quadratic({ rows: n, data: l }: Matrix, x: Float64Array, mean: Float64Array): number {
  const z = new Float64Array(n);
  let total = 0;
  for (let i = 0, p = 0; i < n; i++, p += n) {
    let sum = x[i]! - mean[i]!;
    for (let k = 0; k < i; k++) sum -= l[p + k]! * z[k]!;
    sum /= l[p + i]!;
    z[i] = sum;
    total += sum * sum;
  }
  return -0.5 * total;
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

/** A normal law of independent numbers with their own variances. */
export function diagonalGaussian(mean: Float64Array, variances: Float64Array): MomentLaw {
  const deviations = variances.map(Math.sqrt);
  const norms = deviations.map((deviation) => -HALF_LOG_2PI - Math.log(deviation));
  return {
    normals: mean.length,
    logProb: (x) => {
      let sum = 0;
      for (let i = 0; i < x.length; i++) {
        const off = (x[i]! - mean[i]!) / deviations[i]!;
        if (!Number.isNaN(off)) sum += norms[i]! - 0.5 * off * off;
      }
      return sum;
    },
    fill: (x, z) => {
      for (let i = 0; i < x.length; i++) if (Number.isNaN(x[i]!)) x[i] = mean[i]! + deviations[i]! * z[i]!;
    },
    expected: (x) => {
      const missing = placesOf(x, true);
      return {
        mean: x.map((value, i) => (Number.isNaN(value) ? mean[i]! : value)),
        missing,
        covariance: square(missing.length, (i, j) => (i === j ? variances[missing[i]!]! : 0)),
      };
    },
  };
}

/** The law of the code z of a vector, given what is known of it: N(mean, factor⁻ᵀ factor⁻¹). */
export interface CodeLaw {
  readonly mean: Float64Array;
  /** The factor of its precision matrix. */
  readonly factor: Matrix;
}

/** A normal law with few factors, with its law of codes. */
export interface FactorLaw extends GaussianLaw {
  code(x: Float64Array): CodeLaw;
}

/**
 * x = μ + W z + ε with z ~ N(0, 1) of k factors and independent ε ~ N(0, Ψ): Σ = W Wᵀ + Ψ without ever forming it. The matrix
 * inversion lemma gives M = 1 + Wᵀ Ψ⁻¹ W over the numbers that are there, z | x ~ N(M⁻¹ Wᵀ Ψ⁻¹ (x − μ), M⁻¹), and log det Σ =
 * log det M + Σ log Ψ (Tipping & Bishop 1999). `weights` is [d, k].
 */
export function factorGaussian(mean: Float64Array, weights: Matrix, noise: Float64Array): FactorLaw {
  const [d, k] = [weights.rows, weights.columns];
  let kept: { readonly name: string; readonly factor: Matrix } | undefined;
  const precision = (x: Float64Array): Matrix => {
    let name = "";
    for (let i = 0; i < d; i++) if (Number.isNaN(x[i]!)) name += `${i},`;
    if (kept?.name === name) return kept.factor;
    const m = square(k, (i, j) => Number(i === j));
    for (let i = 0; i < d; i++) {
      if (Number.isNaN(x[i]!)) continue;
      for (let a = 0, at = i * k; a < k; a++) {
        const scaled = weights.data[at + a]! / noise[i]!;
        for (let b = 0; b < k; b++) m.data[a * k + b]! += scaled * weights.data[at + b]!;
      }
    }
    const factor = cholesky(m, "The precision of the factors");
    kept = { name, factor };
    return factor;
  };
  /** Wᵀ Ψ⁻¹ (x − μ), (x − μ)ᵀ Ψ⁻¹ (x − μ), Σ log Ψ and how many, over what is there. */
  const projected = (x: Float64Array) => {
    const along = new Float64Array(k);
    let [squares, volume, seen] = [0, 0, 0];
    for (let i = 0; i < d; i++) {
      const off = x[i]! - mean[i]!;
      if (Number.isNaN(off)) continue;
      const scaled = off / noise[i]!;
      squares += off * scaled;
      volume += Math.log(noise[i]!);
      seen++;
      for (let a = 0, at = i * k; a < k; a++) along[a]! += weights.data[at + a]! * scaled;
    }
    return { along, squares, volume, seen };
  };
  const code = (x: Float64Array): CodeLaw => {
    const factor = precision(x);
    return { factor, mean: solveCholesky(factor, projected(x).along) };
  };
  return {
    normals: k + d,
    code,
    logProb: (x) => {
      const factor = precision(x);
      const { along, squares, volume, seen } = projected(x);
      const z = solveLower(factor, along);
      return -0.5 * (squares - dot(z, z) + volume) - logDiagonal(factor) - seen * HALF_LOG_2PI;
    },
    fill: (x, z) => {
      const law = code(x);
      const normals = Float64Array.from({ length: k }, (_, a) => z[a]!);
      const away = solveUpper(law.factor, normals);
      const drawn = law.mean.map((value, a) => value + away[a]!);
      for (let i = 0; i < d; i++)
        if (Number.isNaN(x[i]!)) x[i] = mean[i]! + dot(rowOf(weights, i), drawn) + Math.sqrt(noise[i]!) * z[k + i]!;
    },
  };
}
