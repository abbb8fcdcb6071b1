import { sizeOf } from "../base/shape.ts";
import type { Key } from "../random/index.ts";
import { type Batch, type Cursor, nextBatch } from "./batching.ts";
import { checkEncoding, type Encoding, fillExamples } from "./encoding.ts";
import type { DataSpec, Split } from "./types.ts";

/** Which batches are wanted, in which order and encoded how; plain data, so that it can be handed to a worker. */
export interface BatchPlan {
  readonly split: Split;
  readonly spec: DataSpec;
  readonly encoding: Encoding;
  readonly batchSize: number;
  /** Key of the order of examples. */
  readonly orderKey: Key;
  /** Key of binarisation and dequantisation noise. */
  readonly noiseKey: Key;
}

/** Hands out encoded batches. What it gives is a function of the plan and the cursor, however it comes about. */
export interface BatchSource {
  /** Writes the examples that follow `cursor` into `out` and says which they are. */
  fill(out: Float32Array, cursor: Cursor): Batch;
  /** Frees what the source holds. */
  close(): Promise<void>;
}

/** Number of floats in a batch. */
export function batchLength({ batchSize, spec }: BatchPlan): number {
  return batchSize * sizeOf(spec.shape);
}

/** Writes one batch of a plan; the one definition that every source shares. */
export function fillBatch(plan: BatchPlan, out: Float32Array, cursor: Cursor): Batch {
  const { split, spec, encoding, batchSize, orderKey, noiseKey } = plan;
  const batch = nextBatch(split, { batchSize, key: orderKey, cursor });
  fillExamples(out, split, spec, batch.indices, encoding, { key: noiseKey, epoch: batch.epoch });
  return batch;
}

/** A source that prepares each batch when it is asked for. */
export function directSource(plan: BatchPlan): BatchSource {
  checkEncoding(plan.spec, plan.encoding);
  return {
    fill: (out, cursor) => fillBatch(plan, out, cursor),
    close: async () => {},
  };
}
