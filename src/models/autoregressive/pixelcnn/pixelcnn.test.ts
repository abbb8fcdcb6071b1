import { describe, expect, it } from "vitest";
import { UsageError } from "../../../base/errors.ts";
import { HostArray } from "../../../base/host.ts";
import { sizeOf } from "../../../base/shape.ts";
import { mapTree } from "../../../base/tree.ts";
import type { DataSpec } from "../../../data/types.ts";
import { gradients, type Tensor } from "../../../graph/index.ts";
import { fold, key, normal, uniform } from "../../../random/index.ts";
import { jit, referenceRuntime } from "../../../runtime/index.ts";
import { nativeRuntime } from "../../../runtime/ort/native.node.ts";
import { bind, drawNoise } from "../../bound.ts";
import type { GraphFunction, Params } from "../../contract.ts";
import { logConditionals } from "../density.ts";
import type { Cached, Factorisation, Given } from "../factorisation.ts";
import { batchGenerator } from "../generate.ts";
import type { AutoregressiveModel } from "../model.ts";
import { naive } from "../naive.ts";
import { gatedPixelcnn } from "./gated.ts";
import { pixelcnn } from "./pixelcnn.ts";
import { pixelcnnPlusPlus } from "./plus-plus.ts";

type Floats = HostArray<"float32">;

const native = await nativeRuntime({ threads: 1 });
const reference = referenceRuntime();

const binary = (height: number, width: number): DataSpec => ({ shape: [1, height, width], values: "binary" });
const colour: DataSpec = { shape: [3, 4, 4], values: "bytes" };
const labelled: DataSpec = { shape: [1, 4, 4], values: "binary", classes: ["a", "b"] };

/** Small models of the family by name. */
const makers: Record<string, (data: DataSpec, more?: Record<string, unknown>) => AutoregressiveModel> = {
  pixelcnn: (data, more) => pixelcnn({ filters: 6, blocks: 2, head: 12, ...more }, data),
  "gated-pixelcnn": (data, more) =>
    gatedPixelcnn({ channels: 6, layers: 3, dilations: [1, 2], head: 12, ...more }, data),
  "pixelcnn++": (data, more) => pixelcnnPlusPlus({ filters: 6, blocks: 1, levels: 2, mixture: 3, ...more }, data),
};

/** Parameters away from their initial values, where labels do nothing. */
function shaken(params: Params): Params {
  let leaf = 0;
  return mapTree<Floats, Floats>(params, (value) => {
    const noise = normal(fold(key(7), leaf++), value.shape).data;
    const data = value.data.map((x, i) => x + 0.3 * noise[i]!);
    return new HostArray("float32", value.shape, data);
  }) as unknown as Params;
}

const functionOf = (apply: (params: never, given: Given) => Tensor): GraphFunction => ({
  doc: "",
  inputs: () => ({}),
  noise: {},
  apply: (params, inputs) => ({ y: apply(params as never, inputs as unknown as Given) }),
});

/** Random images of bytes or bits in model units. */
function images(data: DataSpec, count: number, seed = 1): Floats {
  const draws = uniform(key(seed), [count, ...data.shape]);
  const levels = data.values === "bytes" ? 256 : 2;
  return new HostArray(
    "float32",
    draws.shape,
    draws.data.map((u) => Math.floor(u * levels) / (levels - 1)),
  );
}

/** The pixels a pixel's logit depends on in some image, as "row,column" sorted. */
async function seenBy(model: AutoregressiveModel, [row, column]: readonly [number, number]): Promise<string[]> {
  const [, height, width] = model.data.shape as [number, number, number];
  const params = shaken(model.init(key(1)));
  const slope = (p: never, x: Tensor) =>
    gradients(
      model.factorisation
        .logits(p, { x })
        .gather(row * width + column, 1)
        .sum(),
      [x],
    )[0]!
      .abs()
      .max(0);
  const run = jit(slope as never, reference) as unknown as (p: Params, x: Floats) => Promise<Floats>;
  const slopes = (await run(params, images(model.data, 6))).data;
  const places = Array.from({ length: height * width }, (_, i) => i).filter((i) => slopes[i]! > 0);
  return places.map((i) => `${Math.floor(i / width)},${i % width}`).sort();
}

