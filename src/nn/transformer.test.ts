import { expect, test } from "vitest";
import { evaluate, f64, reference } from "../../tests/support/reference.ts";
import { type HostArray, toNumbers } from "../base/host.ts";
import { namedLeaves } from "../base/tree.ts";
import type { Tensor } from "../graph/index.ts";
import { key, normal } from "../random/index.ts";
import { swiglu, transformer } from "./index.ts";

test("SwiGLU gates one half of its first product with the other", () => {
  const [up, down] = [f64([1, -2, 0.5, 3], [1, 4]), f64([1, 10], [2, 1])];
  const zeros = (n: number) => f64(new Array<number>(n).fill(0), [n]);
  const y = evaluate(
    (x: Tensor, w: Tensor, b: Tensor, v: Tensor, c: Tensor) =>
      swiglu(1, 2).apply(
        [
          { weight: w, bias: b },
          { weight: v, bias: c },
        ],
        x,
      ),
    f64([2], [1, 1]),
    up,
    zeros(4),
    down,
    zeros(1),
  );
  const silu = (x: number) => x / (1 + Math.exp(-x));
  expect(y[0]).toBeCloseTo(silu(2) * 1 + 10 * silu(-4) * 6, 6);
});

test("what a branch adds can be dropped at every named site", () => {
  const model = transformer({ width: 4, heads: 2, layers: 2, causal: true, norm: "rms" });
  const params = model.init(key(1));
  const x = normal(key(2), [1, 3, 4]);
  const sites: string[] = [];
  const none = (y: Tensor, site: string) => {
    sites.push(site);
    return y.mul(0);
  };
  const y = toNumbers(
    reference((p: never, input: Tensor) => model.apply(p, input, none))(params, x) as unknown as HostArray,
  );
  expect(sites).toEqual(["0/attention", "0/mlp", "1/attention", "1/mlp"]);
  const values = toNumbers(x);
  y.forEach((value, i) => {
    const row = values.slice(4 * Math.floor(i / 4), 4 * Math.floor(i / 4) + 4);
    const size = Math.sqrt(row.reduce((sum, v) => sum + v * v, 0) / 4 + 1e-5);
    expect(value).toBeCloseTo(values[i]! / size, 4);
  });
  expect(namedLeaves(params).some(({ path }) => /norm.*bias/i.test(path))).toBe(false);
});
