import { describe, expect, test } from "vitest";
import { evaluate, f64, reference } from "../../tests/support/reference.ts";
import { type HostArray, toNumbers } from "../base/host.ts";
import { mapTree, namedLeaves } from "../base/tree.ts";
import { grad, type Tensor } from "../graph/index.ts";
import { fold, key, normal } from "../random/index.ts";
import { sinusoidalEmbedding, unet } from "./index.ts";

describe("U-Net", () => {
  const net = unet({
    inputs: 1,
    outputs: 2,
    channels: 4,
    multipliers: [1, 2],
    blocks: 1,
    attention: [1],
    groups: 2,
    condition: 3,
  });
  const params = mapTree<HostArray, HostArray>(net.init(key(1)), (leaf, path) => {
    const noise = normal(fold(key(2), path), leaf.shape);
    return f64(
      toNumbers(leaf).map((v, i) => v + 0.2 * noise.data[i]!),
      leaf.shape,
    );
  });
  const [x, t, condition] = [normal(key(3), [2, 1, 4, 4]), f64([1, 500]), normal(key(4), [2, 3])];
  const loss = (p: never, image: Tensor, time: Tensor, label: Tensor) =>
    net.apply(p, image, time, label).mul(Math.SQRT2).sin().sum();

  test("keeps the image size", () => {
    const y = reference((p: never, ...rest: never[]) => net.apply(p, ...(rest as unknown as [Tensor, Tensor, Tensor])))(
      params,
      x,
      t,
      condition,
    );
    expect((y as unknown as HostArray).shape).toEqual([2, 2, 4, 4]);
  });

  test("the gradient reaches every parameter", () => {
    const slopes = reference(grad(loss as never) as (...args: never[]) => unknown)(params, x, t, condition);
    const silent = namedLeaves<HostArray>(slopes).filter(({ leaf }) => toNumbers(leaf).every((v) => v === 0));
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test("starts as the zero function: the last convolution and the residual branches begin at zero", () => {
    const y = reference((p: never, image: Tensor, time: Tensor) => net.apply(p, image, time))(net.init(key(1)), x, t);
    expect(toNumbers(y as unknown as HostArray).every((v) => v === 0)).toBe(true);
  });

  test("time and condition change the result", () => {
    const run = reference((p: never, a: Tensor, b: Tensor, c: Tensor) => net.apply(p, a, b, c));
    const y = (time: HostArray, label: HostArray) => toNumbers(run(params, x, time, label) as unknown as HostArray)[0]!;
    const base = y(t, condition);
    expect(y(f64([2, 500]), condition)).not.toBeCloseTo(base, 6);
    expect(y(t, normal(key(9), [2, 3]))).not.toBeCloseTo(base, 6);
  });
});

test("sinusoidal embedding: sines, then cosines, of falling frequencies", () => {
  const e = evaluate((t: Tensor) => sinusoidalEmbedding(t, 4, 100), f64([3]));
  [Math.sin(3), Math.sin(0.3), Math.cos(3), Math.cos(0.3)].forEach((value, i) => {
    expect(e[i]).toBeCloseTo(value, 6);
  });
});
