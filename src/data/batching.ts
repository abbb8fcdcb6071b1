import { UsageError } from "../base/errors.ts";
import { fold, type Key, permutation } from "../random/index.ts";

/** Where a stream of batches stands: `position` examples of `epoch` have been handed out. */
export interface Cursor {
  readonly epoch: number;
  readonly position: number;
}

/** The cursor of a stream that has not begun. */
export const firstCursor: Cursor = { epoch: 0, position: 0 };

/** What decides the order of examples. */
export interface BatchOptions {
  readonly batchSize: number;
  readonly key: Key;
  readonly cursor: Cursor;
}

/** The examples of one step, the epoch they belong to, and the cursor to go on from. */
export interface Batch {
  readonly indices: Uint32Array;
  readonly epoch: number;
  readonly cursor: Cursor;
}

/** Number of whole batches in an epoch; the rest that fills no batch is left out, so that shapes stay the same. */
export function batchesPerEpoch(count: number, batchSize: number): number {
  return Math.floor(count / batchSize);
}

interface Order {
  readonly name: string;
  readonly indices: Uint32Array;
}

/** The orders used last. A permutation is a pure function of its name, so keeping it changes only the time taken. */
const recentOrders: Order[] = [];
const KEPT = 4;

function orderOf(key: Key, epoch: number, count: number): Uint32Array {
  const name = `${key.hi}:${key.lo}/${epoch}/${count}`;
  let order = recentOrders.find((candidate) => candidate.name === name);
  if (!order) {
    order = { name, indices: permutation(fold(key, epoch), count) };
    recentOrders.unshift(order);
    recentOrders.length = Math.min(recentOrders.length, KEPT);
  }
  return order.indices;
}

/** Refuses a batch size that is none, or larger than the split. */
export function checkBatchSize(count: number, batchSize: number): void {
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new UsageError(`A batch size is a whole number from 1 on; got ${batchSize}.`);
  if (batchSize > count)
    throw new UsageError(
      `A batch of ${batchSize} does not fit into a split of ${count} examples; lower the batch size (--batch-size ${count}).`,
    );
}

function checkBatch(count: number, { batchSize, cursor }: BatchOptions): void {
  checkBatchSize(count, batchSize);
  if (!Number.isInteger(cursor.epoch) || !Number.isInteger(cursor.position) || cursor.epoch < 0 || cursor.position < 0)
    throw new UsageError(
      `A data cursor holds two whole numbers; got epoch ${cursor.epoch}, position ${cursor.position}.`,
    );
}

/**
 * The examples of the next step: each epoch is a fresh permutation drawn from fold(key, epoch), cut into batches. The
 * result depends on the arguments alone, so a stream resumed from a stored cursor goes on as if it had never stopped.
 */
export function nextBatch(split: { readonly count: number }, options: BatchOptions): Batch {
  checkBatch(split.count, options);
  const { batchSize, key, cursor } = options;
  const over = cursor.position + batchSize > split.count;
  const epoch = over ? cursor.epoch + 1 : cursor.epoch;
  const start = over ? 0 : cursor.position;
  const indices = orderOf(key, epoch, split.count).slice(start, start + batchSize);
  return { indices, epoch, cursor: { epoch, position: start + batchSize } };
}
