import { expect, test } from "vitest";
import { HostArray } from "../../../base/host.ts";
import type { DataSpec } from "../../../data/types.ts";
import { key } from "../../../random/index.ts";
import { referenceRuntime } from "../../../runtime/index.ts";
import { bind } from "../../bound.ts";
import { continueText } from "../../continue.ts";
import { type ClosedForm, can } from "../../contract.ts";
import { NgramCounts } from "./counts.ts";
import { discountsOf, kneserNey } from "./kneser-ney.ts";
import { ngram } from "./ngram.ts";
import { NgramReader, paramsOf } from "./tree.ts";

const runtime = referenceRuntime();
const V = 4;
/** A few hundred tokens with structure: each follows from the two before it, mostly. */
const text = Uint8Array.from({ length: 400 }, (_, i) => (i * i + (i % 7 === 0 ? 1 : 0) + Math.floor(i / 3)) % V);

/** Kneser-Ney by its definition: counts by strings, every sum taken over the whole vocabulary. */
function definition(tokens: ArrayLike<number>, order: number) {
  const list = Array.from(tokens);
  const longest = new Map<string, number>();
  for (let end = order; end <= list.length; end++) {
    const name = list.slice(end - order, end).join(" ");
    longest.set(name, (longest.get(name) ?? 0) + 1);
  }
  const tables = [longest];
  for (let n = order; n > 1; n--) {
    const shorter = new Map<string, number>();
    for (const name of tables[0]!.keys()) {
      const rest = name.split(" ").slice(1).join(" ");
      shorter.set(rest, (shorter.get(rest) ?? 0) + 1);
    }
    tables.unshift(shorter);
  }
  const discounts = tables.map((table) => {
    const times = (c: number) => [...table.values()].filter((count) => count === c).length;
    return discountsOf([times(1), times(2), times(3), times(4)]);
  });
  const p = (w: number, h: readonly number[]): number => {
    const table = tables[h.length]!;
    const count = (v: number) => table.get([...h, v].join(" ")) ?? 0;
    const off = (c: number) => (c === 0 ? 0 : discounts[h.length]![Math.min(c, 3) - 1]!);
    const all = Array.from({ length: V }, (_, v) => count(v));
    const total = all.reduce((a, b) => a + b, 0);
    const lower = h.length === 0 ? 1 / V : p(w, h.slice(1));
    if (total === 0) return lower;
    const taken = all.reduce((sum, c) => sum + off(c), 0);
    return (count(w) - off(count(w)) + taken * lower) / total;
  };
  return p;
}

const readerOf = (tokens: ArrayLike<number>, order: number) => {
  const counts = new NgramCounts(order);
  counts.addText(tokens, 0, tokens.length);
  return new NgramReader(paramsOf(kneserNey(counts)), V, order);
};

test("discounts are those of Chen & Goodman, and a half where they do not exist", () => {
  const y = 10 / (10 + 2 * 6);
  const expected = [1 - (2 * y * 6) / 10, 2 - (3 * y * 4) / 6, 3 - (4 * y * 2) / 4];
  for (const [i, d] of discountsOf([10, 6, 4, 2]).entries()) expect(d).toBeCloseTo(expected[i]!, 12);
  expect(discountsOf([0, 0, 0, 0])).toEqual([0.5, 0.5, 0.5]);
});

