/** Steps of a sequence of rows of a table: up to the last of which anything is known, and at least one. */
export function sequenceLength(cells: ArrayLike<number>, width: number): number {
  let last = cells.length - 1;
  while (last >= 0 && Number.isNaN(cells[last])) last--;
  return Math.max(1, Math.floor(last / width) + 1);
}
