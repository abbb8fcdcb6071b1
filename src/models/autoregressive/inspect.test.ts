import { describe, expect, it } from "vitest";
import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { mapTree } from "../../base/tree.ts";
import type { DataSpec } from "../../data/types.ts";
import { fold, key, normal, uniform } from "../../random/index.ts";
import { jit, referenceRuntime } from "../../runtime/index.ts";
import { conditionalTable } from "../baselines/table.ts";
import { bind, rows } from "../bound.ts";
import type { Params } from "../contract.ts";
import { fvsbn } from "./fvsbn.ts";
import { made } from "./made.ts";
import type { AutoregressiveModel } from "./model.ts";
import { pixelcnn } from "./pixelcnn/pixelcnn.ts";
import { gpt } from "./transformer/gpt.ts";
import { imageGpt } from "./transformer/image-gpt.ts";

type Floats = HostArray<"float32">;

const reference = referenceRuntime();
const binary: DataSpec = { shape: [1, 3, 3], values: "binary" };
const bytes: DataSpec = { shape: [1, 3, 3], values: "bytes" };
const text: DataSpec = { shape: [6], values: "tokens", vocabulary: 7 };
const options = { key: key(0) };

/** Parameters away from zero. */
const shaken = (model: AutoregressiveModel): Params =>
  mapTree<Floats, Floats>(model.init(key(1)), (value, path) => {
    const noise = normal(fold(key(2), path), value.shape).data;
    return new HostArray(
      "float32",
      value.shape,
      value.data.map((x, i) => x + 0.4 * noise[i]!),
    );
  }) as unknown as Params;

const bound = (model: AutoregressiveModel) => bind(reference, shaken(model));
const examplesOf = ({ shape, values }: DataSpec, count: number, levels: number): Floats => {
  const size = shape.reduce((a, b) => a * b, 1);
  const unit = values === "bytes" ? 255 : 1;
  return new HostArray(
    "float32",
    [count, ...shape],
    uniform(key(3), [count * size]).data.map((u) => Math.floor(u * levels) / unit),
  );
};

describe("surprise", () => {
  it("gives each variable's own −log p, which sums to −log p(x)", async () => {
    const model = fvsbn({}, binary);
    const on = bound(model);
    const x = examplesOf(binary, 5, 2);
    const { nats, order, orders } = await model.surprise(on, x, {});
    const { weight, bias } = on.params as unknown as Record<string, Floats>;
    for (let e = 0; e < 5; e++)
      for (let i = 0; i < 9; i++) {
        let logOdds = bias!.data[i]!;
        for (let j = 0; j < i; j++) logOdds += x.data[e * 9 + j]! * weight!.data[j * 9 + i]!;
        const said = x.data[e * 9 + i]! > 0.5 ? logOdds : -logOdds;
        expect(nats.data[e * 9 + i]).toBeCloseTo(Math.log1p(Math.exp(-said)), 5);
      }
    expect([nats.shape, order, orders]).toEqual([x.shape, 0, 1]);
  });

  it("of several orders is that of one, the first unless another is asked for", async () => {
    const model = made({ hidden: [8], orders: 3, masks: 3 }, binary);
    const on = bound(model);
    const x = examplesOf(binary, 4, 2);
    const { nats: whole } = await model.logProb(on, x, options);
    const sums: number[][] = [];
    for (let o = 0; o < model.factorisation.orders.length; o++) {
      const { nats, order, orders } = await model.surprise(on, x, { order: o });
      expect([order, orders]).toEqual([o, model.factorisation.orders.length]);
      sums.push(Array.from({ length: 4 }, (_, e) => rows(nats, e, e + 1).data.reduce((a, b) => a + b, 0)));
    }
    expect(sums.length).toBeGreaterThan(1);
    for (let e = 0; e < 4; e++) {
      const mean = sums.reduce((sum, each) => sum + Math.exp(-each[e]!), 0) / sums.length;
      expect(Math.log(mean)).toBeCloseTo(whole[e]!, 4);
    }
    await expect(model.surprise(on, x, { order: sums.length })).rejects.toThrow(UsageError);
  });

  it("is the same whatever the batch, and tells how far it is", async () => {
    const model = imageGpt({ layers: 1, heads: 1, headWidth: 4 }, bytes);
    const on = bound(model);
    const x = examplesOf(bytes, 7, 256);
    const done: number[] = [];
    const all = await model.surprise(on, x, { progress: (fraction) => done.push(fraction) });
    const last = await model.surprise(on, rows(x, 6, 7), {});
    expect(last.nats.data).toEqual(rows(all.nats, 6, 7).data);
    expect(done.at(-1)).toBe(1);
  });
});

