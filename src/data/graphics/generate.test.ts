import { expect, test } from "vitest";
import { key } from "../../random/index.ts";
import { hashContents } from "../hash.ts";
import type { Split } from "../types.ts";
import { drawPictures, type PictureOptions, pictureSpec } from "./generate.ts";
import { shapeNames } from "./outlines.ts";

const k = key(5);

/** One picture whose factors are all fixed: those given, else 0 (sizes and the like: a usual value). */
function fixed(kind: "digits" | "shapes", factors: Record<string, number>, options: PictureOptions = {}): Split {
  const usual =
    kind === "digits"
      ? { digit: 0, style: 0, slant: 0, thickness: 0.08, scale: 0.7, width: 1, rotation: 0, x: 0, y: 0, jitter: 0 }
      : { shape: 0, scale: 0.25, rotation: 0, x: 0, y: 0 };
  const all = Object.entries({ ...usual, hue: 0, paper: 0.5, ...factors });
  return drawPictures(kind, k, 1, { ...options, ranges: Object.fromEntries(all.map(([name, v]) => [name, [v, v]])) });
}

/** Ink, centre and second moments of a grey picture in pixels, from the middle of the picture. */
function moments(x: ArrayLike<number>, size: number) {
  let [ink, mx, my, xx, xy, yy] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < size * size; i++) {
    const w = x[i]! / 255;
    const px = (i % size) + 0.5 - size / 2;
    const py = Math.floor(i / size) + 0.5 - size / 2;
    ink += w;
    mx += w * px;
    my += w * py;
    xx += w * px * px;
    xy += w * px * py;
    yy += w * py * py;
  }
  return { ink, x: mx / ink, y: my / ink, xx: xx / ink, xy: xy / ink, yy: yy / ink };
}

test.each(["digits", "shapes"] as const)("%s: picture i depends on the key and i alone", (kind) => {
  const many = drawPictures(kind, k, 20);
  const few = drawPictures(kind, k, 7);
  expect(few.x).toEqual(many.x.slice(0, few.x.length));
  expect([...few.labels!]).toEqual([...many.labels!.subarray(0, 7)]);
  expect(drawPictures(kind, key(6), 7).x).not.toEqual(few.x);
});

test("golden hash: the same bytes on every machine", () => {
  const hash = (kind: "digits" | "shapes", options: PictureOptions) => {
    const split = drawPictures(kind, key(0), 50, options);
    return hashContents({ spec: pictureSpec(kind, options), splits: { train: split, valid: split, test: split } });
  };
  // Made by this very code; a change means that stored results were computed from other data.
  expect(hash("digits", {}).slice(0, 16)).toBe("2faa4745d36134d1");
  expect(hash("shapes", { colour: true }).slice(0, 16)).toBe("dd7fef355d2ff0b4");
});

const areas = {
  circle: Math.PI * 0.81,
  square: 2.25,
  triangle: (3 * Math.sqrt(3)) / 4,
  star: 10 * 0.5 * 0.42 * Math.sin(Math.PI / 5),
};

test.each(Object.entries(areas))("the ink of a %s is its area", (name, area) => {
  const shape = shapeNames.indexOf(name as (typeof shapeNames)[number]);
  const { x } = fixed("shapes", { shape, rotation: 0.3, x: 0.03 }, { size: 128 });
  expect(moments(x, 128).ink / (32 * 32)).toBeCloseTo(area, 1.8);
});

test("a shape's centre is where its factors say", () => {
  for (const shape of [0, 1, 3, 5]) {
    const centre = moments(fixed("shapes", { shape, x: 0.11, y: -0.07, rotation: 1 }, { size: 64 }).x, 64);
    expect(centre.x).toBeCloseTo(0.11 * 64, 0.7);
    expect(centre.y).toBeCloseTo(-0.07 * 64, 0.7);
  }
});

test("a quarter turn turns the picture clockwise", () => {
  const size = 32;
  for (let shape = 0; shape < shapeNames.length; shape++) {
    const upright = fixed("shapes", { shape }).x;
    const turned = fixed("shapes", { shape, rotation: Math.PI / 2 }).x;
    let worst = 0;
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++)
        worst = Math.max(worst, Math.abs(turned[column * size + (size - 1 - row)]! - upright[row * size + column]!));
    expect(worst).toBeLessThanOrEqual(1);
  }
});

