import { extname } from "node:path";
import { encodeNpy } from "../base/codec/npy.ts";
import { UsageError } from "../base/errors.ts";
import { allocate, HostArray } from "../base/host.ts";
import { showShape } from "../base/shape.ts";
import type { Numbers } from "../models/contract.ts";
import { writeFileAtomic } from "./files.node.ts";
import { type GridOptions, grid } from "./pictures/grid.ts";
import { encodePng } from "./pictures/png.ts";

/** Whether examples of a shape can be drawn as images: [C, H, W] with one or three channels. */
export function isImage(shape: readonly number[]): boolean {
  return shape.length === 3 && (shape[0] === 1 || shape[0] === 3);
}

/** The integer by which small images are enlarged so that people can see them. */
export function comfortableScale(shape: readonly number[]): number {
  return Math.max(1, Math.round(56 / Math.max(shape[1] ?? 56, shape[2] ?? 56)));
}

/** Images [n, C, H, W] in [0, 1] as the bytes of a PNG grid, enlarged where they are small. */
export function gridPng(images: Numbers, options: GridOptions = {}): Uint8Array {
  return encodePng(grid(images, { scale: comfortableScale(images.shape.slice(1)), ...options }));
}

/** Numbers [n, ...shape] as lines of CSV, one for each example. */
export function csvOf(array: Numbers): string {
  const width = array.size / array.shape[0]!;
  const line = (i: number) => Array.from(array.data.subarray(i * width, (i + 1) * width), showNumber).join(",");
  return `${Array.from({ length: array.shape[0]! }, (_, i) => line(i)).join("\n")}\n`;
}

/** Shortest text that gives the same float32, or the same double where it is none. */
function showNumber(value: number): string {
  if (Math.fround(value) !== value) return String(value);
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(value);
}

type Content = string | Uint8Array;
type Writer = (array: Numbers, options: GridOptions) => Content | Promise<Content>;

/** What a file name's ending says about how to write arrays. */
const writers: Readonly<Record<string, Writer>> = {
  ".npy": (array) => encodeNpy({ type: array.dtype, shape: array.shape, data: array.data }),
  ".csv": (array) => csvOf(array),
  ".png": (array, options) => {
    if (!isImage(array.shape.slice(1)))
      throw new UsageError(
        `Examples of shape ${showShape(array.shape.slice(1))} are no images; write .npy or .csv instead of .png.`,
      );
    return gridPng(array, options);
  },
  ".svg": async (array) => {
    if (array.shape.length !== 2 || array.shape[1] !== 2)
      throw new UsageError(`A scatter chart needs points in the plane; write .npy or .csv instead of .svg.`);
    const { scatterChart } = await import("./charts/charts.node.ts");
    return scatterChart(array.data, undefined, { title: `${array.shape[0]} samples` });
  },
};

/** Endings `writeExamples` understands. */
export const exampleEndings = Object.keys(writers);

/** Throws when a file's ending is none of those that can be written; to be asked before long work. */
export function checkEnding(path: string, endings: readonly string[] = exampleEndings): void {
  if (!endings.includes(extname(path).toLowerCase()))
    throw new UsageError(`${path}: write ${endings.join(", ")}; the ending says which.`);
}

/** Writes examples [n, ...shape] as a picture, NPY or CSV, as the file's ending says; the file appears whole or not at all. */
export async function writeExamples(path: string, array: Numbers, options: GridOptions = {}): Promise<void> {
  checkEnding(path);
  writeFileAtomic(path, await writers[extname(path).toLowerCase()]!(array, options));
}

/** Several arrays of the same example shape, example by example: a₀ b₀ c₀ a₁ …; for comparison grids. */
export function interleave(...arrays: readonly Numbers[]): Numbers {
  const [first] = arrays;
  const width = first!.size / first!.shape[0]!;
  const count = first!.shape[0]!;
  const { dtype } = first!;
  const data = allocate(dtype, width * count * arrays.length);
  for (let i = 0; i < count; i++)
    arrays.forEach((array, a) => {
      data.set(array.data.subarray(i * width, (i + 1) * width), (i * arrays.length + a) * width);
    });
  return new HostArray(dtype, [count * arrays.length, ...first!.shape.slice(1)], data);
}
