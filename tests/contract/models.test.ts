import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { UsageError } from "../../src/base/errors.ts";
import { HostArray, zeros } from "../../src/base/host.ts";
import { sizeOf } from "../../src/base/shape.ts";
import { leaves, mapTree, namedLeaves } from "../../src/base/tree.ts";
import { gradients, type Spec, type Tensor } from "../../src/graph/index.ts";
import { bind, drawNoise } from "../../src/models/bound.ts";
import {
  type AnyModel,
  can,
  capabilityNames,
  type GraphFunction,
  type ModelEntry,
  type Named,
  type TrainingConfig,
} from "../../src/models/contract.ts";
import { modelEntry, registry } from "../../src/models/registry.ts";
import { fold, key, uniform } from "../../src/random/index.ts";
import { jit, type Runtime, referenceRuntime } from "../../src/runtime/index.ts";
import { nativeRuntime } from "../../src/runtime/ort/native.node.ts";
import { phaseFeed } from "../../src/training/feed.ts";
import { decodeParams, encodeParams, evaluationParams, examples, type TrainingData } from "../../src/training/index.ts";
import { presetsTitle, type SmallPreset, smallPresets } from "../support/presets.ts";
import { allEvents, bits, ofType, tinyDataset } from "../support/tiny.ts";

type Floats = HostArray<"float32">;

const classes = ["even", "odd", "other"];
const tiny = (options: Parameters<typeof tinyDataset>[0]): TrainingData => ({
  dataset: tinyDataset(options),
  encoding: {},
});
const image = [1, 8, 8];

/** A kind of data a model may be made for, and options it then needs. */
interface World {
  readonly data: TrainingData;
  readonly options?: Record<string, unknown>;
}

const worlds: Record<string, World> = {
  "binary images": { data: tiny({ shape: image }) },
  "images of bytes": { data: tiny({ shape: image, values: "bytes" }) },
  "real vectors": { data: tiny({ shape: [6], values: "real" }) },
  "labelled images of bytes": {
    data: tiny({ shape: image, values: "bytes", classes }),
    options: { conditional: true },
  },
};

interface Case {
  readonly title: string;
  readonly entry: ModelEntry;
  readonly data: TrainingData;
  readonly preset: SmallPreset;
  readonly make: () => AnyModel;
  /** Whether it is tested with as many examples as take several runs of the engine. */
  readonly thorough: boolean;
}

/** The first preset meets every kind of data, the others binary images. */
function casesOf(entry: ModelEntry): Case[] {
  return smallPresets(entry, 8).flatMap((preset, i) => {
    const met = Object.entries(worlds).slice(0, i === 0 ? undefined : 1);
    return met.map(([name, { data, options = {} }]) => {
      const known = Object.fromEntries(Object.entries(options).filter(([option]) => option in entry.options.shape));
      const make = () => entry.make({ ...preset.config, ...known }, data.dataset.spec);
      return {
        title: `${entry.name}, ${presetsTitle(preset)}, ${name}`,
        entry,
        data,
        preset,
        make,
        thorough: i === 0 && name === "binary images",
      };
    });
  });
}

/** The ways the presets of a case train for a few steps, the same ones once. */
function shortTrainings({
  preset: { presets, trainings },
}: Case): (readonly [title: string, config: TrainingConfig])[] {
  const short = trainings.map((training) => ({ ...training, batchSize: 8, steps: 5, validateEvery: 5 }));
  const same = short.map((training) => JSON.stringify(training));
  return [...new Set(same)].map((each) => {
    const alike = presets.filter((_, i) => same[i] === each);
    return [
      same.every((other) => other === each) ? "" : `, trained as ${alike.join(", ")}`,
      short[same.indexOf(each)]!,
    ];
  });
}

