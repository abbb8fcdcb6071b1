import { SampoError } from "../../base/errors.ts";
import type { Matrix } from "../../numeric/linear/index.ts";

/** X with A·X = B by Gaussian elimination with partial pivoting; a singular A is refused. */
export function solveSystem(a: Matrix, b: Matrix): Matrix {
  const n = a.rows;
  const width = b.columns;
  const left = a.data.slice();
  const right = b.data.slice();
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(left[i * n + k]!) > Math.abs(left[pivot * n + k]!)) pivot = i;
    if (left[pivot * n + k] === 0) throw new SampoError("A system of linear equations has no single solution.");
    swapRows(left, n, k, pivot);
    swapRows(right, width, k, pivot);
    for (let i = k + 1; i < n; i++) {
      const factor = left[i * n + k]! / left[k * n + k]!;
      if (factor === 0) continue;
      for (let j = k; j < n; j++) left[i * n + j]! -= factor * left[k * n + j]!;
      for (let j = 0; j < width; j++) right[i * width + j]! -= factor * right[k * width + j]!;
    }
  }
  for (let k = n - 1; k >= 0; k--)
    for (let j = 0; j < width; j++) {
      let sum = right[k * width + j]!;
      for (let i = k + 1; i < n; i++) sum -= left[k * n + i]! * right[i * width + j]!;
      right[k * width + j] = sum / left[k * n + k]!;
    }
  return { rows: n, columns: width, data: right };
}

function swapRows(data: Float64Array, width: number, i: number, j: number): void {
  if (i === j) return;
  const held = data.slice(i * width, (i + 1) * width);
  data.copyWithin(i * width, j * width, (j + 1) * width);
  data.set(held, j * width);
}
