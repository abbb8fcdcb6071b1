import { UsageError } from "../../base/errors.ts";
import type { DataSpec } from "../../data/types.ts";

/** How many orders `scanOrders` has. */
export const SCANS = 8;

/**
 * The eight ways to read an image line by line: along rows, backwards, along columns, columns backwards, then the same
 * four seen in a mirror. order[k] is the place of the k-th pixel. Each keeps what neighbours say of each other, as a
 * shuffled order does not.
 */
export function scanOrders(data: DataSpec): Uint32Array[] {
  const [height, width, ...more] = data.shape.length === 3 && data.shape[0] === 1 ? data.shape.slice(1) : data.shape;
  if (height === undefined || width === undefined || more.length > 0)
    throw new UsageError("Scan orders are for images of one channel: leave order=scans out.");
  const place = (row: number, column: number) => row * width + column;
  const read = (lines: number, length: number, at: (line: number, step: number) => number) =>
    Uint32Array.from({ length: lines * length }, (_, k) => at(Math.floor(k / length), k % length));
  const rows = read(height, width, place);
  const columns = read(width, height, (column, row) => place(row, column));
  const mirroredRows = read(height, width, (row, column) => place(row, width - 1 - column));
  const mirroredColumns = read(width, height, (column, row) => place(height - 1 - row, column));
  return [rows, columns, mirroredRows, mirroredColumns].flatMap((order) => [order, order.toReversed()]);
}
