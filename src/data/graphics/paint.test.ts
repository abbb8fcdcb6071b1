import { expect, test } from "vitest";
import { coverage, hsv, paint } from "./paint.ts";

test("hues are the familiar colours", () => {
  expect(hsv(0, 1, 1)).toEqual([1, 0, 0]);
  expect(hsv(1 / 3, 1, 1).map((v) => Math.round(v * 1e9) / 1e9)).toEqual([0, 1, 0]);
  expect(hsv(2 / 3, 1, 0.5).map((v) => Math.round(v * 1e9) / 1e9)).toEqual([0, 0, 0.5]);
  expect(hsv(0.7, 0, 0.25)).toEqual([0.25, 0.25, 0.25]);
});

test("coverage is one half on the outline and certain half a pixel from it", () => {
  expect([-2, -0.5, 0, 0.25, 0.5, 3].map(coverage)).toEqual([1, 1, 0.5, 0.25, 0, 0]);
});

test("paint lays ink over paper in each channel", () => {
  const distance = Float32Array.of(-5, 5, 0, 5);
  const out = new Uint8Array(13).fill(7);
  paint(out, 1, { size: 2, channels: 3, binary: false }, distance, [1, 0, 0.2], [0, 1, 0.2]);
  expect([...out]).toEqual([7, 255, 0, 128, 0, 0, 255, 128, 255, 51, 51, 51, 51]);
  paint(out, 0, { size: 2, channels: 1, binary: true }, distance, [1, 1, 1], [0, 0, 0]);
  expect([...out.subarray(0, 4)]).toEqual([1, 0, 1, 0]);
});
