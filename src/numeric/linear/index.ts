/** Linear algebra in float64 on the host: matrices are row-major, sets of vectors stand in rows. */
export { cholesky, inverseOf, logDiagonal, solveCholesky, solveLower, solveUpper } from "./cholesky.ts";
export { type Eigen, symmetricEigen, withSigns } from "./eigen.ts";
export { leadingEigen, orthonormalRows } from "./leading.ts";
export {
  addOuterProducts,
  dot,
  fillLower,
  type Matrix,
  type MatrixLike,
  matrixOf,
  multiply,
  multiplyTransposed,
  rowOf,
  square,
  submatrix,
  transpose,
} from "./matrix.ts";
export { randomizedSvd, type Svd, svd } from "./svd.ts";