/** Steps of one layer after another from a pixel, each a list of [rows, columns] it may go. */
function reached(start: readonly [number, number], layers: readonly (readonly (readonly [number, number])[])[]) {
  let at = new Set([start.join()]);
  for (const steps of layers) {
    const positions = [...at].map((place) => place.split(",").map(Number) as [number, number]);
    at = new Set(positions.flatMap(([r, c]) => steps.map(([dr, dc]) => [r + dr, c + dc].join())));
  }
  return at;
}

describe("what a pixel sees", () => {
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const [height, width] = [7, 13];
  const pixel = [6, 6] as const;
  const inside = (place: string) => {
    const [r, c] = place.split(",").map(Number) as [number, number];
    return r >= 0 && c >= 0 && r < height && c < width;
  };

  it("of a PixelCNN are the pixels its masked kernels lead to, with a blind spot to the right", async () => {
    const maskA = [
      ...range(-3, -1).flatMap((r) => range(-3, 3).map((c) => [r, c] as const)),
      ...range(-3, -1).map((c) => [0, c] as const),
    ];
    const maskB = [[-1, -1], [-1, 0], [-1, 1], [0, -1], [0, 0]] as const; // biome-ignore format: a kernel
    const expected = [...reached(pixel, [maskB, maskB, maskA])].filter(inside).sort();
    const seen = await seenBy(makers.pixelcnn!(binary(height, width)), pixel);
    expect(seen).toEqual(expected);
    expect(seen).not.toContain("5,10");
    expect(seen).toContain("4,10");
  });

  it("of a Gated PixelCNN are all above within its height and all to the left: no blind spot", async () => {
    const model = makers["gated-pixelcnn"]!(binary(height, width), { dilations: [2, 1], kernel: 7 });
    const above = range(0, 5).flatMap((r) => range(0, width - 1).map((c) => `${r},${c}`));
    const left = range(0, 5).map((c) => `6,${c}`);
    expect(await seenBy(model, pixel)).toEqual([...above, ...left].sort());
  });

  it("of a PixelCNN++ are all pixels above and to the left", async () => {
    const model = makers["pixelcnn++"]!(binary(5, 5), { blocks: 2 });
    const above = range(0, 3).flatMap((r) => range(0, 4).map((c) => `${r},${c}`));
    expect(await seenBy(model, [4, 2])).toEqual([...above, "4,0", "4,1"].sort());
  });
});

