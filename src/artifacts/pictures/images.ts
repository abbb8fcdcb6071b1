import { ShapeError } from "../../base/errors.ts";
import { type Shape, showShape, sizeOf } from "../../base/shape.ts";
import type { Colour } from "./raster.ts";

/**
 * Images [n, C, H, W] with C = 1 (grey) or 3 (red, green, blue). Floats run from 0 (black) to 1 (white), bytes from 0 to 255;
 * `max` says when white is another number (1 for a Uint8Array of zeros and ones). A HostArray is one of these.
 */
export interface Images {
  readonly shape: Shape;
  readonly data: Float32Array | Float64Array | Uint8Array;
  readonly max?: number;
  readonly dtype?: string;
}

/** Images whose shape has been taken apart, with a reader of pixel colours. */
export interface PixelSource {
  readonly count: number;
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  readonly hasHoles: boolean;
  colour(image: number, y: number, x: number): Colour;
}

/** What stands for a pixel that is not a number. */
const hole: Colour = [255, 0, 255];

function whiteOf(images: Images): number {
  if (images.max !== undefined) return images.max;
  return images.data instanceof Uint8Array && images.dtype !== "bool" ? 255 : 1;
}

function toByte(value: number, white: number): number {
  return Math.round((Math.min(Math.max(value, 0), white) / white) * 255);
}

function hasNaN(data: Images["data"]): boolean {
  return !(data instanceof Uint8Array) && data.some((value) => Number.isNaN(value));
}

/** Checks the shape of images and gives access to their pixels; values beyond black and white are clamped, NaN is magenta. */
export function pixelsOf(images: Images): PixelSource {
  const [count, channels, height, width] = images.shape;
  const fits = images.shape.length === 4 && (channels === 1 || channels === 3) && sizeOf(images.shape) > 0;
  if (!fits || images.data.length !== sizeOf(images.shape))
    throw new ShapeError(
      `Cannot draw ${images.data.length} values of shape ${showShape(images.shape)}; images need the shape [n, 1 or 3, height, width] and at least one image.`,
    );
  const plane = height! * width!;
  const white = whiteOf(images);
  const colour = (image: number, y: number, x: number): Colour => {
    const at = image * channels * plane + y * width! + x;
    const step = channels === 3 ? plane : 0;
    const values = [images.data[at]!, images.data[at + step]!, images.data[at + 2 * step]!] as const;
    if (values.some(Number.isNaN)) return hole;
    return [toByte(values[0], white), toByte(values[1], white), toByte(values[2], white)];
  };
  return { count: count!, channels, height: height!, width: width!, hasHoles: hasNaN(images.data), colour };
}

/** Puts several stacks of images of one size below each other, in order: originals, then reconstructions. */
export function concatImages(...parts: readonly [Images, ...Images[]]): Images {
  const [first] = parts;
  const inner = first.shape.slice(1);
  if (parts.some((part) => showShape(part.shape.slice(1)) !== showShape(inner)))
    throw new ShapeError(
      `Cannot put images of shapes ${parts.map((part) => showShape(part.shape)).join(" and ")} together; all but the first axis must agree.`,
    );
  const total = parts.reduce((sum, part) => sum + part.data.length, 0);
  const data = new Float32Array(total);
  let at = 0;
  for (const part of parts) {
    const white = whiteOf(part);
    data.set(
      Float32Array.from(part.data, (value) => value / white),
      at,
    );
    at += part.data.length;
  }
  return { shape: [parts.reduce((sum, part) => sum + part.shape[0]!, 0), ...inner], data };
}

/** The images at the given positions, in that order. */
export function takeImages(images: Images, positions: readonly number[]): Images {
  const inner = images.shape.slice(1);
  const size = sizeOf(inner);
  const white = whiteOf(images);
  const data = new Float32Array(positions.length * size);
  positions.forEach((position, index) => {
    for (let i = 0; i < size; i++) data[index * size + i] = images.data[position * size + i]! / white;
  });
  return { shape: [positions.length, ...inner], data };
}
