import { HostArray, zeros } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";

type Floats = HostArray<"float32">;

/** Some rows of an array. */
export function pickRows(array: Floats, examples: readonly number[]): Floats {
  const rest = array.shape.slice(1);
  const width = sizeOf(rest);
  const result = new HostArray("float32", [examples.length, ...rest], new Float32Array(examples.length * width));
  examples.forEach((example, i) => {
    result.data.set(array.data.subarray(example * width, (example + 1) * width), i * width);
  });
  return result;
}

/** The columns of a matrix at the given places. */
export function columnsOf(matrix: Floats, places: Uint32Array): Floats {
  const [rows, width] = [matrix.shape[0]!, sizeOf(matrix.shape.slice(1))];
  const result = zeros("float32", [rows, places.length]);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < places.length; k++) result.data[i * places.length + k] = matrix.data[i * width + places[k]!]!;
  return result;
}

/** Writes columns at the given places of a matrix. */
export function putColumns(matrix: Floats, columns: Floats, places: Uint32Array): void {
  const [rows, width] = matrix.shape as [number, number];
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < places.length; k++) matrix.data[i * width + places[k]!] = columns.data[i * places.length + k]!;
}
