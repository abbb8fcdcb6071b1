import type { FileArray } from "../base/codec/elements.ts";
import { DataError } from "../base/errors.ts";
import { type Shape, showShape, sizeOf } from "../base/shape.ts";
import type { Table } from "./readers/csv.ts";
import type { DataSpec, Split } from "./types.ts";

/** Examples of one file or split together with what one of them looks like. */
export interface Examples extends Split {
  readonly spec: DataSpec;
}

/**
 * What an array holds: [N] and [N, D] are vectors; [N, H, W] grey images; [N, H, W, C] and [N, C, H, W] with one or
 * three channels images. Zeros and ones become `binary`, 8-bit pixels `bytes`, everything else `real`.
 */
export function examplesOfArray(array: FileArray, where: string): Examples {
  const count = array.shape[0];
  if (count === undefined || array.data.length === 0)
    throw new DataError(`${where} holds no example: its shape is ${showShape(array.shape)}.`);
  const { shape, channelsLast } = exampleShape(array.shape, where);
  const plain = array.data;
  const image = shape.length === 3;
  const { values, x } = convert(plain, array, image, where);
  return { spec: { shape, values }, count, x: channelsLast ? channelsFirst(x, shape) : x };
}

function exampleShape(shape: Shape, where: string): { shape: Shape; channelsLast: boolean } {
  const [, a, b, c] = shape;
  const isChannels = (size: number) => size === 1 || size === 3;
  if (shape.length === 1) return { shape: [1], channelsLast: false };
  if (shape.length === 2) return { shape: [a!], channelsLast: false };
  if (shape.length === 3) return { shape: [1, a!, b!], channelsLast: false };
  if (shape.length === 4 && isChannels(c!)) return { shape: [c!, a!, b!], channelsLast: true };
  if (shape.length === 4 && isChannels(a!)) return { shape: [a!, b!, c!], channelsLast: false };
  throw new DataError(
    `${where} has the shape ${showShape(shape)}; examples are [N, D], [N, H, W], or [N, H, W, C] and [N, C, H, W] with 1 or 3 channels.`,
  );
}

type Converted = Pick<DataSpec, "values"> & { readonly x: Uint8Array | Float32Array };

function convert(data: FileArray["data"], array: FileArray, image: boolean, where: string): Converted {
  const { low, high, whole } = rangeOf(data, sizeOf(array.shape.slice(1)), where);
  if (whole && low >= 0 && high <= 1) return { values: "binary", x: bytesFrom(data) };
  const bytes = array.type === "uint8" || (image && whole && high > 1);
  if (bytes && low >= 0 && high <= 255) return { values: "bytes", x: bytesFrom(data) };
  return { values: "real", x: data instanceof Float32Array ? data : Float32Array.from(data as Float64Array, Number) };
}

const bytesFrom = (data: FileArray["data"]) =>
  data instanceof Uint8Array ? data : Uint8Array.from(data as Float64Array, Number);

/** Smallest and largest number; NaN and infinities are refused by example and position. */
function rangeOf(data: FileArray["data"], size: number, where: string): { low: number; high: number; whole: boolean } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let whole = true;
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i]);
    if (!Number.isFinite(Math.fround(value)))
      throw new DataError(
        `${where} holds ${value} in example ${Math.floor(i / size) + 1}, position ${(i % size) + 1}; numbers must be finite.`,
      );
    if (value < low) low = value;
    if (value > high) high = value;
    if (whole && !Number.isInteger(value)) whole = false;
  }
  return { low, high, whole };
}

function channelsFirst<A extends Uint8Array | Float32Array>(x: A, [channels, height, width]: Shape): A {
  const area = height! * width!;
  const result = x.slice() as A;
  for (let start = 0; start < x.length; start += channels! * area)
    for (let c = 0; c < channels!; c++)
      for (let p = 0; p < area; p++) result[start + c * area + p] = x[start + p * channels! + c]!;
  return result;
}

/** Examples with labels from an array of whole numbers, one for each. */
export function withLabels(examples: Examples, array: FileArray, where: string): Examples {
  const { data, shape } = array;
  if (data.length !== examples.count || (shape.length > 1 && shape[0] !== examples.count))
    throw new DataError(`${where} holds ${data.length} labels for ${examples.count} examples.`);
  const labels = Int32Array.from(data as Float64Array, Number);
  const wrong = labels.findIndex((label, i) => label !== Number(data[i]) || label < 0 || label > 65535);
  if (wrong >= 0) throw new DataError(`${where} has the label ${data[wrong]}; labels are whole numbers from 0 on.`);
  const classes = Array.from({ length: labels.reduce((max, label) => Math.max(max, label), 0) + 1 }, (_, i) =>
    String(i),
  );
  return { ...examples, labels, spec: { ...examples.spec, classes } };
}

/** The rows of a table as vectors, with its label column. */
export function examplesOfTable(table: Table, where: string): Examples {
  const { rows, columns, values, label } = table;
  const examples = examplesOfArray({ type: "float32", shape: [rows, columns.length], data: values }, where);
  if (!label) return examples;
  return { ...examples, labels: label.values, spec: { ...examples.spec, classes: label.classes } };
}
