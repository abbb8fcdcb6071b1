import { describe, expect, test } from "vitest";
import { evaluate, f64, reference } from "../../../../tests/support/reference.ts";
import { type HostArray, toNumbers } from "../../../base/host.ts";
import { gradients, type Tensor } from "../../../graph/index.ts";
import { key, normal } from "../../../random/index.ts";
import { shift, skew, unskew } from "./skew.ts";

describe.each([
  [1, 1],
  [3, 4],
  [4, 3],
  [5, 1],
  [1, 5],
])("an image of %i×%i", (height, width) => {
  const x = normal(key(1), [height, width, 2]);
  const at = (r: number, c: number) => toNumbers(x).slice((r * width + c) * 2, (r * width + c + 1) * 2);
  const diagonals = height + width - 1;

  test("has its element (r, c) on diagonal r + c, and zeros elsewhere", () => {
    const skewed = evaluate((image: Tensor) => skew(image), x);
    for (let d = 0; d < diagonals; d++)
      for (let r = 0; r < height; r++) {
        const inside = d >= r && d - r < width;
        expect(skewed.slice((d * height + r) * 2, (d * height + r + 1) * 2)).toEqual(inside ? at(r, d - r) : [0, 0]);
      }
  });

  test("comes back from its diagonals", () => {
    expect(evaluate((image: Tensor) => unskew(skew(image)), x)).toEqual(toNumbers(x));
  });

  test("gives each element its own gradient", () => {
    const weights = normal(key(2), [diagonals, height, 2]);
    const grad = reference((image: Tensor, w: Tensor) => gradients(skew(image).mul(w).sum(), [image])[0]!)(
      x,
      weights,
    ) as unknown as HostArray;
    const expected = evaluate((w: Tensor) => unskew(w), weights);
    expect(toNumbers(grad)).toEqual(expected);
  });
});

test("what is shifted leaves zeros behind and drops its end", () => {
  const x = f64([1, 2, 3, 4, 5, 6], [3, 2]);
  expect(evaluate((t: Tensor) => shift(t, 0, 1), x)).toEqual([0, 0, 1, 2, 3, 4]);
  expect(evaluate((t: Tensor) => shift(t, 1, 1), x)).toEqual([0, 1, 0, 3, 0, 5]);
});
