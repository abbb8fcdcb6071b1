import { ShapeError } from "../../base/errors.ts";
import type { HostArray } from "../../base/host.ts";
import { sameShape, showShape } from "../../base/shape.ts";
import { inferno, quantile, roundUp } from "./heat.ts";
import { type Images, pixelsOf } from "./images.ts";
import { barHeight, linearTicks, scaleBar } from "./legend.ts";
import { blankRaster, paint, type Raster } from "./raster.ts";
import { type Scene, textUnits } from "./scene.ts";

/** What a picture of surprise shows. */
export interface SurpriseMaps {
  /** The examples as they look [n, C, H, W]. */
  readonly images: Images;
  /** −log p of every variable given those before it in nats, of the same shape. */
  readonly nats: HostArray<"float32">;
  /** What the examples and the model are. */
  readonly about: string;
  /** Pairs of an example and its map in a row. */
  readonly columns?: number;
}

const MARGIN = 16;
const GAP = 24;
const BETWEEN = 4;
const HEAD = 46;
const CAPTION = 34;
/** Units the longer side of an image roughly takes. */
const SIDE = 112;

/** Share of the pixels that are shown as they are; the few above have the colour of the scale's end. */
const SHOWN = 0.995;

/** Examples, each beside the surprise of its pixels as colours, with its total below. */
export function surpriseScene({ images, nats, about, columns }: SurpriseMaps): Scene {
  if (!sameShape(images.shape, nats.shape))
    throw new ShapeError(
      `The surprises have the shape ${showShape(nats.shape)}, the images ${showShape(images.shape)}.`,
    );
  const pixels = pixelsOf(images);
  const { count, width, height, channels } = pixels;
  const perPixel = summed(nats, channels, width * height);
  const top = roundUp(Math.max(quantile(perPixel, SHOWN), 1e-3));
  const capped = perPixel.some((value) => value > top);
  const scale = Math.max(1, Math.round(SIDE / Math.max(width, height)));
  const totals = totalsOf(nats, count);
  const pair = Math.max(2 * width * scale + BETWEEN, ...totals.flat().map(textUnits));
  const across = columns ?? Math.min(count, Math.max(1, Math.floor((1000 + GAP) / (pair + GAP))));
  const down = Math.ceil(count / across);
  const step = height * scale + CAPTION + GAP / 2;
  const items = totals.flatMap(([natsText, bitsText], i) => {
    const x = MARGIN + (i % across) * (pair + GAP);
    const y = MARGIN + HEAD + Math.floor(i / across) * step;
    const right = x + width * scale + BETWEEN;
    const foot = y + height * scale;
    return [
      { kind: "plate", x, y, raster: imageRaster(pixels, i), scale },
      { kind: "plate", x: right, y, raster: heatRaster(perPixel, i, { width, height, top }), scale },
      { kind: "line", x, y: foot + 14, text: natsText },
      { kind: "line", x, y: foot + 27, text: bitsText, weight: "note" },
    ] as const;
  });
  const foot = MARGIN + HEAD + down * step;
  const unit = channels === 1 ? "nats per pixel" : `nats per pixel (${channels} channels together)`;
  const title = "Surprise of every pixel";
  const note = `−ln p(pixel | pixels before it); ${about}`;
  const used = across * (pair + GAP) - GAP;
  return {
    name: `${title}: ${note}`,
    width: Math.ceil(2 * MARGIN + Math.max(used, 240, textUnits(note))),
    height: foot + barHeight + MARGIN,
    items: [
      { kind: "line", x: MARGIN, y: MARGIN + 11, text: title, weight: "title" },
      { kind: "line", x: MARGIN, y: MARGIN + 29, text: note, weight: "note" },
      ...items,
      ...scaleBar({ heat: inferno, ticks: linearTicks(top, capped), label: unit }, MARGIN, foot),
    ],
  };
}

/** The surprises of each pixel's channels together, [n · H · W]. */
function summed({ data }: HostArray<"float32">, channels: number, area: number): Float64Array {
  return Float64Array.from({ length: data.length / channels }, (_, at) => {
    const start = Math.floor(at / area) * channels * area + (at % area);
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += data[start + c * area]!;
    return sum;
  });
}

function totalsOf({ data }: HostArray<"float32">, count: number): [nats: string, bits: string][] {
  const size = data.length / count;
  return Array.from({ length: count }, (_, i) => {
    const total = data.subarray(i * size, (i + 1) * size).reduce((sum, value) => sum + value, 0);
    return [
      `${total.toFixed(total < 1000 ? 1 : 0)} nats`,
      `${(total / size / Math.LN2).toFixed(3)} bits per dimension`,
    ];
  });
}

/** One image as a raster. */
export function imageRaster(pixels: ReturnType<typeof pixelsOf>, image: number): Raster {
  const raster = blankRaster(pixels.width, pixels.height, pixels.channels, [0, 0, 0]);
  for (let at = 0; at < pixels.width * pixels.height; at++) {
    const [x, y] = [at % pixels.width, Math.floor(at / pixels.width)];
    paint(raster, x, y, pixels.colour(image, y, x));
  }
  return raster;
}

function heatRaster(values: Float64Array, image: number, size: { width: number; height: number; top: number }): Raster {
  const { width, height, top } = size;
  const raster = blankRaster(width, height, 3, [0, 0, 0]);
  for (let at = 0; at < width * height; at++)
    paint(raster, at % width, Math.floor(at / width), inferno(values[image * width * height + at]! / top));
  return raster;
}