describe.each(Object.entries(makers))("%s on colour images", (_, make) => {
  const model = make(colour);
  const f: Factorisation = model.factorisation;
  const on = bind(native, shaken(model.init(key(2))));
  const size = sizeOf(colour.shape);
  const conditionals = functionOf((p, given) => logConditionals(f, 1 / 255, p, given));
  const logits = functionOf((p, given) => f.logits(p, given));

  it("a conditional depends on all variables before it and on none after: red, green, blue, then the next pixel", async () => {
    // Image k has the k-th variable of the order changed; the last image is as it was.
    const x = images(colour, 1);
    const changed = new HostArray("float32", [size + 1, ...colour.shape], new Float32Array((size + 1) * size));
    for (let k = 0; k <= size; k++) changed.data.set(x.data, k * size);
    f.orders[0]!.forEach((place, k) => {
      changed.data[k * size + place] = x.data[place]! < 0.5 ? 1 : 0;
    });
    const { y } = await on.run(logits, { x: changed });
    const levels = 256;
    const differs = (image: number, place: number) => {
      const at = (i: number) => y!.data.subarray((i * size + place) * levels, (i * size + place + 1) * levels);
      const [own, plain] = [at(image), at(size)];
      return own.reduce((most, value, l) => Math.max(most, Math.abs(value - plain[l]!)), 0) > 2e-5;
    };
    let seen = 0;
    const byNext = [0, 0, 0]; // of each colour, how many depend on the very variable before
    f.orders[0]!.forEach((place, later) => {
      for (let k = 0; k < size; k++) {
        if (k >= later) expect([k, later, differs(k, place)]).toEqual([k, later, false]);
        else if (differs(k, place)) seen++;
      }
      if (later > 0 && differs(later - 1, place)) byNext[later % 3]!++;
    });
    for (const count of byNext) expect(count).toBeGreaterThan(8); // of 16; rectifiers hide some
    expect(seen).toBeGreaterThan((0.5 * size * (size - 1)) / 2);
  });

  it("gives every variable 256 probabilities that sum to one, and the conditionals are among them", async () => {
    const x = images(colour, 2, 3);
    const { y } = await on.run(logits, { x });
    const { y: each } = await on.run(conditionals, { x });
    expect(y!.shape).toEqual([2, size, 256]);
    for (let i = 0; i < 2 * size; i++) {
      const row = Array.from(y!.data.subarray(i * 256, (i + 1) * 256), Math.exp);
      const total = row.reduce((a, b) => a + b, 0);
      if (f.logConditionals) expect(total).toBeCloseTo(1, 4);
      const value = Math.round(x.data[i]! * 255);
      expect(Math.log(row[value]! / total)).toBeCloseTo(each!.data[i]!, 3);
    }
  });

  it("draws the same row by row, variable by variable and from whole passes", async () => {
    const batch = 3;
    const uniforms = drawNoise("uniform", key(4), [batch, size]);
    const parts = { factorisation: f, unit: 1 / 255, size };
    const { rows: _, ...single } = f.cached ?? naive(f, colour.shape);
    const oracle = await batchGenerator({ ...parts, cached: naive(f, colour.shape) })(on, { uniforms }, {});
    for (const cached of [f.cached ?? naive(f, colour.shape), single]) {
      const { values } = await batchGenerator({ ...parts, cached })(on, { uniforms }, {});
      expect(values.data).toEqual(oracle.values.data);
    }
    expect(new Set(oracle.values.data).size).toBeGreaterThan(20);
  });
});

describe.each(Object.entries(makers))("%s compresses colour images", (_, make) => {
  it("and gets them back, in about as many bits as their probability says", async () => {
    const model = make(colour);
    const on = bind(native, shaken(model.init(key(10))));
    const x = images(colour, 3, 11);
    const packed = await model.compress!(on, x, {});
    expect((await model.decompress!(on, packed, {})).data).toEqual(x.data);
    const bits = packed.streams.reduce((sum, stream) => sum + 8 * stream.length, 0);
    const { nats } = await model.logProb(on, x, { key: key(0) });
    const expected = -nats.reduce((a, b) => a + b, 0) / Math.LN2;
    expect(Math.abs(bits / expected - 1)).toBeLessThan(0.02);
  });
});

describe.each(Object.entries(makers))("%s on images of odd sizes", (name, make) => {
  it("draws the same from its caches as from whole passes", async () => {
    const data = binary(7, 6);
    const model = make(data, name === "pixelcnn++" ? { levels: 3, blocks: 1 } : {});
    const f = model.factorisation;
    const on = bind(native, shaken(model.init(key(8))));
    const uniforms = drawNoise("uniform", key(9), [5, 42]);
    const draw = (cached: Cached) =>
      batchGenerator({ factorisation: f, unit: 1, size: 42, cached })(on, { uniforms }, {});
    const [slow, fast] = [await draw(naive(f, data.shape)), await draw(f.cached!)];
    expect(fast.values.data).toEqual(slow.values.data);
    expect(slow.values.data.filter((v) => v > 0).length).toBeGreaterThan(5);
  });
});

