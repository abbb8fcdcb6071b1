import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { ShapeError, UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { drawText } from "./font.ts";
import { frames, grid, strip } from "./grid.ts";
import { concatImages, takeImages } from "./images.ts";
import { encodeAnimatedPng, encodePng, pngDataUri } from "./png.ts";
import { enlarge, type Raster } from "./raster.ts";

const floats = (shape: number[], values: number[]) => new HostArray("float32", shape, Float32Array.from(values));

async function decode(png: Uint8Array): Promise<{ data: number[]; width: number; height: number; channels: number }> {
  const { channels } = await sharp(png).metadata();
  const { data, info } = await sharp(png)
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data: [...data], width: info.width, height: info.height, channels: info.channels };
}

/** Brightness at (x, y) of a grey raster. */
const at = (raster: Raster, x: number, y: number) => raster.data[y * raster.width + x];

describe("grid", () => {
  it("places grey images row by row with padding around", () => {
    const raster = grid(floats([3, 1, 1, 2], [0, 1, 0.5, 0.25, 2, -1]), { columns: 2, padding: 1 });
    expect([raster.width, raster.height, raster.channels]).toEqual([7, 5, 1]);
    const b = 38;
    expect([...raster.data]).toEqual([
      ...[b, b, b, b, b, b, b],
      ...[b, 0, 255, b, 128, 64, b],
      ...[b, b, b, b, b, b, b],
      ...[b, 255, 0, b, b, b, b],
      ...[b, b, b, b, b, b, b],
    ]);
  });

  it("turns planes of colour into pixels and enlarges them", () => {
    const raster = grid({ shape: [1, 3, 1, 2], data: Uint8Array.of(10, 20, 30, 40, 50, 60) }, { padding: 0, scale: 2 });
    expect(raster).toMatchObject({ width: 4, height: 2, channels: 3 });
    const row = [10, 30, 50, 10, 30, 50, 20, 40, 60, 20, 40, 60];
    expect([...raster.data]).toEqual([...row, ...row]);
  });

  it("knows zeros and ones as bool or by their maximum", () => {
    const bits = Uint8Array.of(0, 1);
    const bool = grid(new HostArray("bool", [1, 1, 1, 2], bits), { padding: 0 });
    const bytes = grid({ shape: [1, 1, 1, 2], data: bits, max: 1 }, { padding: 0 });
    expect([...bool.data]).toEqual([0, 255]);
    expect([...bytes.data]).toEqual([0, 255]);
  });

  it("shows what is not a number in magenta", () => {
    const raster = grid(floats([1, 1, 1, 2], [Number.NaN, 1]), { padding: 0 });
    expect([...raster.data]).toEqual([255, 0, 255, 255, 255, 255]);
  });

  it("is a square by default", () => {
    const raster = grid(floats([9, 1, 2, 2], new Array(36).fill(0)), { padding: 0 });
    expect([raster.width, raster.height]).toEqual([6, 6]);
  });

  it("writes labels into their own margins and moves the images", () => {
    const images = floats([2, 1, 12, 12], new Array(288).fill(0));
    const plain = grid(images, { columns: 1 });
    const labelled = grid(images, { columns: 1, rowLabels: ["data", "μ"], columnLabels: ["x", "unused"] });
    expect(labelled.width - plain.width).toBe(4 * 6 + 2);
    expect(labelled.height - plain.height).toBe(10);
    expect(at(labelled, labelled.width - 3, labelled.height - 3)).toBe(0);
    const ink = [...labelled.data].filter((value) => value === 225).length;
    let dots = 0;
    for (const text of ["data", "?", "x"]) drawText(text, () => dots++);
    expect(ink).toBe(dots);
  });

  it("uses dark ink on a light ground and cuts labels that do not fit their column", () => {
    const raster = grid(floats([1, 1, 12, 12], new Array(144).fill(1)), {
      background: [255, 255, 255],
      columnLabels: ["longer than the image"],
    });
    expect(raster.width).toBe(16);
    expect([...raster.data].filter((value) => value === 50).length).toBeGreaterThan(8);
  });

  it("refuses other shapes and senseless layouts in one sentence", () => {
    expect(() => grid(floats([2, 2], [0, 0, 0, 0]))).toThrow(ShapeError);
    expect(() => grid(floats([1, 2, 1, 1], [0, 0]))).toThrow(/\[n, 1 or 3, height, width\]/);
    expect(() => grid(floats([0, 1, 4, 4], []))).toThrow(/at least one image/);
    expect(() => grid(floats([1, 1, 1, 1], [0]), { columns: 0 })).toThrow(UsageError);
    expect(() => grid(floats([1, 1, 1, 1], [0]), { scale: 1.5 })).toThrow(/scale of a grid must be a whole number/);
    expect(() => grid(floats([1, 1, 1, 1], [0]), { scale: 100_000 })).toThrow(/too large/);
  });
});