test.each([1, 2, 3, 4])("order %i: every conditional is that of the definition, and sums to one", (order) => {
  const reader = readerOf(text, order);
  const p = definition(text, order);
  const contexts = Array.from({ length: V ** (order - 1) }, (_, i) =>
    Array.from({ length: order - 1 }, (_, j) => Math.floor(i / V ** j) % V),
  );
  for (const context of contexts) {
    const all = reader.probabilities(context, context.length);
    expect(all.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
    for (let w = 0; w < V; w++) {
      expect(all[w]).toBeCloseTo(p(w, context), 6);
      expect(reader.probability([...context, w], context.length)).toBeCloseTo(all[w]!, 12);
    }
  }
});

const rowsOf = (rows: readonly (readonly number[])[]) =>
  new HostArray("float32", [rows.length, rows[0]!.length], Float32Array.from(rows.flat()));

async function fitted(model: ReturnType<typeof ngram>, x: HostArray<"float32">) {
  const learning = model.learning as ClosedForm;
  const sums = learning.zeros();
  await learning.add(sums, bind(runtime, model.init(key(0))), x);
  return bind(runtime, learning.solve(sums, x.shape[0]!));
}

const windows: DataSpec = { shape: [5], values: "tokens", vocabulary: V };
const cut = rowsOf(Array.from({ length: 99 }, (_, i) => Array.from(text.subarray(4 * i, 4 * i + 5))));

test("windows that follow one another are counted as one text", async () => {
  const on = await fitted(ngram({ order: 3 }, windows), cut);
  const whole = new NgramCounts(3);
  whole.addText(text, 0, 397);
  expect(on.params).toEqual(paramsOf(kneserNey(whole)));
});

test("a window's log p is the sum over its tokens but the first, each from what the window shows", async () => {
  const model = ngram({ order: 3 }, windows);
  const on = await fitted(model, cut);
  const reader = readerOf(text.subarray(0, 397), 3);
  const row = [0, 1, 2, 3, 0];
  const { kind, nats } = await model.logProb(on, rowsOf([row]), { key: key(0) });
  const expected = [1, 2, 3, 4].reduce((sum, i) => sum + Math.log(reader.probability(row, i)), 0);
  expect([kind, nats[0]]).toEqual(["exact", expected]);
});

test("lines: probabilities of everything up to three letters and its end sum to one with what is longer", async () => {
  const spec: DataSpec = { shape: [6], values: "tokens", vocabulary: 3, boundary: 0 };
  const model = ngram({ order: 3 }, spec);
  const on = await fitted(
    model,
    rowsOf([
      [0, 1, 2, 0, 0, 0],
      [0, 2, 0, 0, 0, 0],
      [0, 1, 1, 2, 1, 0],
      [0, 1, 0, 0, 0, 0],
    ]),
  );
  const all: number[][] = [];
  const grow = (row: number[]) => {
    if (row.length === 5) {
      for (const last of [0, 1, 2]) all.push([...row, last]);
      return;
    }
    all.push([...row, ...new Array<number>(6 - row.length).fill(0)]);
    for (const next of [1, 2]) grow([...row, next]);
  };
  for (const first of [1, 2]) grow([0, first]);
  all.push([0, 0, 0, 0, 0, 0]);
  const { nats } = await model.logProb(on, rowsOf(all), { key: key(0) });
  expect(nats.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 6);
});

test("images: the probabilities of all binary 3×3 images sum to one, samples follow them", async () => {
  const image: DataSpec = { shape: [1, 3, 3], values: "binary" };
  const model = ngram({ order: 4 }, image);
  const every = new HostArray(
    "float32",
    [512, 1, 3, 3],
    Float32Array.from({ length: 512 * 9 }, (_, j) => (Math.floor(j / 9) >> (j % 9)) & 1),
  );
  const some = new HostArray("float32", [60, 1, 3, 3], every.data.slice(9 * 100, 9 * 160));
  const on = await fitted(model, some);
  const { nats } = await model.logProb(on, every, { key: key(0) });
  expect(nats.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 6);
  const count = 4000;
  const { data } = await model.sample(on, { count, key: key(1) });
  const seen = new Float64Array(512);
  for (let i = 0; i < count; i++)
    seen[(data as Float32Array).subarray(9 * i, 9 * i + 9).reduce((sum, bit, j) => sum + bit * 2 ** j, 0)]!++;
  const likely = [...nats.keys()].filter((i) => Math.exp(nats[i]!) * count >= 5);
  const statistic = likely.reduce(
    (sum, i) => sum + (seen[i]! - count * Math.exp(nats[i]!)) ** 2 / (count * Math.exp(nats[i]!)),
    0,
  );
  expect(statistic).toBeLessThan(likely.length + 6 * Math.sqrt(2 * likely.length));
});

test("a text is continued as it is sampled: alone or with others, and lines end", async () => {
  const model = ngram({ order: 3 }, windows);
  const on = await fitted(model, cut);
  const drawn = async (count: number) => {
    const texts: number[][] = Array.from({ length: count }, () => []);
    const options = { key: key(3), count, tokens: 40, topK: 3 };
    for await (const next of continueText({ ...model, read: model.read! }, on, [0, 1], options))
      for (const [i, token] of next.entries()) texts[i]!.push(token);
    return texts;
  };
  const [one, three] = [await drawn(1), await drawn(3)];
  expect([three[0], three[0]!.length]).toEqual([one[0], 40]);
  expect(three[1]).not.toEqual(three[0]);
});

test("completes a window: what is given stays, an observed end pulls on what is before it", async () => {
  const model = ngram({ order: 2 }, { ...windows, shape: [3] });
  const on = await fitted(model, rowsOf(Array.from({ length: 50 }, (_, i) => (i % 2 ? [0, 1, 3] : [0, 2, 0]))));
  const x = rowsOf(Array.from({ length: 200 }, () => [0, 0, 3]));
  const observed = rowsOf(Array.from({ length: 200 }, () => [1, 0, 1]));
  const done = await model.complete(on, x, observed, { key: key(0), sweeps: 64 });
  const middle = Array.from({ length: 200 }, (_, i) => done.data[3 * i + 1]);
  expect(middle.filter((token) => token === 1).length).toBeGreaterThan(150);
  expect(Array.from({ length: 200 }, (_, i) => done.data[3 * i + 2]).every((token) => token === 3)).toBe(true);
});

test("completes a line: no end is drawn before what is known to follow", async () => {
  const spec: DataSpec = { shape: [5], values: "tokens", vocabulary: 3, boundary: 0 };
  const model = ngram({ order: 2 }, spec);
  const on = await fitted(
    model,
    rowsOf(Array.from({ length: 40 }, (_, i) => (i % 4 ? [0, 1, 0, 0, 0] : [0, 1, 2, 1, 0]))),
  );
  const x = rowsOf(Array.from({ length: 20 }, () => [0, 1, 0, 1, 0]));
  const done = await model.complete(on, x, rowsOf(Array.from({ length: 20 }, () => [1, 1, 0, 1, 1])), { key: key(0) });
  for (let i = 0; i < 20; i++) expect([1, 2]).toContain(done.data[5 * i + 2]);
});

test("a text is compressed into as many bits as its likelihood says, and comes back", async () => {
  const spec: DataSpec = { shape: [41], values: "tokens", vocabulary: 5 };
  const model = ngram({ order: 3 }, spec);
  const text = Float32Array.from({ length: 600 }, (_, i) => (i * i + (i % 7)) % 5);
  const windows = new HostArray(
    "float32",
    [14, 41],
    Float32Array.from({ length: 14 * 41 }, (_, j) => text[j]!),
  );
  const on = await fitted(model, windows);
  if (!can(model, "compress") || !can(model, "decompress")) throw new Error("not possible");
  const whole = new HostArray("float32", [1, text.length], text);
  const packed = await model.compress(on, whole, {});
  const longer = ngram({ order: 3 }, { ...spec, shape: [text.length] });
  const { nats } = await longer.logProb(on, whole, { key: key(0) });
  const first = Math.log2(5);
  expect(Math.abs(packed.modelBits - first + nats[0]! / Math.LN2)).toBeLessThan(first);
  expect(8 * packed.streams[0]!.length - packed.modelBits).toBeLessThan(24);
  expect((await model.decompress(on, packed, {})).data).toEqual(text);
  await expect(model.compress(on, windows, {})).rejects.toThrow("[1, tokens]");
});
