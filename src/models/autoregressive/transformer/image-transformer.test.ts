import { describe, expect, it } from "vitest";
import { HostArray } from "../../../base/host.ts";
import { sizeOf } from "../../../base/shape.ts";
import { mapTree, namedLeaves } from "../../../base/tree.ts";
import type { DataSpec } from "../../../data/types.ts";
import type { Tensor } from "../../../graph/index.ts";
import { fold, key, normal, uniform } from "../../../random/index.ts";
import { nativeRuntime } from "../../../runtime/ort/native.node.ts";
import { bind, drawNoise } from "../../bound.ts";
import type { GradientLearning, GraphFunction, Params } from "../../contract.ts";
import { logConditionals } from "../density.ts";
import type { Given } from "../factorisation.ts";
import { batchGenerator } from "../generate.ts";
import { naive } from "../naive.ts";
import { imageTransformer } from "./image-transformer.ts";

type Floats = HostArray<"float32">;

const runtime = await nativeRuntime({ threads: 1 });
const colour: DataSpec = { shape: [3, 4, 4], values: "bytes", classes: ["a", "b"] };
const body = { layers: 2, heads: 2, headWidth: 4 };
const kinds = {
  "pixels in 1-D blocks": { ...body, components: 3, block: 4, memory: 4 },
  "pixels in 2-D blocks": { ...body, components: 3, local: "2d", block2d: [2, 2], memory2d: [2, 1] },
  "values in 1-D blocks": { ...body, block: 12, memory: 12 },
};

/** Parameters away from their initial values. */
function shaken(params: Params): Params {
  let leaf = 0;
  return mapTree<Floats, Floats>(params, (value) => {
    const noise = normal(fold(key(7), leaf++), value.shape).data;
    return new HostArray(
      "float32",
      value.shape,
      value.data.map((x, i) => x + 0.2 * noise[i]!),
    );
  }) as unknown as Params;
}

const functionOf = (apply: (params: never, given: Given) => Tensor): GraphFunction => ({
  doc: "",
  inputs: () => ({}),
  noise: {},
  apply: (params, inputs) => ({ y: apply(params as never, inputs as unknown as Given) }),
});

const images = (count: number, seed: number) =>
  new HostArray(
    "float32",
    [count, 3, 4, 4],
    uniform(key(seed), [count, 48]).data.map((u) => Math.floor(256 * u) / 255),
  );

describe.each(Object.entries(kinds))("an Image Transformer over %s", (_, options) => {
  const model = imageTransformer(options, colour);
  const f = model.factorisation;
  const size = sizeOf(colour.shape);
  const on = bind(runtime, shaken(model.init(key(2))));
  const logits = functionOf((p, given) => f.logits(p, given));

  it("sees of every variable those before it alone, and the one right before", async () => {
    const x = images(1, 1);
    const changed = new HostArray("float32", [size + 1, 3, 4, 4], new Float32Array((size + 1) * size));
    for (let k = 0; k <= size; k++) changed.data.set(x.data, k * size);
    f.orders[0]!.forEach((place, k) => {
      changed.data[k * size + place] = x.data[place]! < 0.5 ? 1 : 0;
    });
    const { y } = await on.run(logits, { x: changed });
    const at = (image: number, place: number) =>
      y!.data.subarray((image * size + place) * 256, (image * size + place + 1) * 256);
    const differs = (image: number, place: number) => {
      const [own, plain] = [at(image, place), at(size, place)];
      return own.some((value, level) => Math.abs(value - plain[level]!) > 1e-4);
    };
    f.orders[0]!.forEach((place, later) => {
      for (let k = later; k < size; k++) expect([k, later, differs(k, place)]).toEqual([k, later, false]);
      if (later > 0) expect([later, differs(later - 1, place)]).toEqual([later, true]);
    });
  });

  it("gives every variable 256 probabilities, and its conditional is among them", async () => {
    const x = images(2, 3);
    const { y } = await on.run(logits, { x });
    const { y: each } = await on.run(
      functionOf((p, given) => logConditionals(f, 1 / 255, p, given)),
      { x },
    );
    for (let i = 0; i < 2 * size; i++) {
      const row = Array.from(y!.data.subarray(i * 256, (i + 1) * 256), Math.exp);
      const total = row.reduce((a, b) => a + b, 0);
      if ("components" in options) expect(total).toBeCloseTo(1, 4);
      expect(Math.log(row[Math.round(255 * x.data[i]!)]! / total)).toBeCloseTo(each!.data[i]!, 3);
    }
  });

  it("draws the same from its caches, step by step and from whole passes", async () => {
    const uniforms = drawNoise("uniform", key(4), [2, size]);
    const parts = { factorisation: f, unit: 1 / 255, size };
    const { rows: _rows, ...single } = f.cached!;
    const oracle = await batchGenerator({ ...parts, cached: naive(f, colour.shape) })(on, { uniforms }, {});
    for (const cached of [f.cached!, single])
      expect((await batchGenerator({ ...parts, cached })(on, { uniforms }, {})).values.data).toEqual(
        oracle.values.data,
      );
    expect(new Set(oracle.values.data).size).toBeGreaterThan(20);
  });
});

describe("an Image Transformer over pixels", () => {
  it("begins near the even distribution", async () => {
    const model = imageTransformer(kinds["pixels in 1-D blocks"], colour);
    const { nats } = await model.logProb(bind(runtime, model.init(key(1))), images(20, 5), { key: key(0) });
    const mean = nats.reduce((a, b) => a + b, 0) / 20;
    expect(Math.abs(-mean / (48 * Math.LN2) - 8)).toBeLessThan(0.6);
  });

  it("takes labels, and drops parts of its stream in training alone", async () => {
    const options = { ...kinds["pixels in 2-D blocks"], conditional: true, dropout: 0.5 };
    const model = imageTransformer(options, colour);
    const on = bind(runtime, shaken(model.init(key(2))));
    const x = images(1, 6);
    const [a, b] = [
      await model.logProb(on, x, { key: key(0), labels: [0] }),
      await model.logProb(on, x, { key: key(0), labels: [1] }),
    ];
    expect(a.nats[0]).not.toBeCloseTo(b.nats[0]!, 2);
    const phase = (model.learning as GradientLearning).phases[0]!;
    expect(Object.values(phase.noise(3))[0]).toEqual({ law: "bytes", shape: [3, 16, 8] });
    const labels = new HostArray("float32", [1, 2], Float32Array.of(1, 0));
    const loss = async (seed: number) => {
      const noise = Object.fromEntries(
        Object.entries(phase.noise(1)).map(([name, { law, shape }]) => [
          name,
          drawNoise(law, fold(key(seed), name), shape),
        ]),
      );
      const run = functionOf((p, given) => phase.loss(p, { ...given, scalars: {} } as never).loss);
      return (await on.run(run, { x, labels, noise } as never)).y!.data[0]!;
    };
    expect(await loss(1)).not.toBeCloseTo(await loss(2), 2);
  });

  it("refuses pixels that the mixture does not know", () => {
    expect(() => imageTransformer({ ...body, components: 3 }, { shape: [2, 4, 4], values: "bytes" })).toThrow(
      /2 channels/,
    );
  });
});

it("over values, untied, has vectors of its own for each colour's values and one read-out for all", () => {
  const leaves = namedLeaves<Floats>(imageTransformer(kinds["values in 1-D blocks"], colour).init(key(1)));
  const shapeOf = (name: string) => leaves.find(({ path }) => path === name)?.leaf.shape;
  expect(shapeOf("tokens")).toEqual([768, 8]);
  expect(shapeOf("head")).toEqual([8, 256]);
});