describe("stacks of images", () => {
  it("are put together on one scale of brightness", () => {
    const both = concatImages({ shape: [1, 1, 1, 1], data: Uint8Array.of(255) }, floats([1, 1, 1, 1], [0.5]));
    expect(both.shape).toEqual([2, 1, 1, 1]);
    expect([...both.data]).toEqual([1, 0.5]);
    expect(() => concatImages(floats([1, 1, 1, 1], [0]), floats([1, 1, 1, 2], [0, 0]))).toThrow(ShapeError);
  });

  it("are picked by position", () => {
    expect([...takeImages(floats([3, 1, 1, 1], [0, 0.5, 1]), [2, 1]).data]).toEqual([1, 0.5]);
  });

  it("become strips and frames, there and back", () => {
    const paths = floats([6, 1, 1, 1], [0, 0.2, 0.4, 1, 0.8, 0.6]);
    expect(strip(paths, 3, { padding: 0 })).toMatchObject({ width: 3, height: 2 });
    const film = frames(paths, 3, { padding: 0, columns: 2, bounce: true });
    expect(film.map((frame) => [...frame.data])).toEqual([
      [0, 255],
      [51, 204],
      [102, 153],
      [51, 204],
    ]);
  });
});

describe("PNG", () => {
  const raster = fc
    .record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }), grey: fc.boolean() })
    .chain(({ width, height, grey }) => {
      const channels = grey ? (1 as const) : (3 as const);
      const size = width * height * channels;
      return fc
        .uint8Array({ minLength: size, maxLength: size })
        .map((data): Raster => ({ width, height, channels, data }));
    });

  it("is decoded by an independent library to the same pixels", async () => {
    await fc.assert(
      fc.asyncProperty(raster, async (picture) => {
        const decoded = await decode(encodePng(picture));
        expect(decoded).toEqual({ ...picture, data: [...picture.data] });
      }),
      { numRuns: 40, seed: 2 },
    );
  });

  it("compresses smooth pictures through its filters", async () => {
    const data = Uint8Array.from(
      { length: 128 * 128 },
      (_, i) => ((i % 128) * 3 + ((Math.floor(i / 128) ** 2) >> 5)) & 255,
    );
    const picture: Raster = { width: 128, height: 128, channels: 1, data };
    const png = encodePng(picture);
    expect((await decode(png)).data).toEqual([...data]);
    expect(png.length).toBeLessThan(1500);
  });

  it("is the same bytes each time and on each platform", () => {
    const picture = grid(floats([2, 1, 2, 2], [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]), { columnLabels: ["a"] });
    expect(encodePng(picture)).toEqual(encodePng(picture));
    const tiny = encodePng({ width: 1, height: 1, channels: 1, data: Uint8Array.of(7) });
    expect(Buffer.from(tiny).toString("base64")).toMatchInlineSnapshot(
      `"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgBwAACQAIjau5AQAAAABJRU5ErkJggg=="`,
    );
  });

  it("animates: each frame is a whole PNG of its own", async () => {
    const film = [0, 100, 200].map((value) =>
      enlarge({ width: 1, height: 2, channels: 1, data: Uint8Array.of(value, 9) }, 3),
    );
    const png = encodeAnimatedPng(film, 40);
    expect((await decode(png)).data).toEqual([...film[0]!.data]);
    const chunks = chunksOf(png);
    expect(chunks.map(({ type }) => type)).toEqual([
      "IHDR",
      "acTL",
      "fcTL",
      "IDAT",
      "fcTL",
      "fdAT",
      "fcTL",
      "fdAT",
      "IEND",
    ]);
    const sequence = chunks.filter(({ type }) => type === "fcTL" || type === "fdAT");
    expect(sequence.map(({ data }) => data.readUInt32BE(0))).toEqual([0, 1, 2, 3, 4]);
    const second = chunksOf(encodePng(film[1]!)).find(({ type }) => type === "IDAT")!.data;
    expect(chunks[5]!.data.subarray(4)).toEqual(second);
    expect(chunks[2]!.data.readUInt16BE(20)).toBe(40);
  });

  it("refuses frames that do not fit together", () => {
    const one: Raster = { width: 1, height: 1, channels: 1, data: Uint8Array.of(0) };
    expect(() => encodeAnimatedPng([])).toThrow(/at least one frame/);
    expect(() => encodeAnimatedPng([one, enlarge(one, 2)])).toThrow(/one size/);
  });

  it("becomes a data URI", async () => {
    const png = encodePng({
      width: 200,
      height: 200,
      channels: 1,
      data: new Uint8Array(40000).map((_, i) => (i * i) >> 3),
    });
    const uri = pngDataUri(png);
    expect(Buffer.from(uri.slice("data:image/png;base64,".length), "base64")).toEqual(Buffer.from(png));
  });
});

function chunksOf(png: Uint8Array): { type: string; data: Buffer }[] {
  const bytes = Buffer.from(png);
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    chunks.push({ type: bytes.toString("latin1", at + 4, at + 8), data: bytes.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return chunks;
}
