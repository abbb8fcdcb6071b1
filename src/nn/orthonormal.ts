/**
 * Makes the rows of a row-major matrix orthonormal in place, by modified Gram and Schmidt, each row reduced twice so
 * that the result is orthogonal to rounding. Needs rows ≤ columns.
 */
export function orthonormalRows(matrix: Float64Array, rows: number, columns: number): Float64Array {
  for (let i = 0; i < rows; i++) {
    const row = matrix.subarray(i * columns, (i + 1) * columns);
    for (let pass = 0; pass < 2; pass++)
      for (let j = 0; j < i; j++) removeDirection(row, matrix.subarray(j * columns, (j + 1) * columns));
    const norm = Math.sqrt(dot(row, row));
    for (let k = 0; k < columns; k++) row[k] = row[k]! / norm;
  }
  return matrix;
}

function removeDirection(row: Float64Array, unit: Float64Array): void {
  const along = dot(row, unit);
  for (let k = 0; k < row.length; k++) row[k] = row[k]! - along * unit[k]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}
