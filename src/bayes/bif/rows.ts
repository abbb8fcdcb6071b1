/** Sums this near to one are rounding of sums, not of numbers. */
const ROUNDING = 1e-14;

/** A table whose rows sum to one, and the numbers it was made from where they did not quite. */
export interface NormalisedRows {
  readonly table: Float64Array;
  readonly written?: Float64Array;
}

/** Divides the rows of a table by their sums where these are not one already; `check` may refuse a row by its sum. */
export function normaliseRows(
  values: Float64Array,
  width: number,
  check: (row: number, sum: number) => void = () => {},
): NormalisedRows {
  const table = values.slice();
  let changed = false;
  for (let start = 0; start < values.length; start += width) {
    let sum = 0;
    for (let k = start; k < start + width; k++) sum += values[k]!;
    check(start / width, sum);
    if (Math.abs(sum - 1) <= ROUNDING) continue;
    changed = true;
    for (let k = start; k < start + width; k++) table[k] = values[k]! / sum;
  }
  return changed ? { table, written: values } : { table };
}