test("a triangle points up, so more of its ink is below", () => {
  const { x } = fixed("shapes", { shape: 2 });
  const ink = (from: number, to: number) => Array.from(x.subarray(from * 32, to * 32)).reduce((sum, v) => sum + v, 0);
  expect(ink(16, 32)).toBeGreaterThan(ink(0, 16));
});

test("slant shears, thickness fills, scale and width stretch a digit", () => {
  const stick = (factors: Record<string, number>) =>
    moments(fixed("digits", { digit: 1, ...factors }, { size: 64 }).x, 64);
  const [upright, slanted] = [stick({}), stick({ slant: 0.3 })];
  expect(slanted.xy / slanted.yy - upright.xy / upright.yy).toBeCloseTo(-0.3, 1.5);
  expect(stick({ thickness: 0.12 }).ink / stick({ thickness: 0.06 }).ink).toBeGreaterThan(1.9);
  const zero = (factors: Record<string, number>) => moments(fixed("digits", factors, { size: 64 }).x, 64);
  expect(zero({ scale: 0.7 }).yy / zero({ scale: 0.35 }).yy).toBeGreaterThan(3.3);
  expect(zero({ width: 1.2 }).xx / zero({ width: 0.8 }).xx).toBeGreaterThan(1.9);
});

test("binary pictures are the grey ones cut at one half", () => {
  const grey = drawPictures("digits", k, 50).x;
  const binary = drawPictures("digits", k, 50, { binary: true }).x;
  expect(binary).toEqual(Uint8Array.from(grey, (v) => Number(v >= 128)));
});

test("colours are the hues of the factors", () => {
  const { x } = fixed("shapes", { hue: 0, paper: 2 / 3 }, { colour: true, size: 16 });
  const pixel = (i: number) => [x[i], x[256 + i], x[512 + i]];
  expect(pixel(8 * 16 + 8)).toEqual([255, 64, 64]); // hsv(0, 0.75, 1)
  expect(pixel(0)).toEqual([23, 23, 77]); // hsv(⅔, 0.7, 0.3)
});

test("labels are the whole part of their factor and every class comes up", () => {
  const digits = drawPictures("digits", k, 400);
  expect([...digits.labels!]).toEqual(Array.from(digits.factors!.digit!, Math.floor));
  expect(new Set(digits.labels).size).toBe(10);
  expect(new Set(drawPictures("shapes", k, 200).labels).size).toBe(6);
});

test("digits keep off the border", () => {
  const { x } = drawPictures("digits", k, 500);
  let touching = 0;
  for (let i = 0; i < 500; i++)
    for (let j = 0; j < 28; j++)
      for (const at of [j, 27 * 28 + j, 28 * j, 28 * j + 27]) touching += Number(x[i * 784 + at]! > 0);
  expect(touching / (500 * 108)).toBeLessThan(0.003);
});

test("digits can be told apart: the nearest of ten means names most of them", () => {
  const train = drawPictures("digits", key(1), 1500);
  const means = Array.from({ length: 10 }, () => new Float64Array(784));
  const counts = new Float64Array(10);
  train.labels!.forEach((label: number, i: number) => {
    counts[label]!++;
    for (let j = 0; j < 784; j++) means[label]![j]! += train.x[i * 784 + j]!;
  });
  const probe = drawPictures("digits", key(2), 500);
  const distance = (i: number, c: number) =>
    means[c]!.reduce((sum, m, j) => sum + (m / counts[c]! - probe.x[i * 784 + j]!) ** 2, 0);
  let right = 0;
  for (let i = 0; i < 500; i++) {
    const distances = means.map((_, c) => distance(i, c));
    right += Number(distances.indexOf(Math.min(...distances)) === probe.labels![i]);
  }
  expect(right / 500).toBeGreaterThan(0.7);
});

test("options that make no sense are refused", () => {
  expect(() => drawPictures("digits", k, 1, { size: 4 })).toThrow(/from 8 to 1024/);
  expect(() => drawPictures("digits", k, 1, { colour: true, binary: true })).toThrow(/choose one/);
  expect(() => drawPictures("digits", k, 1, { ranges: { slnat: [0, 1] } })).toThrow(/did you mean "slant"/);
  expect(() => drawPictures("shapes", k, 1, { ranges: { scale: [2, 1] } })).toThrow(/must rise/);
});
