import { UsageError } from "../base/errors.ts";
import { HostArray, scalar } from "../base/host.ts";
import { type MapLeaves, namedLeaves, withLeaves } from "../base/tree.ts";
import { trace } from "../graph/index.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Executable, Runtime } from "./runtime.ts";

/** A tree of tensors as the caller of a compiled function gives it: host arrays, or numbers for scalars. */
export type HostInput<T> = MapLeaves<T, Tensor, HostArray | number>;

/** A tree of tensors as a compiled function returns it. */
export type HostOutput<T> = MapLeaves<T, Tensor, HostArray>;

/** A graph function made ready to run on host arrays. */
export interface Jitted<Args extends readonly unknown[], R> {
  (...args: HostInput<Args> extends readonly unknown[] ? HostInput<Args> : never): Promise<HostOutput<R>>;
  /** How many times it was compiled: once for each combination of shapes and dtypes it met. */
  readonly compilations: number;
  dispose(): Promise<void>;
}

interface Compiled {
  readonly executable: Executable;
  readonly result: unknown;
}

/** A leaf of an argument tree as a host array; numbers become float32 scalars. */
export function toHostArray(leaf: unknown, path: string): HostArray {
  if (leaf instanceof HostArray) return leaf;
  if (typeof leaf === "number") return scalar(leaf);
  throw new UsageError(`argument ${path} is neither a host array nor a number`);
}

/**
 * Compiles a function of trees of tensors for a runtime. It is traced, and compiled, at the first call with each
 * combination of shapes and dtypes; later calls only run.
 */
export function jit<Args extends readonly unknown[], R>(fn: (...args: Args) => R, runtime: Runtime): Jitted<Args, R> {
  const cache = new Map<string, Promise<Compiled>>();
  const run = async (...args: unknown[]) => {
    const named = namedLeaves<unknown>(args);
    const arrays = named.map(({ leaf, path }) => toHostArray(leaf, path));
    const key = named.map(({ path }, i) => `${path}:${arrays[i]!.dtype}[${arrays[i]!.shape}]`).join(" ");
    let compiled = cache.get(key);
    if (!compiled) {
      compiled = compileTraced(fn as unknown as (...args: never[]) => R, args, runtime);
      cache.set(key, compiled);
      compiled.catch(() => cache.delete(key));
    }
    const { executable, result } = await compiled;
    return withLeaves(result, await executable.run(arrays));
  };
  const dispose = async () => {
    for (const compiled of cache.values()) await (await compiled).executable.dispose();
    cache.clear();
  };
  const jitted = Object.assign(run, { dispose });
  return Object.defineProperty(jitted, "compilations", { get: () => cache.size }) as unknown as Jitted<Args, R>;
}

async function compileTraced(
  fn: (...args: never[]) => unknown,
  args: readonly unknown[],
  runtime: Runtime,
): Promise<Compiled> {
  const { graph, result } = trace(fn, args);
  return { executable: await runtime.compile(graph), result };
}
