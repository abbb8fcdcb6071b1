import { type Eigen, symmetricEigen } from "./eigen.ts";
import { type Matrix, multiply, multiplyTransposed, rowOf } from "./matrix.ts";

/** Rows made orthonormal by modified Gram-Schmidt, twice; a row that depends on those before it becomes zero. */
export function orthonormalRows(a: Matrix): Matrix {
  const data = a.data.slice();
  const q = { ...a, data };
  for (let i = 0; i < a.rows; i++) {
    const row = rowOf(q, i);
    const before = norm(row);
    for (let pass = 0; pass < 2; pass++)
      for (let j = 0; j < i; j++) {
        const other = rowOf(q, j);
        let along = 0;
        for (let k = 0; k < row.length; k++) along += row[k]! * other[k]!;
        for (let k = 0; k < row.length; k++) row[k]! -= along * other[k]!;
      }
    const length = norm(row);
    const scale = length > 1e-14 * before ? 1 / length : 0;
    for (let k = 0; k < row.length; k++) row[k]! *= scale;
  }
  return q;
}

function norm(row: Float64Array): number {
  let sum = 0;
  for (const value of row) sum += value * value;
  return Math.sqrt(sum);
}

/**
 * The leading eigenvectors of a large symmetric positive semi-definite matrix by subspace iteration with Rayleigh-Ritz, from
 * `start` [rows, n], normal random numbers with some more rows than are wanted. It ends when ‖A v − λ v‖ ≤ tolerance·λ₁ of
 * all that are wanted, or after so many rounds. Halko, Martinsson & Tropp 2011 (arXiv 0909.4061), section 4.5.
 */
export function leadingEigen(
  a: Matrix,
  wanted: number,
  start: Matrix,
  { tolerance = 1e-9, rounds = 500 }: { readonly tolerance?: number; readonly rounds?: number } = {},
): Eigen {
  let q = orthonormalRows(start);
  for (let round = 1; ; round++) {
    const image = multiply(q, a); // rows are A q, as A is symmetric
    const small = symmetricEigen(multiplyTransposed(image, q));
    const vectors = multiply(small.vectors, q);
    const images = multiply(small.vectors, image);
    if (round === rounds || residual(small.values, vectors, images, wanted) <= tolerance * small.values[0]!) {
      const data = vectors.data.slice(0, wanted * a.columns);
      return { values: small.values.slice(0, wanted), vectors: { rows: wanted, columns: a.columns, data } };
    }
    q = orthonormalRows(images);
  }
}

function residual(values: Float64Array, vectors: Matrix, images: Matrix, wanted: number): number {
  let most = 0;
  for (let i = 0; i < wanted; i++) {
    const [v, image] = [rowOf(vectors, i), rowOf(images, i)];
    most = Math.max(most, norm(image.map((value, k) => value - values[i]! * v[k]!)));
  }
  return most;
}
