import { toBinary } from "@bufbuild/protobuf";
import { UsageError } from "../base/errors.ts";
import type { HostArray } from "../base/host.ts";
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
  /** Names of constants: the paths of parameters that are written into the model. */
  readonly labels?: ReadonlyMap<HostArray, string>;
}

/**
 * A function as an ONNX model for any batch size: it is traced at several sizes, and every number of the models that
 * differs becomes an expression of the first input's batch dimension. Portable operators only.
 */
export function emitForAnyBatch(
  fn: (...args: never[]) => unknown,
  { args, name = "sampo", labels }: BatchExport,
): Uint8Array {
  const options = { device: portableDevice, name, ...(labels ? { labels } : {}) };
  const models = sizes.map((size) => emitModel(tracedAt(fn, args(size)), options));
  return toBinary(ModelProtoSchema, unifyModels(models, sizes));
}

function tracedAt(fn: (...args: never[]) => unknown, args: readonly unknown[]): Graph {
  try {
    return optimize(withPlainNames(trace(fn, args).graph, args.length), { folds: false });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`The function cannot be exported for any batch size: ${error.message}`);
  }
}

/** With one argument, a tree of named inputs, the names alone: `x` instead of `0/x`. */
function withPlainNames(graph: Graph, args: number): Graph {
  if (args !== 1) return graph;
  return { ...graph, inputs: graph.inputs.map(({ name, tensor }) => ({ name: name.replace(/^0\//, ""), tensor })) };
}
