import { full, HostArray } from "../base/host.ts";
import { concat, constant, type Tensor } from "../graph/index.ts";

/** The identity matrix of size d as a constant. */
export function eye(d: number): Tensor {
  const identity = full("float32", [d, d], 0);
  for (let i = 0; i < d; i++) identity.data[i * (d + 1)] = 1;
  return constant(identity);
}

/** The diagonal [..., d] of matrices [..., d, d]. */
export function diagonal(matrix: Tensor): Tensor {
  return matrix.mul(eye(matrix.shape[matrix.rank - 1]!)).sum(-1);
}

/**
 * L⁻¹·b for lower triangular L [..., d, d] and b [..., d, k], by forward substitution in halves: the first half of the
 * unknowns, then the second with the first's share removed. About 5·d operations of the graph.
 */
export function solveLower(lower: Tensor, b: Tensor): Tensor {
  const d = lower.shape[lower.rank - 1]!;
  if (d === 1) return b.div(lower);
  const half = Math.floor(d / 2);
  const rows = (x: Tensor, start: number, end: number) => x.slice(-2, start, end);
  const top = rows(lower, 0, half).slice(-1, 0, half);
  const corner = rows(lower, half, d).slice(-1, 0, half);
  const bottom = rows(lower, half, d).slice(-1, half, d);
  const first = solveLower(top, rows(b, 0, half));
  const second = solveLower(bottom, rows(b, half, d).sub(corner.matmul(first)));
  return concat([first, second], -2);
}

/**
 * A Cholesky factor [..., d, d] from free numbers [..., d(d+1)/2], row by row: those on the diagonal pass through exp.
 * For networks that put out a full covariance.
 */
export function choleskyFactor(values: Tensor, d: number): Tensor {
  const entries = (d * (d + 1)) / 2;
  const position = (i: number) => {
    const [row, column] = [Math.floor(i / d), i % d];
    return BigInt(column > row ? entries : (row * (row + 1)) / 2 + column);
  };
  const indices = new HostArray(
    "int64",
    [d * d],
    BigInt64Array.from({ length: d * d }, (_, i) => position(i)),
  );
  const padded = values.pad(values.shape.map((_, axis) => (axis === values.rank - 1 ? [0, 1] : [0, 0])));
  const square = padded.gather(indices, -1).reshape([...values.shape.slice(0, -1), d, d]);
  const identity = eye(d);
  return square.mul(identity.neg().add(1)).add(square.mul(identity).exp().mul(identity));
}
