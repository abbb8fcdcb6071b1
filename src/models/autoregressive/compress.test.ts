import { describe, expect, it } from "vitest";
import { HostArray } from "../../base/host.ts";
import { mapTree } from "../../base/tree.ts";
import { embedded } from "../../data/embedded.ts";
import type { DataSpec } from "../../data/types.ts";
import { key, normal } from "../../random/index.ts";
import { wasmRuntime } from "../../runtime/index.ts";
import { nativeRuntime } from "../../runtime/ort/native.node.ts";
import { bind } from "../bound.ts";
import { can, type Params } from "../contract.ts";
import { modelEntry } from "../registry.ts";
import { compression } from "./compress.ts";
import { fvsbn } from "./fvsbn.ts";
import { naive } from "./naive.ts";

const native = await nativeRuntime({ threads: 1 });
const data: DataSpec = { shape: [1, 28, 28], values: "binary" };
const model = fvsbn({}, data);

/** Weights with the spread of trained ones, biases that make ones rare. */
const params = {
  weight: new HostArray(
    "float32",
    [784, 784],
    normal(key(1), [784, 784]).data.map((e) => 0.1 * e),
  ),
  bias: new HostArray("float32", [784], new Float32Array(784).fill(-3)),
} as unknown as Params;

/** Generated digits, binarised at the middle. */
function digits(count: number) {
  const { x } = embedded("digits", { counts: { train: count, valid: 1, test: 1 } }).splits.train;
  return new HostArray(
    "float32",
    [count, ...data.shape],
    Float32Array.from(x.subarray(0, count * 784), (v) => Number(v >= 128)),
  );
}

/** The same model as if it had no generation of its own: every variable costs the decoder a pass. */
const slow = () =>
  compression({
    factorisation: model.factorisation,
    cached: naive(model.factorisation, data.shape),
    classes: 0,
    shape: data.shape,
    unit: 1,
    ownCache: false,
    batch: 4,
  });

describe("compression of digits", () => {
  it("splits into streams, whose last is shorter, and comes back in WebAssembly", async () => {
    const x = digits(103);
    const packed = await model.compress!(bind(native, params), x, {});
    expect(packed.streams).toHaveLength(2);
    const back = await model.decompress!(bind(await wasmRuntime({ threads: 1 }), params), packed, {});
    expect(back).toEqual(x);
  });

  it("codes from one pass over all variables what a decoder reads pass by pass", async () => {
    const small: DataSpec = { shape: [1, 6, 6], values: "binary" };
    const tiny = fvsbn({ initialScale: 1 }, small);
    const own = tiny.init(key(2));
    const codec = { factorisation: tiny.factorisation, classes: 0, shape: small.shape, unit: 1, batch: 4 };
    const cached = naive(tiny.factorisation, small.shape);
    const x = new HostArray(
      "float32",
      [7, 1, 6, 6],
      Float32Array.from(normal(key(3), [252]).data, (v) => Number(v > 0.5)),
    );
    const on = bind(native, own);
    const parallel = await compression({ ...codec, cached, ownCache: false }).compress(on, x, {});
    const stepwise = await compression({ ...codec, cached, ownCache: true }).compress(on, x, {});
    expect(parallel.streams).toEqual(stepwise.streams);
    expect(await compression({ ...codec, cached, ownCache: false }).decompress(on, parallel, {})).toEqual(x);
  });

  it("takes as many bits as the likelihood in float32 says", async () => {
    const x = digits(40);
    const on = bind(native, params);
    const { modelBits, streams } = await slow().compress(on, x, {});
    const { nats } = await model.logProb(on, x, { key: key(0) });
    const likelihood = -nats.reduce((a, b) => a + b, 0) / Math.LN2;
    expect(Math.abs(modelBits / likelihood - 1)).toBeLessThan(1e-3);
    const bits = 8 * streams.reduce((sum, { length }) => sum + length, 0);
    expect(bits).toBeLessThan(1.001 * likelihood + 16 * streams.length);
  });

  it("needs the labels of a conditional model on both sides", async () => {
    const entry = modelEntry("gated-pixelcnn");
    const spec: DataSpec = { shape: [1, 5, 5], values: "binary", classes: ["a", "b", "c"] };
    const config = { ...Object.values(entry.presets)[0]!.model, channels: 4, layers: 2, conditional: true };
    const labelled = entry.make(entry.options.parse(config), spec);
    if (!can(labelled, "compress") || !can(labelled, "decompress")) throw new Error("cannot compress");
    const noise = (leaf: HostArray) =>
      new HostArray(
        "float32",
        leaf.shape,
        normal(key(leaf.size), leaf.shape).data.map((e) => 0.5 * e),
      );
    const on = bind(native, mapTree<HostArray, HostArray>(labelled.init(key(0)), noise) as Params);
    const x = new HostArray(
      "float32",
      [4, 1, 5, 5],
      Float32Array.from(normal(key(3), [100]).data, (v) => Number(v > 0.5)),
    );
    const packed = await labelled.compress(on, x, { labels: [0, 1, 2, 1] });
    expect(await labelled.decompress(on, packed, { labels: [0, 1, 2, 1] })).toEqual(x);
    expect(await labelled.decompress(on, packed, { labels: [2, 1, 0, 0] })).not.toEqual(x);
    await expect(labelled.compress(on, x, {})).rejects.toThrow(/give one for each example/);
  });

  it("says which value cannot be coded", async () => {
    const x = digits(2);
    x.data[784 + 5] = 0.5;
    await expect(model.compress!(bind(native, params), x, {})).rejects.toThrow(
      /Example 2 has the value 0.5 at position 6; only 2 equal steps of 1 from 0 on can be coded/,
    );
  });
});
