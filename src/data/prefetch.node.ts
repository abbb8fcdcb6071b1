import { Worker } from "node:worker_threads";
import type { Cursor } from "./batching.ts";
import { checkEncoding } from "./encoding.ts";
import { makeRing, type Ring, release, stop, takeReady } from "./prefetch-ring.node.ts";
import type { PrefetchTask } from "./prefetch-worker.node.ts";
import { type BatchPlan, type BatchSource, directSource, fillBatch } from "./source.ts";

/** A source that says how its worker fares; without the worker every batch is still made, on this thread. */
export interface PrefetchingSource extends BatchSource {
  /** Number of batches that came from the worker in time. */
  readonly fromWorker: number;
  /** Why the worker ended before its time, if it did. */
  readonly failure: Error | undefined;
}

/** The same numbers in memory that two threads can see. */
function shared<A extends Uint8Array | Float32Array | Float64Array>(x: A): A {
  if (x.buffer instanceof SharedArrayBuffer) return x;
  const copy = new (x.constructor as new (buffer: SharedArrayBuffer) => A)(new SharedArrayBuffer(x.byteLength));
  copy.set(x);
  return copy;
}

/** The built worker or, in a checkout, a file that starts its TypeScript source. */
function startWorker(task: PrefetchTask): Worker {
  const ending = import.meta.url.endsWith(".ts") ? "checkout.mjs" : "node.mjs";
  const worker = new Worker(new URL(`./prefetch-worker.${ending}`, import.meta.url), { workerData: task });
  worker.unref();
  return worker;
}

function sourceOf(plan: BatchPlan, ring: Ring, worker: Worker): PrefetchingSource {
  let number = 0;
  let fromWorker = 0;
  let failure: Error | undefined;
  worker.on("error", (error: Error) => {
    failure = error;
  });
  return {
    get fromWorker() {
      return fromWorker;
    },
    get failure() {
      return failure;
    },
    fill(out, cursor) {
      const ready = takeReady(ring, number, cursor, out);
      release(ring, number++);
      if (ready) fromWorker++;
      return ready ?? fillBatch(plan, out, cursor);
    },
    async close() {
      stop(ring);
      await worker.terminate();
    },
  };
}

/**
 * A source whose batches a worker thread prepares ahead, from `cursor` on, while the engine blocks this one. A batch
 * that is not ready in time, or not the next in order, is made on the spot: the numbers are those of `directSource`.
 */
export function prefetchingSource(plan: BatchPlan, cursor: Cursor): PrefetchingSource {
  checkEncoding(plan.spec, plan.encoding);
  if (plan.split.stored) return { ...directSource(plan), fromWorker: 0, failure: undefined };
  const { labels: _labels, factors: _factors, ...examples } = plan.split;
  const split = { ...examples, x: shared(plan.split.x) };
  const ring = makeRing(plan);
  return sourceOf(plan, ring, startWorker({ plan: { ...plan, split }, ring, cursor }));
}
