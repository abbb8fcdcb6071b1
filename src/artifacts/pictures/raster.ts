import { ShapeError } from "../../base/errors.ts";

/** A picture as bytes: rows from the top, pixels from the left, 1 (grey) or 3 (red, green, blue) bytes each. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

const byteLimit = 2 ** 28;

/** A raster filled with one colour (with grey rasters, its first component). */
export function blankRaster(width: number, height: number, channels: 1 | 3, colour: Colour): Raster {
  if (width * height * channels > byteLimit)
    throw new ShapeError(`A picture of ${width}×${height} pixels is too large; draw fewer images or a smaller scale.`);
  const data = new Uint8Array(width * height * channels);
  if (channels === 1) data.fill(colour[0]);
  else for (let i = 0; i < data.length; i++) data[i] = colour[i % 3]!;
  return { width, height, channels, data };
}

/** Paints one pixel; outside of the raster nothing happens. */
export function paint(raster: Raster, x: number, y: number, colour: Colour): void {
  if (x < 0 || y < 0 || x >= raster.width || y >= raster.height) return;
  const at = (y * raster.width + x) * raster.channels;
  for (let channel = 0; channel < raster.channels; channel++) raster.data[at + channel] = colour[channel]!;
}

/** Enlarges a raster by an integer, each pixel becoming a square. */
export function enlarge(raster: Raster, scale: number): Raster {
  const large = blankRaster(raster.width * scale, raster.height * scale, raster.channels, [0, 0, 0]);
  const { channels } = raster;
  for (let y = 0; y < large.height; y++)
    for (let x = 0; x < large.width; x++) {
      const from = (Math.floor(y / scale) * raster.width + Math.floor(x / scale)) * channels;
      const to = (y * large.width + x) * channels;
      for (let channel = 0; channel < channels; channel++) large.data[to + channel] = raster.data[from + channel]!;
    }
  return large;
}
