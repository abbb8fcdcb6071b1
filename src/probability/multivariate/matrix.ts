import { ShapeError, UsageError } from "../../base/errors.ts";

/** A dense row-major matrix. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** A matrix, or its rows. */
export type MatrixLike = Matrix | readonly ArrayLike<number>[];

/** A matrix from rows of equal length; a matrix stays as it is. */
export function matrixOf(value: MatrixLike): Matrix {
  if ("data" in value) return value;
  const columns = value[0]?.length ?? 0;
  const ragged = value.findIndex((row) => row.length !== columns);
  if (ragged >= 0)
    throw new ShapeError(
      `A matrix needs rows of equal length; row ${ragged} has ${value[ragged]!.length}, not ${columns}.`,
    );
  return { rows: value.length, columns, data: Float64Array.from(value.flatMap((row) => Array.from(row))) };
}

/** A square matrix of zeros with the given entry function where it is given. */
export function square(size: number, entry: (i: number, j: number) => number): Matrix {
  const data = Float64Array.from({ length: size * size }, (_, k) => entry(Math.floor(k / size), k % size));
  return { rows: size, columns: size, data };
}

/** Row i as a view. */
export function rowOf({ columns, data }: Matrix, i: number): Float64Array {
  return data.subarray(i * columns, (i + 1) * columns);
}

function checkSymmetric({ rows, columns, data }: Matrix, what: string): void {
  if (rows !== columns) throw new ShapeError(`${what} needs to be square; got ${rows} x ${columns}.`);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j <= i; j++) {
      const [a, b] = [data[i * rows + j]!, data[j * rows + i]!];
      if (!Number.isFinite(a)) throw new UsageError(`${what} needs finite entries; entry (${i}, ${j}) is ${a}.`);
      if (Math.abs(a - b) > 1e-9 * (Math.abs(a) + Math.abs(b)))
        throw new UsageError(`${what} needs to be symmetric; entries (${i}, ${j}) and (${j}, ${i}) are ${a} and ${b}.`);
    }
}

/** Lower triangular L with L·Lᵀ = A, for symmetric positive definite A; a singular one is refused in a sentence. */
export function cholesky(a: Matrix, what: string): Matrix {
  checkSymmetric(a, what);
  const n = a.rows;
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a.data[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
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
    for (let k = 0; k < i; k++) x[i]! -= l[i * n + k]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
  return x;
}

/** Σ log L_ii. */
export function logDiagonal({ rows: n, data }: Matrix): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(data[i * (n + 1)]!);
  return sum;
}

/** Rows and columns `at` of a matrix. */
export function submatrix({ columns, data }: Matrix, rows: readonly number[], cols: readonly number[]): Matrix {
  const picked = rows.flatMap((i) => cols.map((j) => data[i * columns + j]!));
  return { rows: rows.length, columns: cols.length, data: Float64Array.from(picked) };
}

export const sum = (x: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i]!;
  return total;
};

/** Refuses a vector of another length. */
export function checkLength(family: string, x: ArrayLike<number>, dimension: number): void {
  if (x.length !== dimension)
    throw new ShapeError(`${family} has ${dimension} coordinates; got a vector of ${x.length}.`);
}
