import { SampoError, ShapeError } from "../../base/errors.ts";
import { type Matrix, rowOf } from "./matrix.ts";

/** Eigenvalues, the largest first, and their orthonormal eigenvectors as rows. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Matrix;
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix: Householder reduction to a tridiagonal one, then implicit QL
 * (Martin, Reinsch & Wilkinson 1968; Dubrulle, Martin & Wilkinson 1968). Only the lower triangle is read. Errors are of
 * the order of rounding times the largest eigenvalue; time is about 5 n³.
 */
export function symmetricEigen(a: Matrix): Eigen {
  const n = a.rows;
  if (n !== a.columns) throw new ShapeError(`Eigenvalues need a square matrix; got ${n} x ${a.columns}.`);
  const { diagonal, beside, turned } = tridiagonal(a);
  implicitQl(diagonal, beside, turned, n);
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => diagonal[j]! - diagonal[i]!);
  const data = new Float64Array(n * n);
  order.forEach((from, to) => {
    data.set(turned.subarray(from * n, (from + 1) * n), to * n);
  });
  return { values: Float64Array.from(order, (i) => diagonal[i]!), vectors: { rows: n, columns: n, data } };
}

/**
 * T = Qᵀ A Q with the diagonal and subdiagonal of T, and Qᵀ: columns are eliminated from the left, each by H = 1 − 2 v vᵀ,
 * which are applied to the rows of Qᵀ afterwards.
 */
function tridiagonal({ rows: n, data }: Matrix) {
  const a = data.slice();
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) a[i * n + j] = a[j * n + i]!;
  const [diagonal, beside] = [new Float64Array(n), new Float64Array(n)];
  const reflectors: Float64Array[] = [];
  const p = new Float64Array(n);
  for (let k = 0; k < n - 2; k++) {
    const v = reflector(a, n, k);
    reflectors.push(v);
    if (v[k + 1] === 0) continue;
    p.fill(0);
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1, at = i * n; j < n; j++) sum += a[at + j]! * v[j]!;
      p[i] = 2 * sum;
    }
    let half = 0;
    for (let i = k + 1; i < n; i++) half += p[i]! * v[i]!;
    for (let i = k + 1; i < n; i++) p[i]! -= half * v[i]!;
    for (let i = k; i < n; i++) {
      const [vi, pi] = [v[i]!, p[i]!];
      for (let j = k + 1, at = i * n; j < n; j++) a[at + j]! -= vi * p[j]! + pi * v[j]!;
    }
    const alpha = v[k]!;
    a[(k + 1) * n + k] = alpha;
  }
  for (let i = 0; i < n; i++) diagonal[i] = a[i * n + i]!;
  for (let i = 0; i + 1 < n; i++) beside[i] = a[(i + 1) * n + i]!;
  return { diagonal, beside, turned: accumulated(reflectors, n) };
}

/** The unit vector v (entries after k) that maps the column k below its diagonal to a multiple of the first; that multiple stands at k. */
function reflector(a: Float64Array, n: number, k: number): Float64Array {
  const v = new Float64Array(n);
  let most = 0;
  for (let i = k + 1; i < n; i++) most = Math.max(most, Math.abs(a[i * n + k]!));
  if (most === 0) return v;
  let squares = 0;
  for (let i = k + 1; i < n; i++) squares += (a[i * n + k]! / most) ** 2;
  const first = a[(k + 1) * n + k]!;
  const alpha = -(first < 0 ? -1 : 1) * most * Math.sqrt(squares);
  let length = 0;
  for (let i = k + 1; i < n; i++) {
    v[i] = a[i * n + k]! / most - (i === k + 1 ? alpha / most : 0);
    length += v[i]! ** 2;
  }
  length = Math.sqrt(length);
  for (let i = k + 1; i < n; i++) v[i]! /= length;
  v[k] = alpha;
  return v;
}

/** Qᵀ = … H₁ H₀, whose rows are turned by QL into eigenvectors: built backwards, so that it grows from the lower corner. */
function accumulated(reflectors: readonly Float64Array[], n: number): Float64Array {
  const q = new Float64Array(n * n); // row-major Q, then transposed
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  const w = new Float64Array(n);
  for (let k = reflectors.length - 1; k >= 0; k--) {
    const v = reflectors[k]!;
    if (v[k] === 0) continue;
    w.fill(0);
    for (let i = k + 1; i < n; i++) {
      const factor = 2 * v[i]!;
      for (let j = k + 1, at = i * n; j < n; j++) w[j]! += factor * q[at + j]!;
    }
    for (let i = k + 1; i < n; i++) {
      const factor = v[i]!;
      for (let j = k + 1, at = i * n; j < n; j++) q[at + j]! -= factor * w[j]!;
    }
  }
  const turned = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) turned[j * n + i] = q[i * n + j]!;
  return turned;
}

const SWEEPS = 60;

/** Turns a tridiagonal matrix into a diagonal one by QL steps with Wilkinson's shift, and the rows of `turned` along. */
function implicitQl(d: Float64Array, e: Float64Array, turned: Float64Array, n: number): void {
  for (let l = 0; l < n; l++)
    for (let sweep = 0; ; sweep++) {
      let m = l;
      for (; m < n - 1; m++) {
        const scale = Math.abs(d[m]!) + Math.abs(d[m + 1]!);
        if (Math.abs(e[m]!) <= Number.EPSILON * scale) break;
      }
      if (m === l) break;
      if (sweep === SWEEPS) throw new SampoError("The eigenvalues of a matrix do not settle: does it hold NaN?");
      let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
      let r = Math.hypot(g, 1);
      g = d[m]! - d[l]! + e[l]! / (g + (g < 0 ? -r : r));
      let [s, c, p] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i]!;
        const b = c * e[i]!;
        r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1]! -= p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1]! - p;
        r = (d[i]! - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        rotate(turned, i * n, n, c, s);
      }
      if (r === 0 && i >= l) continue;
      d[l]! -= p;
      e[l] = g;
      e[m] = 0;
    }
}

/** Rows at `from` and the one after it, (u, w) → (c u − s w, s u + c w). */
function rotate(rows: Float64Array, from: number, n: number, c: number, s: number): void {
  for (let j = from, k = from + n; j < from + n; j++, k++) {
    const w = rows[k]!;
    const u = rows[j]!;
    rows[k] = s * u + c * w;
    rows[j] = c * u - s * w;
  }
}

/** Turns vectors so that the entry of largest absolute value is positive (the first of equal ones): a sign convention. */
export function withSigns(vectors: Matrix): Matrix {
  const data = vectors.data.slice();
  const turned = { ...vectors, data };
  for (let i = 0; i < vectors.rows; i++) {
    const row = rowOf(turned, i);
    let most = 0;
    for (const value of row) if (Math.abs(value) > Math.abs(most) * (1 + 1e-9)) most = value;
    if (most < 0) for (let j = 0; j < row.length; j++) row[j] = -row[j]!;
  }
  return turned;
}
