import type { HostArray } from "../base/host.ts";
import { fold, key, normal } from "../random/index.ts";

const ITERATIONS = 200;

/** Covariance of rows [n, d], as d × d numbers, and the rows minus their mean. */
function centred(codes: HostArray<"float32">): { rows: Float64Array; covariance: Float64Array } {
  const [n, d] = codes.shape as [number, number];
  const mean = new Float64Array(d);
  codes.data.forEach((value, i) => {
    mean[i % d]! += value / n;
  });
  const rows = Float64Array.from(codes.data, (value, i) => value - mean[i % d]!);
  const covariance = new Float64Array(d * d);
  for (let i = 0; i < n; i++)
    for (let a = 0; a < d; a++)
      for (let b = 0; b < d; b++) covariance[a * d + b]! += (rows[i * d + a]! * rows[i * d + b]!) / n;
  return { rows, covariance };
}

/** The leading eigenvector of a symmetric matrix by power iteration from a fixed start. */
function leading(matrix: Float64Array, d: number, start: number): Float64Array {
  let vector = Float64Array.from(normal(fold(key(0), start), [d]).data);
  for (let i = 0; i < ITERATIONS; i++) {
    const next = vector.map((_, a) => vector.reduce((sum, value, b) => sum + matrix[a * d + b]! * value, 0));
    const norm = Math.hypot(...next) || 1;
    vector = next.map((value) => value / norm);
  }
  return vector;
}

/**
 * Rows [n, d] in the plane: themselves for d = 2, with a zero for d = 1, else their two principal components
 * (Pearson 1901; power iteration with deflation).
 */
export function toPlane(codes: HostArray<"float32">): Float32Array {
  const [n, d] = codes.shape as [number, number];
  if (d === 2) return codes.data;
  if (d === 1) return Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? codes.data[i / 2]! : 0));
  const { rows, covariance } = centred(codes);
  const first = leading(covariance, d, 0);
  const variance = first.reduce(
    (sum, v, a) => sum + v * first.reduce((s, w, b) => s + covariance[a * d + b]! * w, 0),
    0,
  );
  const deflated = covariance.map((value, i) => value - variance * first[Math.floor(i / d)]! * first[i % d]!);
  const second = leading(deflated, d, 1);
  const points = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    const row = rows.subarray(i * d, (i + 1) * d);
    points[2 * i] = row.reduce((sum, value, j) => sum + value * first[j]!, 0);
    points[2 * i + 1] = row.reduce((sum, value, j) => sum + value * second[j]!, 0);
  }
  return points;
}
