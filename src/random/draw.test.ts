import { expect, test } from "vitest";
import { bernoulli, categorical, gumbel, normal, permutation, randomInts, uniform } from "./draw.ts";
import { fillNormal, fillUniform } from "./fill.ts";
import { key } from "./key.ts";

const k = key(11);

test.each([
  ["uniform", uniform],
  ["normal", normal],
  ["gumbel", gumbel],
  ["bernoulli", (kk: typeof k, shape: number[], options: { offset?: number }) => bernoulli(kk, 0.3, shape, options)],
  [
    "categorical",
    (kk: typeof k, shape: number[], options: { offset?: number }) => categorical(kk, [1, 2, 3], shape, options),
  ],
  [
    "randomInts",
    (kk: typeof k, shape: number[], options: { offset?: number }) => randomInts(kk, -5, 5, shape, options),
  ],
] as const)("%s: element i depends only on the key and offset + i", (_, draw) => {
  const whole = draw(k, [10_000], {}).data;
  for (const start of [0, 1, 3, 4095, 4096, 5001]) {
    const part = draw(k, [7, 11], { offset: start });
    expect(part.shape).toEqual([7, 11]);
    expect([...part.data]).toEqual([...whole.subarray(start, start + 77)]);
  }
});

test("golden values: the same bits on every machine", () => {
  const bits = (x: Float32Array) => [...new Uint32Array(x.buffer)].map((word) => word.toString(16));
  // Made by this file's own functions; a change here breaks every stored run.
  expect(bits(uniform(key(42), [3]).data)).toEqual(["3f1ceaf0", "3eefea92", "3d95fa80"]);
  expect(bits(normal(key(42), [3]).data)).toEqual(["3e92f728", "bda16e33", "bfb9dfa1"]);
  expect(bits(gumbel(key(42), [3]).data)).toEqual(["3f36e6ed", "3e8dd666", "bf75ff82"]);
});

test("filling a buffer equals drawing an array", () => {
  const buffer = new Float32Array(9000);
  fillUniform(k, buffer, 5);
  expect(buffer).toEqual(uniform(k, [9000], { offset: 5 }).data);
  fillNormal(k, buffer, 5);
  expect(buffer).toEqual(normal(k, [9000], { offset: 5 }).data);
});

test("uniforms lie in [0, 1), also after rounding to float32", () => {
  const { data } = uniform(k, [1_000_000]);
  let [min, max] = [1, 0];
  for (const u of data) [min, max] = [Math.min(min, u), Math.max(max, u)];
  expect(min).toBeGreaterThanOrEqual(0);
  expect(max).toBeLessThan(1);
});

test("bernoulli at 0 and at 1 is certain", () => {
  expect(new Set(bernoulli(k, 0, [10_000]).data)).toEqual(new Set([0]));
  expect(new Set(bernoulli(k, 1, [10_000]).data)).toEqual(new Set([1]));
  expect(() => bernoulli(k, 1.1, [1])).toThrow(/\[0, 1\]/);
});

test("categorical never draws a class of weight zero", () => {
  const drawn = new Set(categorical(k, [0, 1, 0, 2, 0], [20_000]).data);
  expect(drawn).toEqual(new Set([1n, 3n]));
  expect(() => categorical(k, [0, 0], [1])).toThrow(/above zero/);
  expect(() => categorical(k, [1, -1], [1])).toThrow(/weight 1 is -1/);
});

test("random integers cover their range and nothing else", () => {
  expect([...new Set(randomInts(k, -2, 3, [2000]).data)].sort((a, b) => Number(a - b))).toEqual([-2n, -1n, 0n, 1n, 2n]);
  const wide = randomInts(k, 0, 2 ** 32, [1000]).data;
  expect(wide.some((x) => x > 2n ** 31n) && wide.every((x) => x >= 0n && x < 2n ** 32n)).toBe(true);
  expect(() => randomInts(k, 3, 3, [1])).toThrow(/low < high/);
});

test("a permutation holds every number once", () => {
  for (const n of [0, 1, 2, 1000]) {
    const sorted = permutation(k, n).slice().sort();
    expect([...sorted]).toEqual(Array.from({ length: n }, (_, i) => i));
  }
});
