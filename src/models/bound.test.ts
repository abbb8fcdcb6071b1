import { describe, expect, it } from "vitest";
import { counted } from "../../tests/support/tiny.ts";
import { UsageError } from "../base/errors.ts";
import { float32, toNested, zeros } from "../base/host.ts";
import { Spec, type Tensor } from "../graph/index.ts";
import { fold, key } from "../random/index.ts";
import { referenceRuntime } from "../runtime/index.ts";
import { bind, countParams, drawNoise, fillNoise, inChunks, rows } from "./bound.ts";
import type { GraphFunction } from "./contract.ts";
import { labelRows, oneHotRows } from "./labels.ts";

describe("noise", () => {
  for (const law of ["normal", "uniform", "gumbel", "bytes"] as const)
    it(`of the law ${law} is the same however it is split into batches`, () => {
      const k = fold(key(3), law);
      const whole = drawNoise(law, k, [11, 3]).data;
      for (const size of [1, 2, 5, 11])
        for (let start = 0; start < 11; start += size) {
          const n = Math.min(size, 11 - start);
          expect(drawNoise(law, k, [n, 3], 3 * start).data).toEqual(whole.slice(3 * start, 3 * (start + n)));
        }
      const buffer = new Float32Array(6).fill(9);
      fillNoise(law, k, buffer, 4);
      expect(buffer).toEqual(whole.slice(4, 10));
      expect(drawNoise(law, key(4), [11, 3]).data).not.toEqual(whole);
    });

  // 256 equally probable values: chi-square with 255 degrees of freedom is below 357 with probability 1 − 3e-5.
  it("of the law bytes takes the 256 values equally often", () => {
    const counts = new Float64Array(256);
    for (const value of drawNoise("bytes", key(5), [64_000]).data) counts[256 * value]!++;
    expect(counts.reduce((sum, count) => sum + (count - 250) ** 2 / 250, 0)).toBeLessThan(357);
  });
});

describe("bound parameters", () => {
  const fn = (factor: number): GraphFunction => ({
    doc: "a product",
    inputs: (n) => ({ x: new Spec([n, 2]) }),
    noise: {},
    apply: (params, { x }) => ({ y: x!.mul((params as { w: Tensor }).w).mul(factor) }),
  });

  it("run each function, compiled once for each batch size", async () => {
    const counts = counted(referenceRuntime());
    const on = bind(counts.runtime, { w: float32([2, 3]) });
    const [once, twice] = [fn(1), fn(2)];
    const run = async (f: GraphFunction, n: number) =>
      toNested((await on.run(f, { x: float32(new Float32Array(2 * n).fill(1), [n, 2]) })).y!);
    for (let i = 0; i < 3; i++)
      expect([await run(once, 1), await run(twice, 2)]).toEqual([
        [[2, 3]],
        [
          [4, 6],
          [4, 6],
        ],
      ]);
    expect(counts.compiled).toBe(2);
    await run(once, 5);
    expect(counts.compiled).toBe(3);
  });

  it("are compiled into functions that ask for it, and other parameters are not mistaken for them", async () => {
    const counts = counted(referenceRuntime());
    const on = bind(counts.runtime, { w: float32([2, 3]) });
    const often: GraphFunction = { ...fn(1), fixesParams: true };
    const run = async (bound: typeof on) => toNested((await bound.run(often, { x: float32([1, 1], [1, 2]) })).y!);
    expect([await run(on), await run(on), await run(on.with({ w: float32([5, 7]) }))]).toEqual([
      [[2, 3]],
      [[2, 3]],
      [[5, 7]],
    ]);
    expect(counts.compiled).toBe(2);
  });

  it("are counted", () => {
    expect(countParams({ a: zeros("float32", [2, 3]), b: [zeros("float32", [4]), zeros("float32", [])] })).toBe(11);
  });
});

describe("chunks", () => {
  it("cover everything once, in order, and tell how far they are", async () => {
    const seen: number[][] = [];
    const told: number[] = [];
    await inChunks(
      7,
      3,
      async (start, end) => void seen.push([start, end]),
      (f) => void told.push(f),
    );
    expect(seen).toEqual([
      [0, 3],
      [3, 6],
      [6, 7],
    ]);
    expect(told).toEqual([3 / 7, 6 / 7, 1]);
    await inChunks(0, 3, async () => expect.unreachable());
  });

  it("share the memory of the array they are rows of", () => {
    const array = float32([1, 2, 3, 4, 5, 6], [3, 2]);
    const part = rows(array, 1, 3);
    expect(toNested(part)).toEqual([
      [3, 4],
      [5, 6],
    ]);
    part.data[0] = 9;
    expect(array.data[2]).toBe(9);
  });
});

describe("labels", () => {
  it("become rows with a one at the class", () => {
    expect(toNested(oneHotRows([2, 0], 3))).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ]);
    expect(toNested(labelRows(2, Uint8Array.of(1), 1)!)).toEqual([[0, 1]]);
  });

  it("that are no class are refused", () => {
    for (const wrong of [3, -1, 0.5, Number.NaN]) {
      expect(() => oneHotRows([0, wrong], 3)).toThrow(UsageError);
      expect(() => oneHotRows([0, wrong], 3)).toThrow(/label .* of example 1 is not a class: labels run from 0 to 2/);
    }
  });

  it("are needed one for each example, and ignored by a model without classes", () => {
    expect(() => labelRows(3, undefined, 2)).toThrow(/conditioned on labels/);
    expect(() => labelRows(3, [0, 1, 2], 2)).toThrow(/3 labels for 2 examples/);
    expect(labelRows(0, undefined, 2)).toBeUndefined();
    expect(labelRows(0, [7], 2)).toBeUndefined();
  });
});