/** Why a model cannot be made for a kind of data, when it says so. */
function refusal({ make }: Case): string | undefined {
  try {
    make();
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

let native: Runtime;
const reference = referenceRuntime();
beforeAll(async () => {
  native = await nativeRuntime({ threads: 1 });
});
afterAll(() => native.dispose());

const n = 6;
const close = (found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) => {
  expect(found.length).toBe(expected.length);
  const far = (i: number) => !(Math.abs(found[i]! - expected[i]!) <= tolerance * (1 + Math.abs(expected[i]!)));
  const wrong = Array.from(found, (value, i) => ({ i, found: value, expected: expected[i]! })).filter(({ i }) =>
    far(i),
  );
  expect(wrong).toEqual([]);
};

/** Inputs of a graph function: noise of its laws, the number 0, 0 and 1 for everything else. */
function inputsOf(fn: GraphFunction, batch: number): Named<Floats> {
  return mapTree<Spec, HostArray>(fn.inputs(batch), ({ shape, dtype }, name) => {
    if (dtype === "int64") return zeros("int64", shape);
    const k = fold(key(0), name);
    const law = fn.noise[name];
    return law ? drawNoise(law, k, shape) : new HostArray("float32", shape, uniform(k, shape).data.map(Math.round));
  }) as unknown as Named<Floats>;
}

for (const one of registry.flatMap(casesOf)) {
  const reason = refusal(one);
  if (reason !== undefined) {
    it.skip(`${one.title} (${reason})`, () => {});
    continue;
  }
  describe(one.title, () => {
    const { entry, data } = one;
    const model = one.make();
    const params = model.init(key(1));
    const on = bind(reference, params);
    const indices = Uint32Array.from({ length: n }, (_, i) => i);
    const given = examples(model, data, "train", indices, { key: key(2), epoch: 0 });
    const labels = model.conditional ? { labels: data.dataset.splits.train.labels!.subarray(0, n) } : {};
    const use = { key: key(3), ...labels };
    const { shape } = data.dataset.spec;

    it("begins with the same parameters for the same key, finite float32, and others for another", () => {
      expect(bits(model.init(key(1)))).toEqual(bits(params));
      expect(bits(model.init(key(2)))).not.toEqual(bits(params));
      for (const { dtype, data: values } of leaves<Floats>(params)) {
        expect(dtype).toBe("float32");
        expect(values.every(Number.isFinite)).toBe(true);
      }
    });

    it("has plain values as its configuration, which make the same model again", () => {
      const text = JSON.stringify(model.config);
      const again = entry.make(JSON.parse(text), data.dataset.spec);
      expect(JSON.stringify(again.config)).toBe(text);
      expect(entry.options.parse(model.config)).toEqual(model.config);
      expect(bits(again.init(key(1)))).toEqual(bits(params));
    });

    it("can do what it has a property for, and is called what the registry calls it", () => {
      for (const name of capabilityNames) expect(can(model, name)).toBe(typeof model[name] === "function");
      expect(model.name).toBe(entry.name);
      expect(model.data).toEqual(data.dataset.spec);
      expect(
        Object.keys(model)
          .filter((name) => (capabilityNames as readonly string[]).includes(name))
          .sort(),
      ).toEqual(capabilityNames.filter((name) => can(model, name)).sort());
    });

    if (model.learning.kind === "gradient")
      for (const phase of model.learning.phases)
        it(`feels every parameter that the phase ${phase.name} trains`, async () => {
          const paths = namedLeaves(params)
            .map(({ path }) => path)
            .filter((path) => phase.trains?.(path) ?? true);
          const slopes = jit(
            ((p: never, feed: never) => {
              const wrt = namedLeaves<Tensor>(p)
                .filter(({ path }) => paths.includes(path))
                .map(({ leaf }) => leaf);
              return gradients(phase.loss(p, feed).loss, wrt);
            }) as never,
            reference,
          ) as unknown as (...args: unknown[]) => Promise<Floats[]>;
          const found = await slopes(params, phaseFeed(phase, given, 10, key(4)));
          const still = paths.filter((_, i) => !found[i]!.data.some((value) => value !== 0 && Number.isFinite(value)));
          expect(still).toEqual([]);
        });

    it("samples in the shape and the values of its data, the same whatever the number drawn", async () => {
      if (!can(model, "sample")) return;
      const drawn = (count: number, seed = 5) =>
        model.sample(on, {
          count,
          key: key(seed),
          ...(model.conditional ? { labels: Array.from({ length: count }, (_, i) => i % classes.length) } : {}),
        });
      const [few, many] = [await drawn(2), await drawn(5)];
      expect(many.shape).toEqual([5, ...shape]);
      expect(many.data.slice(0, few.size)).toEqual(few.data);
      expect((await drawn(5)).data).toEqual(many.data);
      expect((await drawn(5, 6)).data).not.toEqual(many.data);
      if (data.dataset.spec.values === "binary")
        expect(many.data.every((value) => value === 0 || value === 1)).toBe(true);
      if (data.dataset.spec.values === "bytes")
        expect(many.data.every((value) => Math.abs(value * 255 - Math.round(value * 255)) < 1e-3)).toBe(true);
      expect(many.data.every(Number.isFinite)).toBe(true);
    });

    it("draws new samples and means however many are drawn, and the first ones do not depend on their number", async () => {
      if (!can(model, "sample")) return;
      const count = one.thorough ? 1203 : 123; // more than is computed at once
      const labelled = (size: number) => (model.conditional ? { labels: new Uint8Array(size) } : {});
      const fast = bind(native, params);
      for (const mean of can(model, "decode") ? [false, true] : [false]) {
        const drawn = (size: number) => model.sample(fast, { count: size, key: key(7), mean, ...labelled(size) });
        const { data: values } = await drawn(count);
        const width = sizeOf(shape);
        const rows = Array.from({ length: count }, (_, i) => values.subarray(i * width, (i + 1) * width).join());
        expect(new Set(rows).size).toBeGreaterThan(0.9 * count); // means may coincide where no unit of a layer is active
        const few = await drawn(3);
        const flips = few.data.filter((value, i) => Math.abs(value - values[i]!) > 1e-4 * (1 + Math.abs(value)));
        expect(flips.length).toBeLessThanOrEqual(1); // a draw may flip where its probability meets its uniform to rounding
      }
    });

    it("rates examples with a likelihood whose kind is stated", async () => {
      if (!can(model, "logProb")) return expect(entry.kind).toBe("none");
      const rated = await model.logProb(on, given.x, use);
      expect(rated.kind).toBe(entry.kind);
      expect(rated.via.length).toBeGreaterThan(3);
      expect(rated.nats.length).toBe(n);
      expect(rated.nats.every(Number.isFinite)).toBe(true);
      if (data.dataset.spec.values !== "real") expect(Math.max(...rated.nats)).toBeLessThanOrEqual(0);
      expect((await model.logProb(on, given.x, use)).nats).toEqual(rated.nats);
      const fast = await model.logProb(bind(native, params), given.x, use);
      close(fast.nats, rated.nats, 1e-4);
    });

    it("encodes to one code for each example and decodes codes to examples", async () => {
      if (!can(model, "encode") || !can(model, "decode")) return;
      const codes = await model.encode(on, given.x, use);
      expect(codes.shape[0]).toBe(n);
      const back = await model.decode(on, codes, use);
      expect(back.shape).toEqual([n, ...shape]);
      expect([...codes.data, ...back.data].every(Number.isFinite)).toBe(true);
    });

    it("fills what is missing and leaves what is observed, bit for bit", async () => {
      if (!can(model, "complete")) return;
      const observed = new HostArray("float32", given.x.shape, uniform(key(8), given.x.shape).data.map(Math.round));
      const holes = new HostArray(
        "float32",
        given.x.shape,
        Float32Array.from(given.x.data, (value, i) => (observed.data[i] ? value : Number.NaN)),
      );
      const done = await model.complete(on, holes, observed, { ...use, sweeps: 2 });
      expect(done.shape).toEqual(given.x.shape);
      const right = (value: number, i: number) =>
        observed.data[i] ? value === given.x.data[i] : Number.isFinite(value);
      expect(done.data.every(right)).toBe(true);
    });

    it("is the same model, bit for bit, after its parameters were stored and read", async () => {
      const read = decodeParams(encodeParams(params, model.name), model.init(key(99)), model.name, "a file");
      expect(bits(read)).toEqual(bits(params));
      const [name, fn] = Object.entries(model.functions)[0] ?? [];
      if (!fn) return; // a model that the host computes
      const [before, after] = [await on.run(fn, inputsOf(fn, 3)), await bind(reference, read).run(fn, inputsOf(fn, 3))];
      expect(bits(after), name).toEqual(bits(before));
    });

    for (const [name, fn] of Object.entries(model.functions))
      it(`runs its function ${name} with the inputs it declares, each row by itself, at any batch size`, async () => {
        expect(fn.doc.length).toBeGreaterThan(10);
        expect(Object.keys(fn.inputs(2))).toEqual(expect.arrayContaining(Object.keys(fn.noise)));
        const inputs = inputsOf(fn, 3);
        const outputs = await on.run(fn, inputs);
        const first = mapTree<Floats, Floats>(inputs, (input) => {
          const [rows, ...rest] = input.shape;
          return rows === undefined ? input : new HostArray("float32", [1, ...rest], input.data.slice(0, sizeOf(rest)));
        }) as unknown as Named<Floats>;
        const alone = await on.run(fn, first);
        const fast = await bind(native, params).run(fn, inputs);
        for (const [output, value] of Object.entries(outputs)) {
          expect(value.shape[0], output).toBe(3);
          expect(value.data.every(Number.isFinite)).toBe(true);
          expect(alone[output]!.data).toEqual(value.data.slice(0, value.size / 3));
          close(fast[output]!.data, value.data, 1e-4);
        }
      });

    for (const [title, config] of model.learning.kind === "gradient" ? shortTrainings(one) : [])
      it(`takes five training steps on the native engine as on the reference, to rounding${title}`, async () => {
        const trained = async (runtime: Runtime) => {
          const events = await allEvents(model, data, config, { seed: 4, runtime });
          const { state } = ofType(events, "checkpoint").at(-1)!;
          return { params: evaluationParams(state), figures: ofType(events, "validation")[0]!.metrics };
        };
        const [slow, fast] = [await trained(reference), await trained(native)];
        const moved = leaves<Floats>(slow.params).map(({ data: values }) => values);
        for (const [i, { data: values }] of leaves<Floats>(fast.params).entries()) close(values, moved[i]!, 2e-4);
        close(Object.values(fast.figures), Object.values(slow.figures), 1e-3);
        expect(bits(slow.params)).not.toEqual(bits(model.init(key(4))));
      });
  });
}

describe.each(registry.map((entry) => [entry.name, entry] as const))("the entry of %s", (name, entry) => {
  it("describes itself and every option, and finds its presets valid", () => {
    expect(modelEntry(name)).toBe(entry);
    expect(entry.title.length).toBeGreaterThan(3);
    expect(entry.paper).toMatch(/\b(19|20)\d\d\b/);
    for (const [option, schema] of Object.entries(entry.options.shape))
      expect((schema as z.ZodType).description, option).toBeTruthy();
    for (const { title, model } of Object.values(entry.presets)) {
      expect(title.length).toBeGreaterThan(3);
      expect(entry.options.safeParse(model).success).toBe(true);
    }
    expect(Object.keys(entry.options.shape)).toEqual(expect.arrayContaining([...(entry.changeable ?? [])]));
    expect(() => entry.options.parse({ nonsense: 1 })).toThrow(z.ZodError);
  });
});

it("an unknown model is refused with the nearest name", () => {
  for (const { name } of registry) expect(() => modelEntry(`${name}x`)).toThrow(`did you mean "${name}"`);
});
