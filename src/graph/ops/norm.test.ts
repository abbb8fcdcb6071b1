import { describe, expect, it } from "vitest";
import { evaluate, f64 } from "../../../tests/support/reference.ts";
import {
  attention,
  batchNorm,
  batchStatistics,
  gradients,
  groupNorm,
  input,
  layerNorm,
  rmsNorm,
  type Tensor,
} from "../index.ts";
import { floats } from "../testing/case.ts";
import { assertClose } from "../testing/check.ts";

const tensor = (...shape: number[]) => input({ shape, dtype: "float32" });
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

function standardise(values: readonly number[], epsilon: number): number[] {
  const centre = mean(values);
  const scale = Math.sqrt(mean(values.map((v) => (v - centre) ** 2)) + epsilon);
  return values.map((v) => (v - centre) / scale);
}

describe("normalisations", () => {
  const x = floats([2, 4, 3]);
  const blocks = (size: number) =>
    Array.from({ length: 24 / size }, (_, i) => [...x.data.slice(i * size, (i + 1) * size)]);
  const [scale, bias] = [f64([1, 2, 3, 4]), f64([0.1, 0.2, 0.3, 0.4])];

  it("groupNorm standardises each group of channels, then scales and shifts each channel", () => {
    const y = evaluate((t: Tensor, s: Tensor, b: Tensor) => groupNorm(t, 2, s, b), x, scale, bias);
    const wanted = blocks(6)
      .flatMap((v) => standardise(v, 1e-5))
      .map((v, i) => {
        const channel = Math.floor(i / 3) % 4;
        return v * (channel + 1) + 0.1 * (channel + 1);
      }); // prettier-ignore
    assertClose(y, wanted, 1e-12, "groupNorm");
  });

  it("layerNorm from a given axis, and with a bias alone", () => {
    const y = evaluate((t: Tensor) => layerNorm(t, undefined, undefined, { from: 1 }), x);
    assertClose(
      y,
      blocks(12).flatMap((v) => standardise(v, 1e-5)),
      1e-12,
      "layerNorm",
    );
    const shifted = evaluate((t: Tensor, b: Tensor) => layerNorm(t, undefined, b), x, f64([1, 2, 3]));
    assertClose(
      shifted,
      blocks(3).flatMap((v) => standardise(v, 1e-5).map((z, i) => z + i + 1)),
      1e-12,
      "bias",
    );
  });

  it("rmsNorm divides by the root mean square", () => {
    const y = evaluate((t: Tensor, s: Tensor) => rmsNorm(t, s), x, f64([1, 2, 3]));
    const wanted = blocks(3).flatMap((v) =>
      v.map((z, i) => ((i + 1) * z) / Math.sqrt(mean(v.map((q) => q * q)) + 1e-6)),
    );
    assertClose(y, wanted, 1e-7, "rmsNorm");
  });

  it("batchNorm standardises each channel with the batch's own statistics", () => {
    const y = evaluate((t: Tensor, s: Tensor, b: Tensor) => batchNorm(t, batchStatistics(t), s, b), x, scale, bias);
    for (let channel = 0; channel < 4; channel++) {
      const pick = (from: ArrayLike<number>) =>
        [0, 1].flatMap((n) => [0, 1, 2].map((i) => from[n * 12 + channel * 3 + i]!));
      const wanted = standardise(pick(x.data), 1e-5).map((v) => v * (channel + 1) + 0.1 * (channel + 1));
      assertClose(pick(y), wanted, 1e-7, `channel ${channel}`);
    }
  });

  it("has gradients orthogonal to a shift of the input", () => {
    const fn = (t: Tensor) =>
      gradients(groupNorm(t, 2).mul(t).sum(), [t])[0]!.sub(groupNorm(t, 2)).reshape([4, 6]).sum(1);
    assertClose(evaluate(fn, x), [0, 0, 0, 0], 1e-6, "shift");
  });

  it("says what does not fit", () => {
    expect(() => groupNorm(tensor(2, 4, 3), 3)).toThrow(/4 channels do not divide into 3 groups/);
    expect(() => layerNorm(tensor(2, 4), tensor(3))).toThrow(/need the shape \[4\]/);
  });
});

describe("attention", () => {
  const [q, k, v] = [floats([3, 2], -1, 1, 1), floats([4, 2], -1, 1, 2), floats([4, 5], -1, 1, 3)];
  const direct = (allowed: (i: number, j: number) => boolean) =>
    [0, 1, 2].flatMap((i) => {
      const score = (j: number) =>
        (q.data[2 * i]! * k.data[2 * j]! + q.data[2 * i + 1]! * k.data[2 * j + 1]!) / Math.SQRT2;
      const weights = [0, 1, 2, 3].map((j) => (allowed(i, j) ? Math.exp(score(j)) : 0));
      const total = weights.reduce((a, b) => a + b, 0);
      return [0, 1, 2, 3, 4].map((e) => weights.reduce((sum, w, j) => sum + (w / total) * v.data[5 * j + e]!, 0));
    });

  it("weighs values by the softmax of scaled scores", () => {
    assertClose(
      evaluate((a: Tensor, b: Tensor, c: Tensor) => attention(a, b, c), q, k, v),
      direct(() => true),
      1e-7,
      "all",
    );
  });

  it("hides later positions, the last query standing at the last key", () => {
    const y = evaluate((a: Tensor, b: Tensor, c: Tensor) => attention(a, b, c, { causal: true }), q, k, v);
    assertClose(
      y,
      direct((i, j) => j <= i + 1),
      1e-7,
      "causal",
    );
  });

  it("takes bool and float masks", () => {
    const bool = evaluate(
      (a: Tensor, b: Tensor, c: Tensor, m: Tensor) => attention(a, b, c, { mask: m.greater(0) }),
      q,
      k,
      v,
      f64([1, 0, 1, 1]),
    );
    assertClose(
      bool,
      direct((_i, j) => j !== 1),
      1e-7,
      "bool",
    );
    const float = evaluate(
      (a: Tensor, b: Tensor, c: Tensor, m: Tensor) => attention(a, b, c, { mask: m }),
      q,
      k,
      v,
      f64([0, -1e9, 0, 0]),
    );
    assertClose(float, bool, 1e-12, "float");
  });

  it("says what does not fit", () => {
    expect(() => attention(tensor(3, 2), tensor(4, 3), tensor(4, 5))).toThrow(/takes q/);
  });
});
