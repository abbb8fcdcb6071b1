import { UsageError } from "../base/errors.ts";
import { HostArray } from "../base/host.ts";
import { sizeOf } from "../base/shape.ts";
import type { DataSpec } from "../data/types.ts";
import type { Matrix } from "../numeric/linear/index.ts";
import type { Examples, Numbers } from "./contract.ts";
import { roomFor } from "./held.ts";
import { needKinds, requireTable } from "./tables.ts";

/** Examples as vectors of real numbers: rows of a table of real columns, vectors, and images as one long vector. */
export interface VectorSpace {
  readonly data: DataSpec;
  /** Numbers in an example. */
  readonly size: number;
  /** What an error message calls number i of an example. */
  label(i: number): string;
  /** What the user can do about number i. */
  readonly cure: string;
  /** Examples in float64 [n, size], as numbers of the model's own: NaN where missing. */
  open(x: Numbers): Float64Array;
  /** How bytes must be encoded: as numbers in [0, 1) with noise below a step, where a density is stated. */
  readonly encoding?: { readonly dequantize: boolean };
  /** What is taken from the log density of each number that is there: log 256 for bytes, whose steps have volume 1 then. */
  readonly logStep: number;
  /** Vectors [n, size] as examples; bytes are rounded to whole ones where they are `drawn`. */
  close(values: Float64Array, drawn?: boolean): Numbers;
}

/** What a model of vectors takes. */
export interface VectorNeeds {
  /** Whether it states a density, which binary numbers do not have. */
  readonly density: boolean;
}

/** The space of some data; throws UsageError for text, for columns that are not real, and for binary numbers where a density is stated. */
export function vectorSpace(name: string, data: DataSpec, { density }: VectorNeeds): VectorSpace {
  const { values, shape } = data;
  if (values === "tokens") throw new UsageError(`${name} models vectors of numbers, and this data is text.`);
  if (values === "binary" && density)
    throw new UsageError(`${name} states a density of real numbers, and this data is binary: take bernoulli-mixture.`);
  if (values === "table") {
    const { columns } = requireTable(data, name);
    needKinds(name, columns, ["real"]);
    return spaceOf(data, density, (i) => `The column "${columns[i]!.name}"`, "leave it out with --drop");
  }
  const place = (i: number) => (shape.length === 3 ? pixel(i, shape) : `Number ${i} of the vectors`);
  return spaceOf(data, density, place, "leave it out");
}

const pixel = (i: number, [, height, width]: readonly number[]) =>
  `The pixel in row ${Math.floor(i / width!) % height!}, column ${i % width!}`;

function spaceOf(data: DataSpec, density: boolean, label: (i: number) => string, cure: string): VectorSpace {
  const size = sizeOf(data.shape);
  const table = data.values === "table";
  const bytes = data.values === "bytes";
  return {
    data,
    size,
    label,
    cure,
    ...(bytes && density ? { encoding: { dequantize: true } } : {}),
    logStep: bytes && density ? Math.log(256) : 0,
    open: ({ data: given }) => (given instanceof Float64Array ? given : new Float64Array(given)),
    close: (values, drawn = false) => {
      const shape = [values.length / size, ...data.shape];
      if (table) return new HostArray("float64", shape, values);
      const byte = (v: number) => (density ? Math.floor(v * 256) : Math.round(v * 255));
      const whole = (v: number) => Math.min(255, Math.max(0, byte(v))) / 255;
      return new HostArray("float32", shape, Float32Array.from(drawn && bytes ? values.map(whole) : values));
    },
  };
}

const CHUNK = 2000;

/** All examples as a matrix [n, size]; throws where there are too many, or gaps that the model does not take. */
export async function gathered(
  name: string,
  space: VectorSpace,
  examples: Examples,
  gaps: "allowed" | "refused" = "refused",
): Promise<Matrix> {
  const { size } = space;
  const data = roomFor(name, examples.count, size);
  await eachChunk(examples, async (x, start) => {
    const rows = space.open(x);
    if (gaps === "refused") refuseGaps(name, space, rows);
    data.set(rows, start * size);
  });
  return { rows: examples.count, columns: size, data };
}

/** Calls `visit` with the examples, some at a time. */
export async function eachChunk(
  examples: Examples,
  visit: (x: Numbers, start: number) => Promise<void> | void,
): Promise<void> {
  for (let start = 0; start < examples.count; start += CHUNK)
    await visit(await examples.read(start, Math.min(examples.count, start + CHUNK)), start);
}

/** Throws where a number is missing. */
export function refuseGaps(name: string, space: VectorSpace, rows: Numbers["data"]): void {
  let at = 0;
  while (at < rows.length && !Number.isNaN(rows[at]!)) at++;
  if (at < rows.length)
    throw new UsageError(
      `${name} takes no gaps, and ${space.label(at % space.size).replace(/^The/, "the")} is missing in row ${Math.floor(at / space.size) + 1}: fill gaps first (complete of gaussian-mixture does), or ${space.cure}.`,
    );
}
