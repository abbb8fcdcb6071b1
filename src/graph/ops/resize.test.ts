import { describe, expect, it } from "vitest";
import { evaluate, f64 } from "../../../tests/support/reference.ts";
import {
  avgPool,
  gradients,
  input,
  maxPool,
  pixelShuffle,
  pixelUnshuffle,
  resize,
  type Tensor,
  upsample,
} from "../index.ts";
import { floats } from "../testing/case.ts";
import { assertClose } from "../testing/check.ts";

const tensor = (...shape: number[]) => input({ shape, dtype: "float32" });

describe("resize", () => {
  it("repeats the nearest pixel", () => {
    const y = evaluate((x: Tensor) => upsample(x, 2), f64([1, 2, 3, 4], [1, 1, 2, 2]));
    expect(y).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
    expect(evaluate((x: Tensor) => resize(x, [2]), f64([1, 2, 3, 4, 5], [1, 1, 5]))).toEqual([1, 3]);
  });

  it("interpolates between pixel centres and clamps at the border", () => {
    const y = evaluate((x: Tensor) => resize(x, [4], "bilinear"), f64([0, 4], [1, 1, 2]));
    expect(y).toEqual([0, 1, 3, 4]);
    const ramp = f64(
      Array.from({ length: 12 }, (_, i) => 2 * Math.floor(i / 4) + 3 * (i % 4)),
      [1, 1, 3, 4],
    );
    const big = evaluate((x: Tensor) => resize(x, [6, 8], "bilinear"), ramp);
    const at = (o: number, size: number) => Math.min(size - 1, Math.max(0, (o + 0.5) / 2 - 0.5));
    const wanted = Array.from({ length: 48 }, (_, i) => 2 * at(Math.floor(i / 8), 3) + 3 * at(i % 8, 4));
    assertClose(big, wanted, 1e-7, "ramp");
  });

  it("sends each gradient back to its source: nearest sums the copies", () => {
    const fn = (x: Tensor, g: Tensor) => gradients(upsample(x, 2).mul(g).sum(), [x])[0]!;
    expect(evaluate(fn, floats([1, 1, 2]), f64([1, 2, 3, 4], [1, 1, 4]))).toEqual([3, 7]);
  });

  it("says what does not fit", () => {
    expect(() => resize(tensor(2, 3), [4])).toThrow(/takes \[N, C, L\] or \[N, C, H, W\]/);
    expect(() => resize(tensor(2, 3, 4), [0])).toThrow(/positive integers/);
  });
});

describe("pixelShuffle", () => {
  it("puts channel r·i + j at row i, column j of its block, and pixelUnshuffle takes it back", () => {
    const x = f64([0, 1, 2, 3], [1, 4, 1, 1]);
    expect(evaluate((t: Tensor) => pixelShuffle(t, 2), x)).toEqual([0, 1, 2, 3]);
    const y = floats([2, 8, 3, 2]);
    expect(evaluate((t: Tensor) => pixelUnshuffle(pixelShuffle(t, 2), 2), y)).toEqual([...y.data]);
    expect(pixelShuffle(tensor(2, 8, 3, 2), 2).shape).toEqual([2, 2, 6, 4]);
  });

  it("says what does not fit", () => {
    expect(() => pixelShuffle(tensor(1, 6, 2, 2), 2)).toThrow(/takes \[N, C·4, H, W\]/);
    expect(() => pixelUnshuffle(tensor(1, 6, 3, 2), 2)).toThrow(/divisible by 2/);
  });
});

describe("pooling", () => {
  it("gives the gradient of equal values to the first of them only", () => {
    const fn = (x: Tensor) => gradients(maxPool(x, { kernel: 2 }).sum(), [x])[0]!;
    expect(evaluate(fn, f64([5, 5, 5, 5, 1, 2, 2, 1], [1, 1, 2, 4]))).toEqual([1, 0, 1, 0, 0, 0, 0, 0]);
  });

  it("never lets padding win a maximum", () => {
    const y = evaluate((x: Tensor) => maxPool(x, { kernel: 3, stride: 2, padding: 1 }), f64([-5, -3, -4], [1, 1, 3]));
    expect(y).toEqual([-3, -3]);
  });

  it("averages with padding as zeros", () => {
    const y = evaluate((x: Tensor) => avgPool(x, { kernel: 2, padding: 1 }), f64([2, 4, 6, 8], [1, 1, 4]));
    expect(y).toEqual([1, 5, 4]);
  });

  it("says what does not fit", () => {
    expect(() => maxPool(tensor(2, 3), { kernel: 2 })).toThrow(/pooling takes/);
    expect(() => maxPool(tensor(1, 1, 8), { kernel: 2, padding: 2 })).toThrow(/smaller than its window/);
  });
});
