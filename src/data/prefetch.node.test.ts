import { afterAll, expect, test } from "vitest";
import { key } from "../random/index.ts";
import { type Cursor, firstCursor } from "./batching.ts";
import { embedded } from "./embedded.ts";
import { prefetchingSource } from "./prefetch.node.ts";
import { type BatchPlan, type BatchSource, batchLength, directSource } from "./source.ts";

const { splits, spec } = embedded("digits", { counts: { train: 100, valid: 1, test: 1 } });
const plan: BatchPlan = {
  split: splits.train,
  spec,
  encoding: { binarize: "dynamic" },
  batchSize: 16,
  orderKey: key(1),
  noiseKey: key(2),
};

function stream(source: BatchSource, steps: number, from: Cursor = firstCursor) {
  let cursor = from;
  return Array.from({ length: steps }, () => {
    const out = new Float32Array(batchLength(plan));
    const batch = source.fill(out, cursor);
    cursor = batch.cursor;
    return { batch, sum: out.reduce((sum, v, i) => sum + v * ((i % 97) + 1), 0) };
  });
}

const expected = stream(directSource(plan), 40);
const open: BatchSource[] = [];
const prefetching = (cursor = firstCursor) => {
  const source = prefetchingSource(plan, cursor);
  open.push(source);
  return source;
};

afterAll(async () => {
  await Promise.all(open.map((source) => source.close()));
});

const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

test("the worker's batches are the ones made directly", async () => {
  const source = prefetching();
  let cursor = firstCursor;
  const deadline = performance.now() + 20_000;
  for (let i = 0; source.fromWorker < 12 && performance.now() < deadline; i++) {
    await pause();
    const [made] = stream(source, 1, cursor);
    if (i < expected.length) expect(made).toEqual(expected[i]);
    else expect(made).toEqual(stream(directSource(plan), 1, cursor)[0]);
    cursor = made!.batch.cursor;
  }
  expect(source.failure).toBeUndefined();
  expect(source.fromWorker).toBeGreaterThanOrEqual(12);
});

test("asking faster than the worker can start gives the same stream", () => {
  expect(stream(prefetching(), 40)).toEqual(expected);
});

test("a source that starts at a stored cursor goes on from there", async () => {
  const source = prefetching(expected[9]!.batch.cursor);
  await pause();
  expect(stream(source, 30, expected[9]!.batch.cursor)).toEqual(expected.slice(10));
});

test("a jump to another cursor is answered correctly", async () => {
  const source = prefetching();
  for (let i = 0; i < 100; i++) await pause();
  expect(stream(source, 3, expected[20]!.batch.cursor)).toEqual(expected.slice(21, 24));
});

test("an impossible encoding is refused at once, and closing twice does no harm", async () => {
  const real = { ...plan, spec: { ...spec, values: "real" as const } };
  expect(() => prefetchingSource(real, firstCursor)).toThrow(/real numbers/);
  const source = prefetching();
  await source.close();
  await source.close();
  expect(stream(source, 2)).toEqual(expected.slice(0, 2));
});
