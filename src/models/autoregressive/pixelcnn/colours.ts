import { UsageError } from "../../../base/errors.ts";
import { full, HostArray, zeros } from "../../../base/host.ts";
import type { DataSpec } from "../../../data/types.ts";
import { arange, concat, constant, type Tensor } from "../../../graph/index.ts";

/** Sizes of the images a model is made for. */
export interface ImageSize {
  readonly colours: number;
  readonly height: number;
  readonly width: number;
}

/** The sizes of images [C, H, W]; throws where the data are no images. */
export function imageSize(data: DataSpec, name: string): ImageSize {
  const [colours, height, width] = data.shape;
  if (data.shape.length !== 3 || width === undefined)
    throw new UsageError(
      `${name} models images [channels, height, width]; these examples have shape [${data.shape}]: choose image data or another model.`,
    );
  if (height! < 2 || width < 2)
    throw new UsageError(`${name} needs images of at least 2×2 pixels; these are ${height}×${width}.`);
  return { colours: colours!, height: height!, width };
}

/** Throws unless a mixture of logistics knows such pixels: grey ones and those of three colours. */
export function requireMixture({ colours }: ImageSize, name: string): void {
  if (colours !== 1 && colours !== 3)
    throw new UsageError(`${name} models grey and colour images, not ${colours} channels; use gated-pixelcnn.`);
}

/** Images handled at once: as many as have some 40,000 variables, and never fewer than the engine likes. */
export const chunkOf = ({ colours, height, width }: ImageSize): number =>
  Math.max(16, Math.min(200, Math.floor(40_000 / (colours * height * width))));

/** The order pixel by pixel, row by row, and within a pixel colour by colour. */
export function pixelOrder({ colours, height, width }: ImageSize): Uint32Array {
  const pixels = height * width;
  return Uint32Array.from({ length: colours * pixels }, (_, k) => (k % colours) * pixels + Math.floor(k / colours));
}

/** The colour each of `count` feature channels belongs to: they take turns, so that every colour has about as many. */
export function featureColours(count: number, colours: number): number[] {
  if (count < colours) throw new UsageError(`${count} features are too few for ${colours} colours; use more.`);
  return Array.from({ length: count }, (_, i) => i % colours);
}

/** The colour of each output of a head: `each` outputs for every colour. */
export const outputColours = (each: number, colours: number): number[] =>
  Array.from({ length: each * colours }, (_, i) => Math.floor(i / each));

/**
 * 1 where an output channel may see an input channel of the same pixel, [outputs, inputs]: those of colours before its own
 * (mask A, `strict`) and of its own (mask B). van den Oord et al. 2016, arXiv 1601.06759, section 3.4.
 */
export function colourMask(
  outputs: readonly number[],
  inputs: readonly number[],
  strict: boolean,
): HostArray<"float32"> {
  const data = Float32Array.from({ length: outputs.length * inputs.length }, (_, i) => {
    const [to, from] = [outputs[Math.floor(i / inputs.length)]!, inputs[i % inputs.length]!];
    return Number(strict ? from < to : from <= to);
  });
  return new HostArray("float32", [outputs.length, inputs.length], data);
}

/** The values before a variable in its row, carried along the row: `reach` pixels and the colours of its own pixel. */
export interface PixelWindow {
  readonly start: (batch: number) => HostArray;
  /** After one more value, the oldest dropped. */
  readonly push: (window: Tensor, previous: Tensor) => Tensor;
  /** What a kernel of `reach` pixels sees, and of its own pixel the colours before it: [B, pixels·colours]. */
  readonly taps: (window: Tensor, column: Tensor) => Tensor;
}

/** The window of images of that many colours; with one colour a pixel does not see itself at all. */
export function pixelWindow(colours: number, reach: number): PixelWindow {
  const size = reach * colours + colours - 1;
  return {
    start: (batch) => zeros("float32", [batch, size]),
    push: (window, previous) => concat([window.slice(1, 1), previous.expandDims(1)], 1),
    taps: (window, column) => {
      if (colours === 1) return window;
      const unknown = constant(full("float32", [window.shape[0]!, colours], 0));
      const first = column
        .mod(colours)
        .sub(colours - 1)
        .neg();
      return concat([window, unknown], 1).gather(arange((reach + 1) * colours).add(first), 1);
    },
  };
}

/** What is carried after a variable: the new value once all colours of the pixel are known, until then the old one. */
export function afterPixel(colours: number, column: Tensor, before: Tensor, after: Tensor): Tensor {
  if (colours === 1) return after;
  return column
    .mod(colours)
    .equal(colours - 1)
    .select(after, before);
}

/** Rows of a row's pixels [W, …] as one for each variable [W·colours, …]. */
export function eachColour(pixels: Tensor, colours: number): Tensor {
  if (colours === 1) return pixels;
  return pixels.gather(arange(pixels.shape[0]! * colours).div(colours), 0);
}

/** Of what each variable of a row left, [W·colours, …], what its pixels' last colours did: [W, …]. */
export function lastColours(made: Tensor, colours: number): Tensor {
  return colours === 1 ? made : made.slice(0, colours - 1, undefined, colours);
}

/** Values of a row's variables [W·colours, B] as one row of an image [B, colours, 1, W]. */
export function imageRow(values: Tensor, colours: number): Tensor {
  const [count, batch] = values.shape as [number, number];
  return values.reshape([count / colours, colours, 1, batch]).transpose([3, 1, 2, 0]);
}

/** The rows a kernel sees next: the oldest dropped, the new one [B, C, 1, W] added below. */
export function nextRows(rows: Tensor, row: Tensor): Tensor {
  return rows.shape[2] === 1 ? row : concat([rows.slice(2, 1), row], 2);
}