/** ‖∂ logitsᵢ / ∂ xⱼ‖ without their mean, by central differences, root mean square over the examples: [D]. */
async function byDifferences(model: AutoregressiveModel, params: Params, x: Floats, variable: number, step: number) {
  const run = jit(((p: never, image: never) => model.factorisation.logits(p, { x: image })) as never, reference);
  const logits = async (values: Float32Array) => {
    const result = (await (run as never as (p: Params, x: Floats) => Promise<Floats>)(
      params,
      new HostArray("float32", x.shape, values),
    )) as Floats;
    const width = result.size / x.size;
    const size = x.size / x.shape[0]!;
    return Array.from({ length: x.shape[0]! }, (_, e) => {
      const own = Array.from(result.data.subarray((e * size + variable) * width, (e * size + variable + 1) * width));
      const mean = width === 1 ? 0 : own.reduce((a, b) => a + b, 0) / width;
      return own.map((value) => value - mean);
    });
  };
  const size = x.size / x.shape[0]!;
  const found: number[] = [];
  for (let j = 0; j < size; j++) {
    const moved = (by: number) => logits(x.data.map((value, at) => (at % size === j ? value + by : value)));
    const [up, down] = [await moved(step), await moved(-step)];
    const squares = up.flatMap((row, e) => row.map((value, v) => ((value - down[e]![v]!) / (2 * step)) ** 2));
    found.push(Math.sqrt(squares.reduce((a, b) => a + b, 0) / x.shape[0]!));
  }
  return found;
}

describe("causality", () => {
  it("is the derivative of the log-odds", async () => {
    const model = made({ hidden: [8] }, binary);
    const on = bound(model);
    const x = examplesOf(binary, 3, 2);
    const { strength, seen, before } = await model.causality(on, x, [5, 8], options);
    expect([strength.shape, seen.shape, before.shape]).toEqual([1, 2, 3].map(() => [2, 1, 3, 3]));
    for (const [v, variable] of [5, 8].entries()) {
      const wanted = await byDifferences(model, on.params, x, variable, 1e-3);
      rows(strength, v, v + 1).data.forEach((value, j) => {
        expect(Math.abs(value - wanted[j]!)).toBeLessThan(0.02 * (wanted[j]! + 0.02));
      });
    }
    expect([...before.data]).toEqual([1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
    expect([...seen.data].every((flag, at) => flag <= before.data[at]!)).toBe(true);
  });

  it("is the norm over the logits of many levels, in the mean over the directions", async () => {
    const model = pixelcnn({ filters: 3, blocks: 1, kernel: 3, head: 4 }, bytes);
    const on = bound(model);
    const x = examplesOf(bytes, 2, 256);
    const wanted = await byDifferences(model, on.params, x, 4, 1e-3);
    const { strength } = await model.causality(on, x, [4], { ...options, probes: 300 });
    strength.data.forEach((value, j) => {
      expect(Math.abs(value - wanted[j]!)).toBeLessThan(0.15 * wanted[j]! + 1e-3);
    });
    const few = await model.causality(on, x, [4], options);
    expect((await model.causality(on, x, [4], options)).strength.data).toEqual(few.strength.data);
  });

  it("sees through looked-up values: vectors of bytes, tokens, tables", async () => {
    const models = [
      { model: imageGpt({ layers: 1, heads: 1, headWidth: 4 }, bytes), x: examplesOf(bytes, 2, 256), at: 6 },
      { model: gpt({ layers: 1, heads: 1, headWidth: 4 }, text), x: examplesOf(text, 2, 7), at: 4 },
      { model: conditionalTable({ order: 3 }, binary), x: examplesOf(binary, 2, 2), at: 8 },
    ];
    for (const { model, x, at } of models) {
      const on = bound(model);
      const { smooth, logits } = model.factorisation;
      const run = (fn: unknown) =>
        (
          jit(((p: never, image: never) => (fn as typeof logits)(p, { x: image })) as never, reference) as never as (
            p: Params,
            x: Floats,
          ) => Promise<Floats>
        )(on.params, x);
      expect((await run(smooth)).data).toEqual((await run(logits)).data);
      const { seen, before } = await model.causality(on, x, [at], options);
      expect([...before.data].reduce((a, b) => a + b, 0)).toBe(at);
      const context = model.name === "conditional-table" ? [4, 5, 7] : Array.from({ length: at }, (_, j) => j);
      expect([...seen.data].flatMap((flag, j) => (flag ? [j] : []))).toEqual(context);
    }
  });

  it("of a table is what flipping a pixel does to the log-odds", async () => {
    const model = conditionalTable({ order: 3 }, binary);
    const on = bound(model);
    const x = examplesOf(binary, 1, 2);
    const { strength } = await model.causality(on, x, [8], options);
    const run = jit(((p: never, image: never) => model.factorisation.logits(p, { x: image })) as never, reference);
    const logOdds = async (values: Float32Array) =>
      (
        await (run as never as (p: Params, x: Floats) => Promise<Floats>)(
          on.params,
          new HostArray("float32", x.shape, values),
        )
      ).data[8]!;
    for (const j of [4, 5, 7, 0]) {
      const flipped = x.data.map((value, at) => (at === j ? 1 - value : value));
      expect(strength.data[j]).toBeCloseTo(Math.abs((await logOdds(flipped)) - (await logOdds(x.data))), 5);
    }
  });

  it("refuses variables that are none, orders that are none, and no examples", async () => {
    const model = gpt({ layers: 1, heads: 1, headWidth: 4 }, text);
    const on = bound(model);
    const x = examplesOf(text, 1, 7);
    await expect(model.causality(on, x, [6], options)).rejects.toThrow(/no variable 6: examples have 6/);
    await expect(model.causality(on, x, [0], options)).rejects.toThrow(/first token is given/);
    await expect(model.causality(on, x, [2], { ...options, order: 1 })).rejects.toThrow(/just number 0/);
    await expect(model.causality(on, rows(x, 0, 0), [2], options)).rejects.toThrow(/at least one/);
  });
});
