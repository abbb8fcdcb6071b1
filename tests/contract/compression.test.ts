import { afterAll, describe, expect, it } from "vitest";
import { UsageError } from "../../src/base/errors.ts";
import { HostArray, int64 } from "../../src/base/host.ts";
import type { DataSpec } from "../../src/data/types.ts";
import { bind } from "../../src/models/bound.ts";
import { type AnyModel, can, type ModelEntry, type Params } from "../../src/models/contract.ts";
import { oneHotRows } from "../../src/models/labels.ts";
import { registry } from "../../src/models/registry.ts";
import { key, normal } from "../../src/random/index.ts";
import { type Runtime, referenceRuntime, wasmRuntime } from "../../src/runtime/index.ts";
import { nativeRuntime } from "../../src/runtime/ort/native.node.ts";
import { presetsTitle, type SmallPreset, shaken, smallPresets } from "../support/presets.ts";
import { bits } from "../support/tiny.ts";

/*
 * What must hold for every model that compresses, its first preset made small: any engine decodes what any other encoded, and
 * the bytes are as many as the model's own likelihood says.
 */

type Floats = HostArray<"float32">;

const native = await nativeRuntime({ threads: 1 });
const decoders: [string, Runtime][] = [
  ["the native engine, 2 threads", await nativeRuntime({ threads: 2 })],
  ["WebAssembly", await wasmRuntime({ threads: 1 })],
  ["the reference interpreter", referenceRuntime({ keepDouble: true })],
];

const COUNT = 20;
const specs: DataSpec[] = [
  { shape: [1, 3, 3], values: "binary", classes: ["a", "b"] },
  { shape: [1, 3, 3], values: "bytes", classes: ["a", "b"] },
];

function examplesOf({ shape, values }: DataSpec): Floats {
  const size = shape.reduce((a, b) => a * b);
  const noise = normal(key(3), [COUNT * size]).data;
  const value = (x: number) =>
    values === "binary" ? Number(x > 0.4) : Math.min(255, Math.floor(Math.abs(x) * 90)) / 255;
  return new HostArray("float32", [COUNT, ...shape], Float32Array.from(noise, value));
}

const labels = Array.from({ length: COUNT }, (_, i) => i % 2);

type Case = [name: string, model: AnyModel, spec: DataSpec];

function made(entry: ModelEntry, config: SmallPreset["config"], spec: DataSpec): AnyModel | undefined {
  try {
    return entry.make(config, spec);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

const cases = registry.flatMap((entry) =>
  smallPresets(entry, 6)
    .slice(0, 1)
    .flatMap((preset) =>
      specs.flatMap((spec): Case[] => {
        const model = made(entry, preset.config, spec);
        if (!model || !can(model, "compress")) return [];
        return [[`${entry.name}, ${presetsTitle(preset)}, ${spec.values} ${spec.shape.join("×")}`, model, spec]];
      }),
    ),
);

/** Whether parameters are tables whose numbers depend on one another: noise would only damage them. */
const elastic = ({ learning }: AnyModel) => learning.kind === "closed-form" && learning.elastic === true;

/** log p of all examples, in the first order of models that have several. */
async function inFirstOrder(model: AnyModel, params: Params, x: Floats): Promise<number> {
  if (!can(model, "logProb")) throw new Error("not possible");
  const on = bind(native, params);
  const { factorisation } = model as { factorisation?: { orders: readonly unknown[] } };
  const total = (nats: ArrayLike<number>) => Array.from(nats).reduce((sum, each) => sum + each, 0);
  if (!factorisation || factorisation.orders.length === 1)
    return total((await model.logProb(on, x, { key: key(0), ...(model.conditional ? { labels } : {}) })).nats);
  const given = { x, order: int64([0], []), ...(model.conditional ? { labels: oneHotRows(labels, 2) } : {}) };
  return total((await on.run(model.functions.logProb!, given)).logProb!.data);
}

describe.each(cases)("%s", (name, model, spec) => {
  const decoder = decoders[cases.findIndex((each) => each[0] === name) % decoders.length]!;
  if (!can(model, "compress") || !can(model, "decompress")) throw new Error("not possible");
  const params = elastic(model) ? model.init(key(1)) : shaken(model.init(key(1)), 0.1);
  const x = examplesOf(spec);
  const options = model.conditional ? { labels } : {};
  let coded: ReturnType<typeof model.compress> | undefined;
  const packed = () => (coded ??= model.compress(bind(native, params), x, options)); // at the first test, not while collecting

  it("takes as many bits as its likelihood in the first order says, to 1 % and two bytes a stream", async () => {
    const { streams, modelBits } = await packed();
    const likelihood = -(await inFirstOrder(model, params, x)) / Math.LN2;
    const bits = 8 * streams.reduce((sum, { length }) => sum + length, 0);
    expect(Math.abs(bits - modelBits)).toBeLessThan(1e-3 * modelBits + 16 * streams.length);
    expect(Math.abs(modelBits / likelihood - 1)).toBeLessThan(0.01);
  });

  it(`is decoded by ${decoder[0]} to the same examples`, async () => {
    const [, runtime] = decoder;
    const back = await model.decompress(bind(runtime, params), await packed(), options);
    expect(bits(back)).toEqual(bits(x));
  });
});

afterAll(async () => {
  for (const runtime of [native, ...decoders.map(([, each]) => each)]) await runtime.dispose();
});
