import { expect, it } from "vitest";
import { HostArray } from "../base/host.ts";
import type { DataSpec } from "../data/types.ts";
import { key, uniform } from "../random/index.ts";
import { referenceRuntime } from "../runtime/index.ts";
import { gpt } from "./autoregressive/transformer/gpt.ts";
import { ngram } from "./baselines/ngram/ngram.ts";
import { bind, rows } from "./bound.ts";
import { textSurprise, windowStarts } from "./surprise-text.ts";

const reference = referenceRuntime();
const text: DataSpec = { shape: [5], values: "tokens", vocabulary: 6 };
const tokens = Array.from(uniform(key(1), [23]).data, (u) => Math.floor(6 * u));

it("every token is spoken for once, after at least half of what the model looks back on", () => {
  for (const context of [1, 4, 5])
    for (const length of [0, 1, 4, 5, 6, 23]) {
      const windows = windowStarts(length, context);
      windows.forEach(({ start, from }, w) => {
        const next = windows[w + 1];
        expect(next ? next.from : Math.max(length, start + context)).toBe(start + context);
        if (w > 0) expect(from - start).toBe(Math.floor(context / 2));
      });
    }
});

it("a text's surprise is that of each token after those before it, as far back as a window goes", async () => {
  const model = gpt({ layers: 1, heads: 1, headWidth: 4 }, text);
  const on = bind(reference, model.init(key(2)));
  const found = await textSurprise(model, on, tokens, 3);
  const whole = [3, ...tokens];
  for (const [at, back] of [
    [0, 0],
    [3, 3],
    [4, 2],
    [5, 3],
    [6, 2],
    [22, 2],
  ] as const) {
    const row = new Float32Array(5);
    row.set(whole.slice(at - back, at + 2));
    const { nats } = await model.logProb(on, new HostArray("float32", [1, 5], row), { key: key(0) });
    const shorter = row.slice();
    const { nats: each } = await model.surprise(on, new HostArray("float32", [1, 5], shorter), {});
    expect(found[at]).toBeCloseTo(rows(each, 0, 1).data[back + 1]!, 5);
    expect(each.data.reduce((a, b) => a + b, 0)).toBeCloseTo(-nats[0]!, 4);
  }
  expect(await textSurprise(model, on, [], 3)).toEqual(new Float32Array(0));
});

it("an n-gram model's surprise sums to −log p, with nothing for what is given or comes after the end", async () => {
  for (const data of [text, { ...text, boundary: 0 }, { shape: [1, 2, 3], values: "binary" } as const]) {
    const model = ngram({ order: 3 }, data);
    const on = bind(reference, model.init(key(2)));
    const size = data.shape.reduce((a, b) => a * b, 1);
    const values = data.values === "binary" ? [0, 1, 1, 0, 1, 0] : [0, 2, 4, 0, 0];
    const x = new HostArray("float32", [1, ...data.shape], Float32Array.from(values));
    const { nats } = await model.surprise(on, x, {});
    const { nats: whole } = await model.logProb(on, x, { key: key(0) });
    expect(nats.data.reduce((a, b) => a + b, 0)).toBeCloseTo(-whole[0]!, 5);
    const silent = [...nats.data].flatMap((value, i) => (value === 0 ? [i] : []));
    expect(silent).toEqual(data.values === "binary" ? [] : "boundary" in data ? [0, 4] : [0]);
    expect(nats.size).toBe(size);
  }
});
