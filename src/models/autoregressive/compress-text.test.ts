import { expect, it } from "vitest";
import { HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import { key, normal } from "../../random/index.ts";
import { wasmRuntime } from "../../runtime/index.ts";
import { nativeRuntime } from "../../runtime/ort/native.node.ts";
import { bind } from "../bound.ts";
import { can } from "../contract.ts";
import { modelEntry } from "../registry.ts";

const CONTEXT = 12;
const VOCABULARY = 11;
const data: DataSpec = { shape: [CONTEXT + 1], values: "tokens", vocabulary: VOCABULARY };
const entry = modelEntry("gpt");
const small = { ...Object.values(entry.presets)[0]!.model, layers: 2, heads: 2, headWidth: 4, hidden: 16 };

const text = (count: number) =>
  new HostArray(
    "float32",
    [1, count],
    Float32Array.from(normal(key(4), [count]).data, (v) => Math.min(VOCABULARY - 1, Math.floor(Math.abs(v) * 5))),
  );

const model = entry.make(entry.options.parse(small), data);
if (!can(model, "compress") || !can(model, "decompress") || !can(model, "logProb")) throw new Error("cannot compress");
const on = bind(await nativeRuntime({ threads: 1 }), model.init(key(0)));

it.each([1, 2, 13, 14, 200])("a text of %d tokens comes back, in WebAssembly", async (count) => {
  const x = text(count);
  const packed = await model.compress(on, x, {});
  expect(packed.batch).toBe(Math.max(1, Math.floor(count / (4 * CONTEXT))));
  const other = bind(await wasmRuntime({ threads: 1 }), on.params);
  expect(await model.decompress(other, packed, {})).toEqual(x);
});

it("a part takes as many bits as its windows' likelihood and its first token", async () => {
  const windows = 3;
  const x = text(windows * CONTEXT + 1);
  const { modelBits, batch } = await model.compress(on, x, {});
  expect(batch).toBe(1);
  const cut = Array.from({ length: windows }, (_, i) => [
    ...x.data.subarray(i * CONTEXT, (i + 1) * CONTEXT + 1),
  ]).flat();
  const examples = new HostArray("float32", [windows, CONTEXT + 1], Float32Array.from(cut));
  const { nats } = await model.logProb(on, examples, { key: key(0) });
  const likelihood = -nats.reduce((a, b) => a + b, 0) / Math.LN2;
  expect(Math.abs(modelBits - Math.log2(VOCABULARY) - likelihood)).toBeLessThan(0.002 * likelihood);
});

it("lists of framed lines are not text of any length", () => {
  const framed = entry.make(entry.options.parse(small), { ...data, boundary: 0 });
  expect(can(framed, "compress")).toBe(false);
});
