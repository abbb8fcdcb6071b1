import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Shape } from "../base/shape.ts";
import { sizeOf } from "../base/shape.ts";
import { isImage } from "./examples.node.ts";

/** Bytes the same examples take with a widespread codec. */
export interface CodecSize {
  readonly codec: string;
  readonly bytes: number;
}

/** Most pixels of a picture's side that WebP can have. */
const SIDE = 16_383;

/**
 * Sizes of examples (whole numbers 0 to 255, channels first) with gzip −9 and Brotli 11, of binary ones also with eight
 * in a byte, and of images as one lossless PNG and WebP of all of them in a grid.
 */
export async function codecSizes(values: Uint8Array, shape: Shape, binary: boolean): Promise<CodecSize[]> {
  const streams = [
    { name: "", bytes: values },
    ...(binary ? [{ name: ", 8 in a byte", bytes: packedBits(values) }] : []),
  ];
  const sizes = streams.flatMap(({ name, bytes }) => [
    { codec: `gzip${name}`, bytes: gzipSync(bytes, { level: 9 }).length },
    { codec: `brotli${name}`, bytes: brotli(bytes).length },
  ]);
  return isImage(shape) ? [...sizes, ...(await pictureSizes(values, shape, binary))] : sizes;
}

function brotli(bytes: Uint8Array): Uint8Array {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return brotliCompressSync(bytes, { params });
}

function packedBits(values: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(values.length / 8));
  for (let i = 0; i < values.length; i++) bytes[i >> 3]! |= (values[i]! & 1) << (7 - (i & 7));
  return bytes;
}

async function pictureSizes(values: Uint8Array, shape: Shape, binary: boolean): Promise<CodecSize[]> {
  const { default: sharp } = await import("sharp");
  let [png, webp] = [0, 0];
  for (const { data, width, height, channels } of pictures(values, shape, binary)) {
    const raw = { raw: { width, height, channels: channels as 1 | 3 }, limitInputPixels: false };
    const depth = binary ? { palette: true, colours: 2 } : {};
    const picture = () => sharp(data, raw).toColourspace(channels === 1 ? "b-w" : "srgb");
    png += (
      await picture()
        .png({ compressionLevel: 9, ...depth })
        .toBuffer()
    ).length;
    webp += (await picture().webp({ lossless: true, effort: 6 }).toBuffer()).length;
  }
  return [
    { codec: "PNG", bytes: png },
    { codec: "WebP", bytes: webp },
  ];
}

/** All images in as few grids as the largest side allows. */
function* pictures(values: Uint8Array, shape: Shape, binary: boolean) {
  const [channels, h, w] = shape as [number, number, number];
  const count = values.length / sizeOf(shape);
  const columns = Math.min(Math.floor(SIDE / w), Math.ceil(Math.sqrt(count)));
  const most = columns * Math.floor(SIDE / h);
  for (let start = 0; start < count; start += most) {
    const part = Math.min(most, count - start);
    const [width, height] = [columns * w, Math.ceil(part / columns) * h];
    const data = new Uint8Array(width * height * channels);
    for (let i = 0; i < part; i++) {
      const corner = Math.floor(i / columns) * h * width + (i % columns) * w;
      for (let c = 0; c < channels; c++)
        for (let p = 0; p < h * w; p++) {
          const value = values[((start + i) * channels + c) * h * w + p]!;
          data[(corner + Math.floor(p / w) * width + (p % w)) * channels + c] = binary ? 255 * value : value;
        }
    }
    yield { data, width, height, channels };
  }
}
