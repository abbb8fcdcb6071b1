import type { Batch, Cursor } from "./batching.ts";
import { type BatchPlan, batchLength } from "./source.ts";

/** Batches a worker may be ahead. */
const SLOTS = 4;
const PRODUCED = 0; // batches the worker is done with
const CONSUMED = 1; // batches no longer wanted from the worker
const STOPPED = 2;

interface Slot {
  readonly values: Float32Array;
  readonly indices: Uint32Array;
  /** Cursor before, epoch of the batch, cursor after. */
  readonly place: Float64Array;
}

/** Shared memory through which a worker hands over batches: counters and a ring of slots, batch n in slot n mod 4. */
export interface Ring {
  readonly control: Int32Array;
  readonly slots: readonly Slot[];
}

/** An empty ring for the batches of a plan. */
export function makeRing(plan: BatchPlan): Ring {
  const slot = (): Slot => ({
    values: new Float32Array(new SharedArrayBuffer(4 * batchLength(plan))),
    indices: new Uint32Array(new SharedArrayBuffer(4 * plan.batchSize)),
    place: new Float64Array(new SharedArrayBuffer(40)),
  });
  return { control: new Int32Array(new SharedArrayBuffer(12)), slots: Array.from({ length: SLOTS }, slot) };
}

/** The slot of batch `number`. */
export function slotOf(ring: Ring, number: number): Slot {
  return ring.slots[number % SLOTS]!;
}

/** Worker side: sleeps until there is room for batch `number`; false when the work is over. */
export function waitForRoom({ control }: Ring, number: number): boolean {
  for (;;) {
    if (Atomics.load(control, STOPPED)) return false;
    const consumed = Atomics.load(control, CONSUMED);
    if (number - consumed < SLOTS) return true;
    Atomics.wait(control, CONSUMED, consumed, 1000);
  }
}

/** Worker side: whether the reader has already made batch `number` itself. */
export function isOvertaken({ control }: Ring, number: number): boolean {
  return number < Atomics.load(control, CONSUMED);
}

/** Worker side: says where batch `number` stands and that it is ready. */
export function publish(ring: Ring, number: number, before: Cursor, batch: Batch): void {
  const slot = slotOf(ring, number);
  slot.indices.set(batch.indices);
  slot.place.set([before.epoch, before.position, batch.epoch, batch.cursor.epoch, batch.cursor.position]);
  Atomics.store(ring.control, PRODUCED, number + 1);
}

/** Reader side: copies batch `number` out if it is ready and follows `cursor`. */
export function takeReady(ring: Ring, number: number, cursor: Cursor, out: Float32Array): Batch | undefined {
  if (Atomics.load(ring.control, PRODUCED) <= number) return undefined;
  const { values, indices, place } = slotOf(ring, number);
  if (place[0] !== cursor.epoch || place[1] !== cursor.position) return undefined;
  out.set(values);
  return { indices: indices.slice(), epoch: place[2]!, cursor: { epoch: place[3]!, position: place[4]! } };
}

/** Reader side: gives the slot of batch `number` back, used or not. */
export function release({ control }: Ring, number: number): void {
  Atomics.store(control, CONSUMED, number + 1);
  Atomics.notify(control, CONSUMED);
}

/** Reader side: tells the worker to end. */
export function stop({ control }: Ring): void {
  Atomics.store(control, STOPPED, 1);
  Atomics.notify(control, CONSUMED);
}
