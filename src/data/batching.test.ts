import { expect, test } from "vitest";
import { key } from "../random/index.ts";
import { type Batch, batchesPerEpoch, type Cursor, firstCursor, nextBatch } from "./batching.ts";

const k = key(1);

function stream(count: number, batchSize: number, steps: number, from: Cursor = firstCursor): Batch[] {
  const batches: Batch[] = [];
  let cursor = from;
  for (let i = 0; i < steps; i++) {
    const batch = nextBatch({ count }, { batchSize, key: k, cursor });
    batches.push(batch);
    cursor = batch.cursor;
  }
  return batches;
}

test("each epoch hands out every example once when the batches fill it", () => {
  const batches = stream(60, 12, 15);
  expect(batchesPerEpoch(60, 12)).toBe(5);
  const orders = [0, 1, 2].map((epoch) => batches.filter((b) => b.epoch === epoch).flatMap((b) => [...b.indices]));
  for (const order of orders) expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i));
  expect(orders[0]).not.toEqual(orders[1]);
  expect(orders[1]).not.toEqual(orders[2]);
});

test("the partial batch at the end of an epoch is left out", () => {
  const batches = stream(10, 4, 4);
  expect(batches.map((b) => [b.epoch, b.indices.length])).toEqual([
    [0, 4],
    [0, 4],
    [1, 4],
    [1, 4],
  ]);
  expect(new Set(batches.slice(0, 2).flatMap((b) => [...b.indices])).size).toBe(8);
});

test("from any stored cursor the stream goes on exactly as uninterrupted", () => {
  const whole = stream(23, 5, 30);
  for (let stop = 0; stop < 29; stop++) {
    const stored = JSON.parse(JSON.stringify(whole[stop]!.cursor)) as Cursor;
    expect(stream(23, 5, 29 - stop, stored)).toEqual(whole.slice(stop + 1));
  }
});

test("streams of two keys and sizes that take turns do not disturb each other", () => {
  const alone = stream(50, 10, 20);
  let cursor = firstCursor;
  const mixed = alone.map((_, i) => {
    for (let other = 0; other < 6; other++) nextBatch({ count: 7 + other }, { batchSize: 2, key: key(i), cursor });
    const batch = nextBatch({ count: 50 }, { batchSize: 10, key: k, cursor });
    cursor = batch.cursor;
    return batch;
  });
  expect(mixed).toEqual(alone);
});

test("changing a batch in place does not change the stream", () => {
  const first = nextBatch({ count: 9 }, { batchSize: 3, key: k, cursor: firstCursor });
  const kept = [...first.indices];
  first.indices.fill(0);
  expect([...nextBatch({ count: 9 }, { batchSize: 3, key: k, cursor: firstCursor }).indices]).toEqual(kept);
});

test("impossible requests are refused in a sentence", () => {
  const ask =
    (batchSize: number, cursor = firstCursor) =>
    () =>
      nextBatch({ count: 5 }, { batchSize, key: k, cursor });
  expect(ask(0)).toThrow(/from 1 on/);
  expect(ask(6)).toThrow(/does not fit into a split of 5 examples; .*--batch-size 5/);
  expect(ask(2, { epoch: 0, position: -1 })).toThrow(/cursor/);
});
