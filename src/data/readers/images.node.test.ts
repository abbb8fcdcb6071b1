import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { damaged } from "../../../tests/support/fuzz.ts";
import { DataError } from "../../base/errors.ts";
import { readImageFolder } from "./images.node.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "sampo-images-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

type Extra = { width?: number; height?: number };
async function write(
  name: string,
  channels: 1 | 3 | 4,
  pixels: readonly number[],
  { width = 2, height = 1 }: Extra = {},
) {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  const image = sharp(Uint8Array.from(pixels), { raw: { width, height, channels } });
  await (channels === 1 ? image.toColourspace("b-w") : image).toFile(file);
}

describe("image folders", () => {
  test("grey files give one channel, in the order of their paths, below sub-folders and links too", async () => {
    await write("b.png", 1, [1, 2]);
    await write("a/c.PNG.png", 1, [3, 4]);
    symlinkSync(folder, path.join(folder, "loop"));
    writeFileSync(path.join(folder, "notes.txt"), "x");
    const result = await readImageFolder(folder);
    expect(result).toEqual({ files: ["a/c.PNG.png", "b.png"], shape: [1, 1, 2], x: Uint8Array.of(3, 4, 1, 2) });
  });

  test("one colour file makes three channels, planes one after the other", async () => {
    await write("a.png", 3, [10, 20, 30, 40, 50, 60]);
    await write("b.png", 1, [7, 8]);
    const seen: number[] = [];
    const result = await readImageFolder(folder, { onProgress: (done) => seen.push(done) });
    expect(result.shape).toEqual([3, 1, 2]);
    expect([...result.x]).toEqual([10, 40, 20, 50, 30, 60, 7, 8, 7, 8, 7, 8]);
    expect(seen).toEqual([1, 2]);
  });

  test("grey saved as RGB becomes grey; transparent pixels lie on white", async () => {
    await write("a.png", 3, [5, 5, 5, 9, 9, 9]);
    await write("b.png", 4, [9, 9, 9, 255, 0, 0, 0, 0]);
    const result = await readImageFolder(folder);
    expect([result.shape, [...result.x]]).toEqual([
      [1, 1, 2],
      [5, 9, 9, 255],
    ]);
  });

  test("JPEG and WebP are read, and a size brings all to one", async () => {
    await write("a.jpg", 3, new Array(12 * 8 * 3).fill(200), { width: 12, height: 8 });
    await write("b.webp", 3, new Array(6 * 6 * 3).fill(100), { width: 6, height: 6 });
    await expect(readImageFolder(folder)).rejects.toThrow(/a\.jpg is 12x8, b\.webp is 6x6\); give a size/);
    const { shape, x } = await readImageFolder(folder, { size: 4 });
    expect(shape).toEqual([1, 4, 4]);
    expect(Math.abs(x[0]! - 200)).toBeLessThan(3);
    expect(Math.abs(x[16]! - 100)).toBeLessThan(3);
  });

  test("a damaged file is named", async () => {
    const noise = Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 7919) % 251);
    for (const name of ["a.png", "b.jpg", "c.webp"]) {
      await write(name, 3, noise, { width: 32, height: 32 });
      const file = path.join(folder, name);
      const whole = readFileSync(file);
      for (const length of [0, 20, whole.length >> 1]) {
        writeFileSync(file, whole.subarray(0, length));
        await expect(readImageFolder(folder), `${name} cut at ${length}`).rejects.toThrow(`${name} is damaged`);
      }
      rmSync(file);
    }
  });

  test("empty and missing folders are errors, and so are too many pixels", async () => {
    await expect(readImageFolder(folder)).rejects.toThrow(/holds no PNG/);
    await expect(readImageFolder(path.join(folder, "none"))).rejects.toThrow(DataError);
    await write("a.png", 1, [1, 2]);
    await expect(readImageFolder(folder, { size: 64, limit: 4000 })).rejects.toThrow(/choose a smaller size/);
  });
});

test("damaged PNG files raise DataError and nothing else", async () => {
  await write(
    "valid.png",
    3,
    Array.from({ length: 8 * 8 * 3 }, (_, i) => (i * 31) & 255),
    { width: 8, height: 8 },
  );
  const file = path.join(folder, "valid.png");
  const property = fc.asyncProperty(damaged(readFileSync(file)), async (bytes) => {
    writeFileSync(file, bytes);
    await readImageFolder(folder).catch((error) => expect(error).toBeInstanceOf(DataError));
  });
  await fc.assert(property, { numRuns: 100, seed: 7 });
});
