import { orthonormalRows } from "./leading.ts";
import { dot, type Matrix, multiply, rowOf, transpose } from "./matrix.ts";

/** A = Σᵢ sᵢ uᵢ vᵢᵀ with singular values, the largest first; the vectors u and v stand in rows. */
export interface Svd {
  readonly values: Float64Array;
  readonly left: Matrix;
  readonly right: Matrix;
}

/** Singular values and vectors of a small matrix by one-sided Jacobi rotations (Hestenes 1958): small values are accurate too. */
export function svd(a: Matrix): Svd {
  if (a.rows < a.columns) {
    const { values, left, right } = svd(transpose(a));
    return { values, left: right, right: left };
  }
  const n = a.columns;
  const u = transpose(a); // rows are the columns of A
  const v = { rows: n, columns: n, data: new Float64Array(n * n) };
  for (let i = 0; i < n; i++) v.data[i * n + i] = 1;
  for (let sweep = 0, turned = true; turned && sweep < 60; sweep++) {
    turned = false;
    for (let i = 0; i < n; i++)
      for (let j = i + 1; j < n; j++)
        turned = orthogonalised(rowOf(u, i), rowOf(u, j), rowOf(v, i), rowOf(v, j)) || turned;
  }
  const lengths = Float64Array.from({ length: n }, (_, i) => Math.sqrt(dot(rowOf(u, i), rowOf(u, i))));
  const order = Array.from(lengths.keys()).sort((i, j) => lengths[j]! - lengths[i]!);
  const picked = (m: Matrix, scale: (i: number) => number) => {
    const data = new Float64Array(n * m.columns);
    order.forEach((from, to) => {
      data.set(
        rowOf(m, from).map((value) => value * scale(from)),
        to * m.columns,
      );
    });
    return { rows: n, columns: m.columns, data };
  };
  return {
    values: Float64Array.from(order, (i) => lengths[i]!),
    left: picked(u, (i) => (lengths[i]! > 0 ? 1 / lengths[i]! : 0)),
    right: picked(v, () => 1),
  };
}

/** Turns two columns so that they stand at right angles; whether they had to be turned. */
function orthogonalised(p: Float64Array, q: Float64Array, vp: Float64Array, vq: Float64Array): boolean {
  let [alpha, beta, gamma] = [0, 0, 0];
  for (let k = 0; k < p.length; k++) {
    alpha += p[k]! * p[k]!;
    beta += q[k]! * q[k]!;
    gamma += p[k]! * q[k]!;
  }
  if (Math.abs(gamma) <= 1e-15 * Math.sqrt(alpha * beta)) return false;
  const zeta = (beta - alpha) / (2 * gamma);
  const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const c = 1 / Math.hypot(1, t);
  const s = c * t;
  for (const [x, y] of [
    [p, q],
    [vp, vq],
  ] as const)
    for (let k = 0; k < x.length; k++) {
      const [a, b] = [x[k]!, y[k]!];
      x[k] = c * a - s * b;
      y[k] = s * a + c * b;
    }
  return true;
}

/**
 * The leading singular values and vectors of a large matrix [n, d] from `start` [wanted + some, n] of normal random numbers:
 * its range is found by power iterations, and the small rest decomposed exactly. Halko, Martinsson & Tropp 2011 (arXiv
 * 0909.4061), algorithms 4.4 and 5.1.
 */
export function randomizedSvd(a: Matrix, wanted: number, start: Matrix, iterations = 4): Svd {
  const turned = transpose(a);
  let range = orthonormalRows(multiply(start, a));
  for (let i = 0; i < iterations; i++) range = orthonormalRows(multiply(orthonormalRows(multiply(range, turned)), a));
  const { values, left, right } = svd(multiply(range, turned)); // [wanted + some, n]
  const first = (m: Matrix): Matrix => ({ ...m, rows: wanted, data: m.data.slice(0, wanted * m.columns) });
  return { values: values.slice(0, wanted), left: first(right), right: first(multiply(left, range)) };
}
