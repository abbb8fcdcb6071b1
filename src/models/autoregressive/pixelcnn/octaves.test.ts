import { expect, test } from "vitest";
import { evaluate, f64 } from "../../../../tests/support/reference.ts";
import type { Tensor } from "../../../graph/index.ts";
import { octaves } from "./octaves.ts";

const levels = Array.from({ length: 256 }, (_, n) => n);

test("waves tell neighbouring levels apart by more than the value does, and give every level its own place", () => {
  const { width, expand } = octaves(8, 1 / 255);
  const seen = evaluate(
    (x: Tensor) => expand(x, 1),
    f64(
      levels.map((n) => n / 255),
      [256, 1],
    ),
  );
  const row = (n: number) => seen.slice(n * width, (n + 1) * width);
  const distance = (a: number, b: number) => Math.hypot(...row(a).map((v, i) => v - row(b)[i]!));
  expect(width).toBe(16);
  for (const n of levels.slice(1)) expect(distance(n, n - 1)).toBeGreaterThan(2);
  const nearest = levels.flatMap((a) => levels.slice(a + 1).map((b) => distance(a, b)));
  expect(Math.min(...nearest)).toBeGreaterThan(1);
});

test("black looks like the padding: all zero", () => {
  const zero = evaluate((x: Tensor) => octaves(8, 1 / 255).expand(x, 1), f64([0], [1, 1]));
  expect(zero.every((v) => v === 0)).toBe(true);
});

test("of several channels all values come first, then each wave of all", () => {
  const { width, expand } = octaves(2, 1);
  const seen = evaluate((x: Tensor) => expand(x, 1), f64([1, 2], [1, 2]));
  expect(width).toBe(4);
  [1, 2, 2, 0, 1, 2, 1, 0].forEach((value, i) => {
    expect(seen[i]).toBeCloseTo(value, 6);
  });
});

test("no waves leave the value as it is", () => {
  expect(octaves(0, 1).width).toBe(1);
  expect(evaluate((x: Tensor) => octaves(0, 1).expand(x, 1), f64([3], [1, 1]))).toEqual([3]);
});
