import { expect, test } from "vitest";
import { HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import { key, uniform } from "../../random/index.ts";
import { referenceRuntime } from "../../runtime/index.ts";
import { bind } from "../bound.ts";
import { gpt } from "./transformer/gpt.ts";

const data: DataSpec = { shape: [24], values: "tokens", vocabulary: 5 };
const model = gpt({ layers: 1, heads: 2, headWidth: 4 }, data);
const on = bind(referenceRuntime(), model.init(key(0)));
const texts = [1, 2].map((seed) => Array.from(uniform(key(seed), [23]).data, (u) => Math.floor(5 * u)));

test("what is read at once, in parts and token by token gives the same logits", async () => {
  const parts = async (...lengths: number[]) => {
    const reader = model.read!(on, 2);
    let at = 0;
    let logits: Float32Array | undefined;
    for (const length of lengths) {
      logits = (await reader.read(texts.map((text) => text.slice(at, at + length)))).data;
      at += length;
    }
    return Array.from(logits!);
  };
  const whole = await parts(23);
  const single = await parts(...new Array<number>(23).fill(1));
  const mixed = await parts(3, 20);
  for (let i = 0; i < 10; i++) {
    expect(single[i]).toBeCloseTo(whole[i]!, 5);
    expect(mixed[i]).toBeCloseTo(whole[i]!, 5);
  }
});

test("logits of the next token are its conditional in a window", async () => {
  const logits = (await model.read!(on, 2).read(texts)).data.subarray(0, 5);
  const total = Math.log(logits.reduce((sum, value) => sum + Math.exp(value), 0));
  const nats = async (token: number) => {
    const x = new HostArray("float32", [1, 24], Float32Array.of(...texts[0]!, token));
    return (await model.logProb(on, x, { key: key(0) })).nats[0]!;
  };
  const difference = (await nats(3)) - (await nats(1));
  expect(logits[3]! - total - (logits[1]! - total)).toBeCloseTo(difference, 4);
});

test("what does not fit is refused", async () => {
  const reader = model.read!(on, 2);
  expect(reader.context).toBe(23);
  await expect(reader.read([[1], [1, 2]])).rejects.toThrow(/same number of tokens/);
  await expect(reader.read(texts.map((text) => [...text, 1]))).rejects.toThrow(
    /looks back on 23 tokens; 24 do not fit/,
  );
});

test("a temperature of 0 takes the most probable value each time", async () => {
  const drawn = async (seed: number) => {
    const { data: values } = await model.sample(on, { count: 2, key: key(seed), temperature: 0 });
    return values;
  };
  const values = await drawn(1);
  expect(values.every((value) => Number.isInteger(value) && value >= 0 && value < 5)).toBe(true);
  const reader = model.read!(on, 1);
  const { data: logits } = await reader.read([Array.from(values.subarray(0, 23))]);
  expect(values[23]).toBe(logits.indexOf(Math.max(...logits)));
});
