import { describe, expect, it } from "vitest";
import {
  addOuterProducts,
  cholesky,
  fillLower,
  inverseOf,
  leadingEigen,
  logDiagonal,
  type Matrix,
  multiply,
  multiplyTransposed,
  randomizedSvd,
  rowOf,
  solveCholesky,
  square,
  svd,
  symmetricEigen,
  transpose,
  withSigns,
} from "./index.ts";

/** Numbers without pattern in [−1, 1), by a linear congruence. */
function numbers(count: number, seed = 1): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

const matrix = (rows: number, columns: number, seed = 1): Matrix => ({
  rows,
  columns,
  data: numbers(rows * columns, seed),
});
const gram = (a: Matrix) => multiply(transpose(a), a);
const far = (a: Matrix, b: Matrix) => a.data.reduce((most, v, i) => Math.max(most, Math.abs(v - b.data[i]!)), 0);
const identity = (n: number) => square(n, (i, j) => Number(i === j));

describe("Cholesky", () => {
  const a = gram(matrix(9, 5));
  const l = cholesky(a, "A");

  it("gives A back, its inverse, and its determinant", () => {
    expect(far(multiplyTransposed(l, l), a)).toBeLessThan(1e-14);
    expect(far(multiply(inverseOf(l), a), identity(5))).toBeLessThan(1e-13);
    const values = symmetricEigen(a).values;
    expect(2 * logDiagonal(l)).toBeCloseTo(
      values.reduce((sum, v) => sum + Math.log(v), 0),
      12,
    );
    const x = numbers(5, 3);
    const b = multiply(a, { rows: 5, columns: 1, data: x }).data;
    expect(Math.max(...solveCholesky(l, b).map((v, i) => Math.abs(v - x[i]!)))).toBeLessThan(1e-13);
  });

  it("refuses a singular matrix in a sentence, and takes it with a ridge", () => {
    const singular = gram(matrix(3, 5));
    expect(() => cholesky(singular, "The covariance")).toThrow(
      /The covariance is singular: coordinate 3 .*leave it out/,
    );
    const ridged = cholesky(singular, "A", { ridge: 0.1 });
    expect(
      far(
        multiplyTransposed(ridged, ridged),
        square(5, (i, j) => singular.data[i * 5 + j]! + 0.1 * Number(i === j)),
      ),
    ).toBeLessThan(1e-14);
  });
});

describe("symmetric eigenvalues", () => {
  it.each([1, 2, 3, 10, 60])("of %i x %i: orthonormal vectors, A v = λ v, the largest first", (n) => {
    const a = gram(matrix(n + 2, n, n));
    const { values, vectors } = symmetricEigen(a);
    expect(far(multiplyTransposed(vectors, vectors), identity(n))).toBeLessThan(1e-13);
    const scaled = { ...vectors, data: vectors.data.map((v, i) => v * values[Math.floor(i / n)]!) };
    expect(far(multiply(vectors, a), scaled)).toBeLessThan(1e-13 * values[0]!);
    expect([...values]).toEqual([...values].sort((p, q) => q - p));
  });

  it("knows closed forms: 2 − 2 cos(kπ/(n + 1)) of the second difference, multiples, zeros, a diagonal", () => {
    const n = 50;
    const second = square(n, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0));
    symmetricEigen(second).values.forEach((value, k) => {
      expect(value).toBeCloseTo(2 - 2 * Math.cos(((n - k) * Math.PI) / (n + 1)), 13);
    });
    expect([...symmetricEigen(square(4, () => 1)).values].map((v) => Math.round(v * 1e12) / 1e12 + 0)).toEqual([
      4, 0, 0, 0,
    ]);
    expect([...symmetricEigen(square(3, (i, j) => (i === j ? i : 0))).values]).toEqual([2, 1, 0]);
    expect([...symmetricEigen(square(3, () => 0)).values]).toEqual([0, 0, 0]);
  });

  it("finds the leading ones of a larger matrix by subspace iteration, as all of them say", () => {
    const a = gram(matrix(40, 80, 5));
    const all = symmetricEigen(a);
    const some = leadingEigen(a, 5, matrix(15, 80, 9), { tolerance: 1e-11 });
    for (let i = 0; i < 5; i++) expect(some.values[i]).toBeCloseTo(all.values[i]!, 10);
    const first = withSigns({ ...all.vectors, rows: 5, data: all.vectors.data.slice(0, 5 * 80) });
    expect(far(withSigns(some.vectors), first)).toBeLessThan(1e-8);
  });
});

describe("singular values", () => {
  it.each([
    [7, 4],
    [4, 7],
    [5, 5],
    [6, 1],
  ])("of %i x %i give the matrix back", (rows, columns) => {
    const a = matrix(rows, columns, rows);
    const { values, left, right } = svd(a);
    const k = Math.min(rows, columns);
    const scaled = { ...left, data: left.data.map((v, i) => v * values[Math.floor(i / rows)]!) };
    expect(far(multiply(transpose(scaled), right), a)).toBeLessThan(1e-14);
    expect(far(multiplyTransposed(left, left), identity(k))).toBeLessThan(1e-14);
    expect(far(multiplyTransposed(right, right), identity(k))).toBeLessThan(1e-14);
  });

  it("are accurate where they are small: of a matrix graded by 1, 1e-6, 1e-12", () => {
    const grades = [1, 1e-6, 1e-12];
    const a = { rows: 3, columns: 3, data: numbers(9, 4).map((v, i) => v * grades[i % 3]!) };
    const { values } = svd(a);
    const det = Math.abs(determinant3(a.data));
    expect(values.reduce((p, v) => p * v, 1) / det).toBeCloseTo(1, 12);
  });

  it("of a large matrix: the leading ones by random projections", () => {
    const a = multiply(matrix(60, 6, 2), matrix(6, 30, 3));
    const [exact, found] = [svd(a), randomizedSvd(a, 4, matrix(10, 60, 8))];
    for (let i = 0; i < 4; i++) expect(found.values[i]).toBeCloseTo(exact.values[i]!, 10);
    const part = { ...exact.right, rows: 4, data: exact.right.data.slice(0, 4 * 30) };
    expect(far(withSigns(found.right), withSigns(part))).toBeLessThan(1e-10);
  });
});

function determinant3(m: Float64Array): number {
  const minor = (a: number, b: number, c: number, d: number) => m[a]! * m[d]! - m[b]! * m[c]!;
  return m[0]! * minor(4, 5, 7, 8) - m[1]! * minor(3, 5, 6, 8) + m[2]! * minor(3, 4, 6, 7);
}

it("adds outer products of rows as a product of matrices does", () => {
  const a = matrix(11, 6);
  const sum = new Float64Array(36);
  addOuterProducts(sum, a.data, 6);
  fillLower(sum, 6);
  expect(far({ rows: 6, columns: 6, data: sum }, gram(a))).toBeLessThan(1e-14);
  expect(rowOf(a, 2).length).toBe(6);
});
