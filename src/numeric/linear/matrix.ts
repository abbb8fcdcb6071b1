import { ShapeError } from "../../base/errors.ts";

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

/** A square matrix with the given entries. */
export function square(size: number, entry: (i: number, j: number) => number): Matrix {
  const data = Float64Array.from({ length: size * size }, (_, k) => entry(Math.floor(k / size), k % size));
  return { rows: size, columns: size, data };
}

/** Row i as a view. */
export function rowOf({ columns, data }: Matrix, i: number): Float64Array {
  return data.subarray(i * columns, (i + 1) * columns);
}

/** Rows and columns `at` of a matrix. */
export function submatrix({ columns, data }: Matrix, rows: readonly number[], cols: readonly number[]): Matrix {
  const picked = new Float64Array(rows.length * cols.length);
  let at = 0;
  for (const i of rows) for (const j of cols) picked[at++] = data[i * columns + j]!;
  return { rows: rows.length, columns: cols.length, data: picked };
}

/** Aᵀ. */
export function transpose({ rows, columns, data }: Matrix): Matrix {
  const turned = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) turned[j * rows + i] = data[i * columns + j]!;
  return { rows: columns, columns: rows, data: turned };
}

/** Σ aᵢ bᵢ. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** A·B. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  if (a.columns !== b.rows)
    throw new ShapeError(
      `Matrices ${a.rows} x ${a.columns} and ${b.rows} x ${b.columns} have no product: the inner sizes differ.`,
    );
  const width = b.columns;
  const data = new Float64Array(a.rows * width);
  for (let i = 0; i < a.rows; i++) {
    const own = data.subarray(i * width, (i + 1) * width);
    const factors = a.data.subarray(i * a.columns, (i + 1) * a.columns);
    let k = 0;
    for (; k + 4 <= a.columns; k += 4) addFour(own, factors, k, b.data, width);
    for (; k < a.columns; k++) for (let j = 0, at = k * width; j < width; j++) own[j]! += factors[k]! * b.data[at + j]!;
  }
  return { rows: a.rows, columns: width, data };
}

/** Adds four rows of B from row k on, each with its factor: a sum is read and written once for all four. */
function addFour(sum: Float64Array, factors: Float64Array, k: number, b: Float64Array, width: number): void {
  const [p, q, r, s] = [factors[k]!, factors[k + 1]!, factors[k + 2]!, factors[k + 3]!];
  if (p === 0 && q === 0 && r === 0 && s === 0) return;
  const at = k * width;
  for (let j = 0; j < width; j++)
    sum[j]! += p * b[at + j]! + q * b[at + width + j]! + r * b[at + 2 * width + j]! + s * b[at + 3 * width + j]!;
}

/** A·Bᵀ: dot products of rows. */
export function multiplyTransposed(a: Matrix, b: Matrix): Matrix {
  if (a.columns !== b.columns)
    throw new ShapeError(`Rows of ${a.columns} and of ${b.columns} numbers have no dot products: the lengths differ.`);
  const data = new Float64Array(a.rows * b.rows);
  const { columns } = a;
  for (let i = 0; i < a.rows; i++)
    for (let j = 0; j < b.rows; j++) {
      let sum = 0;
      for (let k = 0, p = i * columns, q = j * columns; k < columns; k++) sum += a.data[p + k]! * b.data[q + k]!;
      data[i * b.rows + j] = sum;
    }
  return { rows: a.rows, columns: b.rows, data };
}

/**
 * Adds Σₙ xₙ xₙᵀ of rows [n, d] to the upper triangle of a [d, d] sum, four rows at a time; `fillLower` makes it symmetric.
 */
export function addOuterProducts(sum: Float64Array, rows: ArrayLike<number>, d: number): void {
  const count = rows.length / d;
  let n = 0;
  for (; n + 4 <= count; n += 4) {
    const [p, q, r, s] = [n * d, (n + 1) * d, (n + 2) * d, (n + 3) * d];
    for (let i = 0; i < d; i++) {
      const a = rows[p + i]!;
      const b = rows[q + i]!;
      const c = rows[r + i]!;
      const e = rows[s + i]!;
      if (a === 0 && b === 0 && c === 0 && e === 0) continue;
      for (let j = i, to = i * d; j < d; j++)
        sum[to + j]! += a * rows[p + j]! + b * rows[q + j]! + c * rows[r + j]! + e * rows[s + j]!;
    }
  }
  for (; n < count; n++)
    for (let i = 0, p = n * d; i < d; i++) {
      const a = rows[p + i]!;
      for (let j = i, to = i * d; j < d; j++) sum[to + j]! += a * rows[p + j]!;
    }
}

/** Copies the upper triangle of a [d, d] matrix to the lower one. */
export function fillLower(data: Float64Array, d: number): void {
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) data[i * d + j] = data[j * d + i]!;
}
