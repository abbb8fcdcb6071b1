import { describe, expect, test } from "vitest";
import { layerCases, shaken } from "../../tests/support/layers.ts";
import { reference } from "../../tests/support/reference.ts";
import { castHost, type HostArray, int64, toNumbers } from "../base/host.ts";
import { leaves, mapTree, namedLeaves } from "../base/tree.ts";
import { type Tensor, valueAndGrad } from "../graph/index.ts";
import { key, normal } from "../random/index.ts";
import { jit } from "../runtime/index.ts";
import { nativeRuntime } from "../runtime/ort/native.node.ts";
import * as nn from "./index.ts";

const single = (tree: unknown) =>
  mapTree<HostArray, HostArray>(tree, (leaf) => (leaf.dtype === "float64" ? castHost(leaf, "float32") : leaf));

const runtime = await nativeRuntime({ threads: 1 });

describe("on the native runtime", () => {
  test.each(layerCases)("$name has the reference's value and gradients", async ({ module, inputs, shape }) => {
    const params = single(shaken(module.init(key(5))));
    const mixing = normal(key(6), shape);
    const loss = (p: never, ...xs: never[]) => {
      const [w, ...rest] = xs as unknown as Tensor[];
      return (module.apply(p, ...(rest as never[])) as Tensor).mul(w!).sum();
    };
    const fn = valueAndGrad(loss as never) as (...args: unknown[]) => unknown;
    const compiled = jit(fn as never, runtime) as (...args: unknown[]) => Promise<unknown>;
    const found = namedLeaves<HostArray>(await compiled(params, mixing, ...inputs));
    const expected = namedLeaves<HostArray>(reference(fn)(params, mixing, ...inputs));
    found.forEach(({ path, leaf }, i) => {
      const exact = toNumbers(expected[i]!.leaf);
      const scale = exact.reduce((max, v) => Math.max(max, Math.abs(v)), 1e-3);
      const error = toNumbers(leaf).reduce((max, v, j) => Math.max(max, Math.abs(v - exact[j]!)), 0);
      expect([path, error / scale < 2e-5 || error]).toEqual([path, true]);
    });
  });

  test("cached attention and a recurrent step have the reference's numbers", async () => {
    const model = nn.transformer({ width: 8, heads: 2, layers: 2, causal: true, rotary: true });
    const cell = nn.lstm(8, 4);
    const step = (p: never, q: never, x: Tensor, cache: never, state: never, position: Tensor) => ({
      attended: model.step(p, x, cache, position),
      stepped: cell.step(q, x, state),
    });
    const args = [
      single(shaken(model.init(key(1)))),
      single(shaken(cell.init(key(2)))),
      normal(key(3), [2, 8]),
      single(shaken(model.initCache(2, 6))),
      cell.initState(2),
      int64([3], []),
    ];
    const compiled = jit(step as never, runtime) as unknown as (...args: unknown[]) => Promise<unknown>;
    const found = leaves<HostArray>(await compiled(...args)).flatMap(toNumbers);
    const expected = leaves<HostArray>(reference(step as never)(...args)).flatMap(toNumbers);
    expect(found).toHaveLength(expected.length);
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 4);
    });
  });
});
