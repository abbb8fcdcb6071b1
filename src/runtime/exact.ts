import { UsageError } from "../base/errors.ts";
import { castHost, type HostArray } from "../base/host.ts";
import { leaves, mapTree, withLeaves } from "../base/tree.ts";
import { Spec, trace } from "../graph/index.ts";
import { cutSteady, exact } from "../graph/passes/index.ts";
import { pruneScans } from "../graph/passes/prune-scans.ts";
import { arrayFor, type Executable, type Runtime } from "./runtime.ts";

/** A function compiled so that it computes the same bits on every machine, with its parameters already in it. */
export interface Exact<A, R> {
  /** Runs it; floats go in and come out as float64. Results are fresh, or written into those of an earlier run. */
  run(args: A, into?: R): Promise<R>;
  dispose(): Promise<void>;
}

/**
 * Compiles fn(params, args), written for float32, exactly (`graph/passes/exact`). What depends on the parameters only is
 * computed here, once. `args` shows shapes and dtypes; trees in, trees out.
 */
export async function compileExact<A, R>(
  fn: (params: never, args: never) => unknown,
  runtime: Runtime,
  params: unknown,
  args: unknown,
): Promise<Exact<A, R>> {
  if (runtime.device.kind === "webgpu")
    throw new UsageError("WebGPU has no double precision, which this needs; use --device cpu or wasm.");
  const { graph, result } = trace(fn as (...all: never[]) => unknown, [params, mapTree(args, narrow)]);
  const count = leaves(params).length;
  const isParameter = (_: unknown, i: number) => i < count;
  const { before, after } = cutSteady(exact(pruneScans(graph), isParameter), isParameter);
  const steady = await once(
    runtime,
    before.outputs.length > 0 ? before : undefined,
    leaves<HostArray>(params).map(wide),
  );
  const executable = await runtime.compile(after);
  return {
    run: async (given, into) => {
      const inputs = [...leaves<HostArray>(given).map(wide), ...steady];
      const targets = into === undefined ? executable.outputs.map(arrayFor) : leaves<HostArray>(into);
      return withLeaves(result, await executable.run(inputs, targets)) as R;
    },
    dispose: () => executable.dispose(),
  };
}

/** Runs a graph a single time. */
async function once(
  runtime: Runtime,
  graph: Parameters<Runtime["compile"]>[0] | undefined,
  inputs: readonly HostArray[],
) {
  if (!graph) return [];
  const executable: Executable = await runtime.compile(graph);
  const results = await executable.run(inputs);
  await executable.dispose();
  return results;
}

/** What a function written for float32 takes in the place of a float64 array. */
const narrow = ({ shape, dtype }: HostArray) => new Spec(shape, dtype === "float64" ? "float32" : dtype);

/** Floats as exact functions take them. */
const wide = (array: HostArray): HostArray => (array.dtype === "float32" ? castHost(array, "float64") : array);
