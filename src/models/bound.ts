import { type DataOf, HostArray } from "../base/host.ts";
import { sizeOf } from "../base/shape.ts";
import { leaves, mapTree } from "../base/tree.ts";
import { constant, type Tensor } from "../graph/index.ts";
import { fillBytes, fillGumbel, fillNormal, fillUniform, type Key } from "../random/index.ts";
import { jit, type Runtime } from "../runtime/index.ts";
import type { AnyModel, GraphFunction, Named, NoiseLaw, Params, TracedParams } from "./contract.ts";

const fills = { normal: fillNormal, uniform: fillUniform, gumbel: fillGumbel, bytes: fillBytes } as const;

/** Fills a buffer with noise of a law; element i depends only on the key and offset + i. */
export function fillNoise(law: NoiseLaw, key: Key, out: Float32Array, offset = 0): void {
  fills[law](key, out, offset);
}

/** Noise of a law; element i depends only on the key and offset + i, so any split into batches draws the same numbers. */
export function drawNoise(law: NoiseLaw, key: Key, shape: readonly number[], offset = 0): HostArray<"float32"> {
  const data = new Float32Array(sizeOf(shape));
  fills[law](key, data, offset);
  return new HostArray("float32", shape, data);
}

/** Parameters on a runtime: runs a model's graph functions, compiling each once per batch size. */
export interface Bound {
  readonly runtime: Runtime;
  readonly params: Params;
  run(fn: GraphFunction, inputs: Named<HostArray>): Promise<Named<HostArray<"float32">>>;
  /** The same compiled functions with other parameters of the same shapes. */
  with(params: Params): Bound;
}

type Compiled = (params: Params, inputs: Named<HostArray>) => Promise<unknown>;

/** Parameters beyond this many are never compiled in: an ONNX model of more than two gigabytes cannot be. */
const mostFixed = 2 ** 26;

/** Binds parameters to a runtime. */
export function bind(runtime: Runtime, params: Params): Bound {
  const bound = boundTo(runtime, params, new Map());
  if (countParams(params) > mostFixed) return bound;
  const fixed = new Map<GraphFunction, FixedCompiled>();
  return {
    ...bound,
    run: (fn, inputs) => {
      if (!fn.fixesParams) return bound.run(fn, inputs);
      const run = fixed.get(fn) ?? compileFixed(runtime, params, fn);
      fixed.set(fn, run);
      return run(inputs);
    },
  };
}

type FixedCompiled = (inputs: Named<HostArray>) => Promise<Named<HostArray<"float32">>>;

/** A function with the parameters compiled in. */
function compileFixed(runtime: Runtime, params: Params, fn: GraphFunction): FixedCompiled {
  const known = mapTree<HostArray, Tensor>(params as never, (leaf) => constant(leaf)) as TracedParams;
  const apply = (inputs: Named<Tensor>) => fn.apply(known, inputs);
  return jit<[], Tensor>(apply as never, runtime) as unknown as FixedCompiled;
}

function boundTo(runtime: Runtime, params: Params, compiled: Map<GraphFunction, Compiled>): Bound {
  const compile = (fn: GraphFunction) => {
    const apply = (traced: TracedParams, inputs: Named<Tensor>) => fn.apply(traced, inputs);
    return jit<[], Tensor>(apply as never, runtime) as unknown as Compiled;
  };
  return {
    runtime,
    params,
    run: async (fn, inputs) => {
      const run = compiled.get(fn) ?? compile(fn);
      compiled.set(fn, run);
      return (await run(params, inputs)) as Named<HostArray<"float32">>;
    },
    with: (other) => boundTo(runtime, other, compiled),
  };
}

/** Rows `start` to `end` of an array, without copying. */
export function rows<D extends "float32" | "float64">(array: HostArray<D>, start: number, end: number): HostArray<D> {
  const width = sizeOf(array.shape.slice(1));
  const part = (array.data as Float32Array).subarray(start * width, end * width);
  return new HostArray(array.dtype, [end - start, ...array.shape.slice(1)], part as DataOf[D]);
}

/** Calls `work` for consecutive ranges that cover 0..count, and reports progress. */
export async function inChunks(
  count: number,
  size: number,
  work: (start: number, end: number) => Promise<void>,
  progress?: (fraction: number) => void,
): Promise<void> {
  for (let start = 0; start < count; start += size) {
    const end = Math.min(count, start + size);
    await work(start, end);
    progress?.(end / count);
  }
}

/** Number of parameters. */
export function countParams(params: Params): number {
  return leaves<HostArray>(params).reduce((sum, leaf) => sum + leaf.size, 0);
}

/** Number of parameters of a model: the independent ones where it tells them from those that it stores. */
export function parametersOf({ freeParameters }: AnyModel, params: Params): number {
  return countParams(params) === 0 ? 0 : (freeParameters?.(params) ?? countParams(params));
}
