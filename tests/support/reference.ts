import { type DType, HostArray } from "../../src/base/host.ts";
import type { Shape } from "../../src/base/shape.ts";
import { leaves, mapTree, withLeaves } from "../../src/base/tree.ts";
import { interpret, type Tensor, trace } from "../../src/graph/index.ts";
import type { NdArray } from "../../src/graph/primitive.ts";

const asNd = (leaf: HostArray | number): NdArray =>
  typeof leaf === "number"
    ? { shape: [], dtype: "float32", data: Float64Array.of(leaf) }
    : { shape: leaf.shape, dtype: leaf.dtype === "float64" ? "float32" : leaf.dtype, data: numbersOf(leaf) };

const numbersOf = (array: HostArray) => Float64Array.from(array.data as ArrayLike<number | bigint>, Number);

/** A float64 host array: as an argument of `evaluate` it stands for a float32 tensor, without rounding. */
export function f64(values: ArrayLike<number>, shape: Shape = [values.length]): HostArray<"float64"> {
  return new HostArray("float64", shape, Float64Array.from(values));
}

/** The same graph function, traced once at the first call and evaluated in float64; all results are float64. */
export function reference<Args extends readonly unknown[], R>(fn: (...args: Args) => R) {
  let traced: ReturnType<typeof trace<R>> | undefined;
  return (...args: readonly unknown[]): R => {
    const values = leaves<HostArray | number>(args).map(asNd);
    traced ??= trace<R>(
      fn as never,
      mapTree<HostArray | number, HostArray>(args, (leaf) => placeholder(asNd(leaf))) as unknown[],
    );
    const results = interpret(traced.graph, values).map(({ shape, data }) => f64(data, shape));
    return withLeaves<HostArray, R>(traced.result, results) as R;
  };
}

const holders = { float32: Float32Array, float64: Float64Array, int64: BigInt64Array, bool: Uint8Array } as const;
const placeholder = ({ shape, dtype, data }: NdArray) =>
  new HostArray(dtype as DType, shape, new holders[dtype](data.length) as never);

/** Evaluates a graph function of one result once, in float64, and returns its numbers. */
export function evaluate(fn: (...args: never[]) => Tensor, ...args: readonly unknown[]): number[] {
  return Array.from((reference(fn)(...args) as unknown as HostArray<"float64">).data);
}
