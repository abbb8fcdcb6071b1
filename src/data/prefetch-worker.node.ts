import { workerData } from "node:worker_threads";
import { type Cursor, nextBatch } from "./batching.ts";
import { isOvertaken, publish, type Ring, slotOf, waitForRoom } from "./prefetch-ring.node.ts";
import { type BatchPlan, fillBatch } from "./source.ts";

/** What the worker is given when it starts. */
export interface PrefetchTask {
  readonly plan: BatchPlan;
  readonly ring: Ring;
  readonly cursor: Cursor;
}

function work({ plan, ring, cursor }: PrefetchTask): void {
  let before = cursor;
  for (let number = 0; waitForRoom(ring, number); number++) {
    const overtaken = isOvertaken(ring, number);
    const batch = overtaken
      ? nextBatch(plan.split, { batchSize: plan.batchSize, key: plan.orderKey, cursor: before })
      : fillBatch(plan, slotOf(ring, number).values, before);
    if (!overtaken) publish(ring, number, before, batch);
    before = batch.cursor;
  }
}

work(workerData as PrefetchTask);
