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
} from "../../numeric/linear/index.ts";
import { type GaussianLaw, HALF_LOG_2PI } from "./law.ts";

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
