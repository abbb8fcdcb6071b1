import { toBinary } from "@bufbuild/protobuf";
import { UsageError } from "../base/errors.ts";
import { type Graph, trace } from "../graph/graph.ts";
import { optimize } from "../graph/passes/optimize.ts";
import { emitModel, portableDevice } from "./emit.ts";
import { ModelProtoSchema } from "./generated/onnx_pb.js";
import { unifyModels } from "./unify.ts";

/** Batch sizes a function is traced at to find out how it depends on them: primes that rarely meet another dimension. */
const sizes = [5, 7, 11] as const;

/** A function to be exported for any batch size. */
export interface BatchExport {
  /** Arguments (host arrays, specs or numbers, in trees) for a batch size: the batch axis has that length. */
  readonly args: (batch: number) => readonly unknown[];
  /** The name the model carries. */
  readonly name?: string;
}

/**
 * A function as an ONNX model for any batch size: it is traced at several sizes, and every number of the models that
 * differs becomes an expression of the first input's batch dimension. Portable operators only.
 */
export function emitForAnyBatch(fn: (...args: never[]) => unknown, { args, name = "sampo" }: BatchExport): Uint8Array {
  const models = sizes.map((size) => emitModel(tracedAt(fn, args(size)), { device: portableDevice, name }));
  return toBinary(ModelProtoSchema, unifyModels(models, sizes));
}

function tracedAt(fn: (...args: never[]) => unknown, args: readonly unknown[]): Graph {
  try {
    return optimize(trace(fn, args).graph, { folds: false });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`The function cannot be exported for any batch size: ${error.message}`);
  }
}
