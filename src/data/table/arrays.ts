import type { FileArray } from "../../base/codec/elements.ts";
import { DataError } from "../../base/errors.ts";
import { showShape } from "../../base/shape.ts";
import type { RowSource } from "./source.ts";

/**
 * Arrays of an NPZ archive as a table: each array [n] is a column of its name, each [n, D] is D columns (`x_1`, `x_2`, …);
 * all must have the same n.
 */
export function rowsOfArrays(arrays: ReadonlyMap<string, FileArray>, where: string): RowSource {
  const parts = [...arrays].map(([name, array]) => {
    const [count, width = 1] = array.shape;
    if (count === undefined || array.shape.length > 2)
      throw new DataError(
        `${where}: the array "${name}" has the shape ${showShape(array.shape)}; a column is [n], several are [n, D].`,
      );
    return { name, array, count, width };
  });
  const { name: first, count } = parts[0]!;
  const odd = parts.find((part) => part.count !== count);
  if (odd)
    throw new DataError(
      `${where}: the arrays "${first}" and "${odd.name}" have ${count} and ${odd.count} rows; a table has as many in each.`,
    );
  const names = parts.flatMap(({ name, width, array }) =>
    array.shape.length === 1 ? [name] : Array.from({ length: width }, (_, i) => `${name}_${i + 1}`),
  );
  const rows = function* () {
    for (let n = 0; n < count; n++)
      yield parts.flatMap(({ array: { data }, width }) =>
        Array.from({ length: width }, (_, i) => String(data[n * width + i])),
      );
  };
  return { names, rows: rows() };
}
