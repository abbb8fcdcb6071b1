/** The Euclidean metric of the momenta: its inverse M⁻¹ stands for the covariance of the target. */
export interface Metric {
  readonly kind: "unit" | "diagonal" | "dense";
  /** M⁻¹ as it was given: nothing, variances [d], or the covariance [d·d] by rows. */
  readonly inverse: Float64Array;
  /** M⁻¹p. */
  velocity(momentum: Float64Array): Float64Array;
  /** A draw from N(0, M) made of standard normals. */
  momentum(noise: ArrayLike<number>): Float64Array;
}

/** M = 1. */
export function unitMetric(): Metric {
  return { kind: "unit", inverse: new Float64Array(0), velocity: (p) => p, momentum: (z) => Float64Array.from(z) };
}

function times(x: Float64Array, y: ArrayLike<number>): Float64Array {
  const product = new Float64Array(x.length);
  for (let i = 0; i < product.length; i++) product[i] = x[i]! * y[i]!;
  return product;
}

/** M⁻¹ = diag(variances). */
export function diagonalMetric(variances: Float64Array): Metric {
  const scale = variances.map((variance) => 1 / Math.sqrt(variance));
  return {
    kind: "diagonal",
    inverse: variances,
    velocity: (p) => times(variances, p),
    momentum: (z) => times(scale, z),
  };
}

/** The lower triangular L with L·Lᵀ = A, by rows; undefined when A is not positive definite. */
export function cholesky(a: Float64Array, d: number): Float64Array | undefined {
  const lower = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a[i * d + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * d + k]! * lower[j * d + k]!;
      if (i === j && !(sum > 0)) return undefined;
      lower[i * d + j] = i === j ? Math.sqrt(sum) : sum / lower[j * d + j]!;
    }
  return lower;
}

/** L⁻ᵀz by back substitution. */
function solveTransposed(lower: Float64Array, z: ArrayLike<number>): Float64Array {
  const d = z.length;
  const x = Float64Array.from(z);
  for (let i = d - 1; i >= 0; i--) {
    for (let k = i + 1; k < d; k++) x[i]! -= lower[k * d + i]! * x[k]!;
    x[i]! /= lower[i * d + i]!;
  }
  return x;
}

/** M⁻¹ = a covariance matrix [d·d] by rows; undefined when it is not positive definite. */
export function denseMetric(covariance: Float64Array, d: number): Metric | undefined {
  const lower = cholesky(covariance, d);
  if (!lower) return undefined;
  const velocity = (p: Float64Array) => {
    const v = new Float64Array(d);
    for (let i = 0; i < d; i++) {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += covariance[i * d + j]! * p[j]!;
      v[i] = sum;
    }
    return v;
  };
  return { kind: "dense", inverse: covariance, velocity, momentum: (z) => solveTransposed(lower, z) };
}
