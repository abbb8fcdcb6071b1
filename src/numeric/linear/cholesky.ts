import { ShapeError, UsageError } from "../../base/errors.ts";
import type { Matrix } from "./matrix.ts";

function checkSymmetric({ rows, columns, data }: Matrix, what: string): void {
  if (rows !== columns) throw new ShapeError(`${what} needs to be square; got ${rows} x ${columns}.`);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j <= i; j++) {
      const [a, b] = [data[i * rows + j]!, data[j * rows + i]!];
      if (!Number.isFinite(a)) throw new UsageError(`${what} needs finite entries; entry (${i}, ${j}) is ${a}.`);
      const size = Math.sqrt(Math.abs(data[i * (rows + 1)]! * data[j * (rows + 1)]!));
      if (Math.abs(a - b) > 1e-9 * (Math.abs(a) + Math.abs(b)) + 1e-13 * size)
        throw new UsageError(`${what} needs to be symmetric; entries (${i}, ${j}) and (${j}, ${i}) are ${a} and ${b}.`);
    }
}

/**
 * Lower triangular L with L·Lᵀ = A + ridge·1, for symmetric positive definite A; a singular one is refused in a sentence.
 */
export function cholesky(a: Matrix, what: string, { ridge = 0 }: { readonly ridge?: number } = {}): Matrix {
  checkSymmetric(a, what);
  const n = a.rows;
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a.data[i * n + j]! + (i === j ? ridge : 0);
      for (let k = 0, p = i * n, q = j * n; k < j; k++) sum -= l[p + k]! * l[q + k]!;
      if (i !== j) l[i * n + j] = sum / l[j * n + j]!;
      else if (sum > 1e-14 * Math.abs(a.data[i * n + i]!)) l[i * n + i] = Math.sqrt(sum);
      else
        throw new UsageError(
          `${what} is singular: coordinate ${i} is determined by those before it (or constant); leave it out, or add a small number to the diagonal.`,
        );
    }
  return { rows: n, columns: n, data: l };
}

/** L⁻¹·b for lower triangular L. */
export function solveLower({ rows: n, data: l }: Matrix, b: ArrayLike<number>): Float64Array {
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    let sum = x[i]!;
    for (let k = 0, p = i * n; k < i; k++) sum -= l[p + k]! * x[k]!;
    x[i] = sum / l[i * n + i]!;
  }
  return x;
}

/** L⁻ᵀ·b for lower triangular L. */
export function solveUpper({ rows: n, data: l }: Matrix, b: ArrayLike<number>): Float64Array {
  const x = Float64Array.from(b);
  for (let i = n - 1; i >= 0; i--) {
    const value = x[i]! / l[i * n + i]!;
    x[i] = value;
    for (let k = 0, p = i * n; k < i; k++) x[k]! -= l[p + k]! * value;
  }
  return x;
}

/** A⁻¹·b by the factor L of A = L·Lᵀ. */
export function solveCholesky(factor: Matrix, b: ArrayLike<number>): Float64Array {
  return solveUpper(factor, solveLower(factor, b));
}

/** A⁻¹ by the factor L of A = L·Lᵀ. */
export function inverseOf(factor: Matrix): Matrix {
  const n = factor.rows;
  const data = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    const unit = new Float64Array(n);
    unit[j] = 1;
    data.set(solveCholesky(factor, unit), j * n);
  }
  return { rows: n, columns: n, data };
}

/** Σ log L_ii, half of log det A. */
export function logDiagonal({ rows: n, data }: Matrix): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(data[i * (n + 1)]!);
  return sum;
}
