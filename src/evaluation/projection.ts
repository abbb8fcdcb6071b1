import type { Numbers } from "../models/contract.ts";
import { fold, key, normal } from "../random/index.ts";

const ITERATIONS = 200;

/** Covariance of rows [n, d], as d × d numbers, and the rows minus their mean. */
function centred(codes: Numbers): { rows: Float64Array; covariance: Float64Array } {
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

/** A vector of length one along `vector` less its part along `axis`; zero where nothing is left. */
function unit(vector: Float64Array, axis?: Float64Array): Float64Array {
  const along = axis ? dot(vector, axis) : 0;
  const rest = axis ? vector.map((value, i) => value - along * axis[i]!) : vector;
  const norm = Math.hypot(...rest) || 1;
  return rest.map((value) => value / norm);
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/**
 * The leading eigenvector of a covariance, among those orthogonal to `axis`, by power iteration from a fixed start. A
 * millionth of the trace is added to the diagonal, so that rounding decides nothing where no variance is left.
 */
function leading(matrix: Float64Array, d: number, start: number, axis?: Float64Array): Float64Array {
  const shift = 1e-6 * matrix.reduce((sum, value, i) => sum + (i % (d + 1) === 0 ? value : 0), 0);
  let vector = unit(Float64Array.from(normal(fold(key(0), start), [d]).data), axis);
  for (let i = 0; i < ITERATIONS; i++)
    vector = unit(
      vector.map((value, a) => dot(matrix.subarray(a * d, (a + 1) * d), vector) + shift * value),
      axis,
    );
  return vector;
}

/**
 * Rows [n, d] in the plane: themselves for d = 2, with a zero for d = 1, else their two principal components
 * (Pearson 1901; power iteration, the second orthogonal to the first).
 */
export function toPlane(codes: Numbers): Float32Array {
  const [n, d] = codes.shape as [number, number];
  if (d === 2) return Float32Array.from(codes.data);
  if (d === 1) return Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? codes.data[i / 2]! : 0));
  const { rows, covariance } = centred(codes);
  const first = leading(covariance, d, 0);
  const second = leading(covariance, d, 1, first);
  const points = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    const row = rows.subarray(i * d, (i + 1) * d);
    points[2 * i] = dot(row, first);
    points[2 * i + 1] = dot(row, second);
  }
  return points;
}
