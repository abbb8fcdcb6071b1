import { describe, expect, it } from "vitest";
import { evaluate, f64 } from "../../../tests/support/reference.ts";
import { conv, convTranspose, gradients, input, type Tensor } from "../index.ts";
import { floats } from "../testing/case.ts";
import { assertClose } from "../testing/check.ts";

const tensor = (...shape: number[]) => input({ shape, dtype: "float32" });
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

describe("conv", () => {
  it("correlates without turning the kernel", () => {
    const y = evaluate((x: Tensor, w: Tensor) => conv(x, w), f64([1, 2, 3, 4], [1, 1, 4]), f64([1, 10], [1, 1, 2]));
    expect(y).toEqual([21, 32, 43]);
  });

  it("pads as told: numbers, per side, same, valid, causal", () => {
    const shape = (options: Parameters<typeof conv>[2]) => conv(tensor(2, 3, 9, 8), tensor(4, 3, 3, 3), options).shape;
    expect(shape({})).toEqual([2, 4, 7, 6]);
    expect(shape({ padding: "valid" })).toEqual([2, 4, 7, 6]);
    expect(shape({ padding: 1 })).toEqual([2, 4, 9, 8]);
    expect(shape({ padding: "same", stride: 2 })).toEqual([2, 4, 5, 4]);
    expect(
      shape({
        padding: [
          [0, 1],
          [2, 0],
        ],
      }),
    ).toEqual([2, 4, 8, 8]); // prettier-ignore
    expect(shape({ padding: "causal", dilation: 2 })).toEqual([2, 4, 9, 8]);
  });

  it("lets a causal output see no later input", () => {
    const fn = (x: Tensor, w: Tensor) =>
      gradients(conv(x, w, { padding: "causal", dilation: 2 }).slice(2, 4, 5).sum(), [x])[0]!;
    const seen = evaluate(fn, floats([1, 1, 8]), f64([1, 2, 3], [1, 1, 3]));
    expect(seen).toEqual([1, 0, 2, 0, 3, 0, 0, 0]);
  });

  it("says what does not fit", () => {
    expect(() => conv(tensor(2, 3, 8, 8), tensor(4, 2, 3, 3))).toThrow(/3 channels, the weights 2 × 1 groups/);
    expect(() => conv(tensor(2, 3, 8, 8), tensor(4, 3, 9, 9))).toThrow(/kernel \[9, 9\] is larger/);
    expect(() => conv(tensor(2, 4, 8), tensor(3, 2, 3), { groups: 2 })).toThrow(/3 output channels do not divide/);
    expect(() => conv(tensor(2, 3, 8, 8), tensor(4, 3, 3, 3), { bias: tensor(5) })).toThrow(/bias needs shape \[4\]/);
    expect(() => conv(tensor(2, 3, 8), tensor(4, 3, 3), { stride: [1, 2] })).toThrow(/stride has 2 entries for 1/);
    expect(() => conv(tensor(2, 3, 8), tensor(4, 3, 3), { stride: 0 })).toThrow(/positive integers/);
  });
});

describe("convTranspose", () => {
  it("is the adjoint of conv: ⟨conv(x), y⟩ = ⟨x, convTranspose(y)⟩", () => {
    const options = { stride: 2, padding: 1 };
    const [x, w, y] = [floats([2, 3, 5, 7], -1, 1, 1), floats([4, 3, 3, 3], -1, 1, 2), floats([2, 4, 3, 4], -1, 1, 3)];
    const forward = evaluate((a: Tensor, b: Tensor) => conv(a, b, options), x, w);
    const back = evaluate((a: Tensor, b: Tensor) => convTranspose(a, b, options), y, w);
    expect(dot(forward, y.data)).toBeCloseTo(dot(x.data, back), 10);
  });

  it("has the documented size, with output padding and bias", () => {
    const y = convTranspose(tensor(2, 4, 5), tensor(4, 3, 4), {
      stride: 3,
      padding: 1,
      outputPadding: 2,
      bias: tensor(3),
    });
    expect(y.shape).toEqual([2, 3, 4 * 3 - 2 + 3 + 1 + 2]);
    const sums = evaluate(
      (x: Tensor, w: Tensor, b: Tensor) => convTranspose(x, w, { bias: b }),
      f64([0], [1, 1, 1]),
      f64([1, 1], [1, 2, 1]),
      f64([3, 5]),
    );
    assertClose(sums, [3, 5], 0, "bias");
  });

  it("refuses paddings that have no single inverse", () => {
    expect(() => convTranspose(tensor(1, 1, 4), tensor(1, 1, 3), { padding: "same" })).toThrow(
      /give padding as numbers/,
    );
  });
});