describe.each(["gated-pixelcnn", "pixelcnn++"])("%s with labels", (name) => {
  const model = makers[name]!(labelled, { conditional: true });
  const size = sizeOf(labelled.shape);
  const one = (label: number, count = 1) => new Array<number>(count).fill(label);

  it("gives other probabilities for another label, and none before it has learnt them", async () => {
    const x = images(labelled, 4);
    const initial = model.init(key(5));
    for (const [params, same] of [
      [name === "gated-pixelcnn" ? initial : undefined, true],
      [shaken(initial), false],
    ] as const) {
      if (!params) continue;
      const on = bind(native, params);
      const [a, b] = [
        await model.logProb(on, x, { key: key(0), labels: one(0, 4) }),
        await model.logProb(on, x, { key: key(0), labels: one(1, 4) }),
      ];
      a.nats.forEach((nats, i) => {
        expect(Math.abs(nats - b.nats[i]!) < 1e-6).toBe(same);
      });
    }
  });

  it("draws the same from its caches as from whole passes", async () => {
    const on = bind(native, shaken(model.init(key(5))));
    const f = model.factorisation;
    const uniforms = drawNoise("uniform", key(4), [2, size]);
    const labels = new HostArray("float32", [2, 2], Float32Array.of(1, 0, 0, 1));
    const parts = { factorisation: f, unit: 1, size };
    const slow = await batchGenerator({ ...parts, cached: naive(f, labelled.shape) })(on, { uniforms, labels }, {});
    const fast = await batchGenerator({ ...parts, cached: f.cached ?? naive(f, labelled.shape) })(
      on,
      { uniforms, labels },
      {},
    );
    expect(fast.values.data).toEqual(slow.values.data);
  });

  it("refuses data without labels in one sentence", () => {
    expect(() => makers[name]!(binary(4, 4), { conditional: true })).toThrow(UsageError);
  });
});

describe("dropout", () => {
  it.each(["gated-pixelcnn", "pixelcnn++"])("switches features of %s off in training alone", async (name) => {
    const data = binary(4, 4);
    const model = makers[name]!(data, { dropout: 0.5 });
    const phase = model.learning.kind === "gradient" ? model.learning.phases[0]! : undefined;
    const x = images(data, 4);
    const shapes = phase!.noise(4);
    const run = async (noise: (k: string, shape: readonly number[]) => Floats) => {
      const fn = functionOf((p, given) => phase!.loss(p, { ...given, scalars: {} } as never).loss);
      const drawn = Object.fromEntries(Object.entries(shapes).map(([k, { shape }]) => [k, noise(k, shape)]));
      return (await bind(native, shaken(model.init(key(6)))).run(fn, { x, noise: drawn } as never)).y!.data[0]!;
    };
    const first = await run((k, shape) => drawNoise("uniform", fold(key(1), k), shape));
    const second = await run((k, shape) => drawNoise("uniform", fold(key(2), k), shape));
    expect(first).not.toBeCloseTo(second, 3);
    const on = bind(native, shaken(model.init(key(6))));
    const plain = makers[name]!(data);
    const options = { key: key(0) };
    expect((await model.logProb(on, x, options)).nats).toEqual((await plain.logProb(on, x, options)).nats);
  });
});

describe("what they refuse", () => {
  it.each(Object.entries(makers))("%s: vectors, real numbers, images of one row", (_, make) => {
    expect(() => make({ shape: [16], values: "binary" })).toThrow(/models images/);
    expect(() => make({ shape: [1, 4, 4], values: "real" })).toThrow(UsageError);
    expect(() => make(binary(1, 8))).toThrow(/at least 2×2/);
  });

  it("too few features for the colours, and channels a mixture of colours does not know", () => {
    expect(() => makers.pixelcnn!(colour, { filters: 1 })).toThrow(/too few for 3 colours/);
    expect(() => makers["pixelcnn++"]!({ shape: [2, 4, 4], values: "bytes" })).toThrow(/2 channels/);
  });
});
