import type { Matrix } from "../../numeric/linear/index.ts";

/**
 * ‖L⁻¹(x − μ)‖² of rows x [n, d], to [n]. Four rows go side by side through the solve, each through the operations that it
 * would go through alone: a result does not depend on the other rows. Beyond the last row the last one is taken again.
 */
export function whitenedSquares({ rows: d, data: l }: Matrix, mean: Float64Array, x: Float64Array, to: Float64Array) {
  const z = new Float64Array(4 * d);
  const last = to.length - 1;
  for (let n = 0; n <= last; n += 4) {
    const [n1, n2, n3] = [Math.min(last, n + 1), Math.min(last, n + 2), Math.min(last, n + 3)];
    const [p0, p1, p2, p3] = [n * d, n1 * d, n2 * d, n3 * d];
    let [t0, t1, t2, t3] = [0, 0, 0, 0];
    for (let i = 0, at = 0; i < d; i++, at += d) {
      const m = mean[i]!;
      let a = x[p0 + i]! - m;
      let b = x[p1 + i]! - m;
      let c = x[p2 + i]! - m;
      let e = x[p3 + i]! - m;
      for (let k = 0, q = 0; k < i; k++, q += 4) {
        const w = l[at + k]!;
        a -= w * z[q]!;
        b -= w * z[q + 1]!;
        c -= w * z[q + 2]!;
        e -= w * z[q + 3]!;
      }
      const w = l[at + i]!;
      a /= w;
      b /= w;
      c /= w;
      e /= w;
      z[4 * i] = a;
      z[4 * i + 1] = b;
      z[4 * i + 2] = c;
      z[4 * i + 3] = e;
      t0 += a * a;
      t1 += b * b;
      t2 += c * c;
      t3 += e * e;
    }
    to[n] = t0;
    to[n1] = t1;
    to[n2] = t2;
    to[n3] = t3;
  }
}

/** Σᵢ (xᵢ − μᵢ)² sᵢ of rows x [n, d], to [n]; four rows side by side, as above. */
export function scaledSquares(mean: Float64Array, scales: Float64Array, x: Float64Array, to: Float64Array): void {
  const d = mean.length;
  const last = to.length - 1;
  for (let n = 0; n <= last; n += 4) {
    const [n1, n2, n3] = [Math.min(last, n + 1), Math.min(last, n + 2), Math.min(last, n + 3)];
    const [p0, p1, p2, p3] = [n * d, n1 * d, n2 * d, n3 * d];
    let [t0, t1, t2, t3] = [0, 0, 0, 0];
    for (let i = 0; i < d; i++) {
      const m = mean[i]!;
      const s = scales[i]!;
      const a = x[p0 + i]! - m;
      const b = x[p1 + i]! - m;
      const c = x[p2 + i]! - m;
      const e = x[p3 + i]! - m;
      t0 += a * a * s;
      t1 += b * b * s;
      t2 += c * c * s;
      t3 += e * e * s;
    }
    to[n] = t0;
    to[n1] = t1;
    to[n2] = t2;
    to[n3] = t3;
  }
}
