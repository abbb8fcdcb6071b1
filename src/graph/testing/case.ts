import { type DType, HostArray, int64 } from "../../base/host.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import type { Tensor } from "../tensor.ts";

/** Nested arrays of numbers: how cases say what they expect, with the shape in the nesting. */
export type Nested = number | readonly Nested[];

/** One row of the table that every primitive must stand in: an application of it and what it must compute. */
export interface Case {
  /** The primitive under test. */
  readonly op: string;
  readonly title: string;
  /** Arguments; float64 arrays stand for float32 tensors in full precision. */
  readonly args: readonly HostArray[];
  readonly fn: (...args: Tensor[]) => Tensor | readonly Tensor[];
  /** The results by an independent formula, from the arguments as nested arrays; a list of them for several results. */
  readonly expected: (...args: never[]) => Nested;
  /** How many orders of differentiation are compared with finite differences: 2 unless told otherwise. */
  readonly orders?: 0 | 1 | 2;
  /** Relative error allowed to an engine that computes in float32: 1e-5 unless told otherwise. */
  readonly tolerance?: number;
  /** Why engines are not asked to compute it (the float64 reference is). */
  readonly referenceOnly?: string;
}

/** Numbers in [0, 1) for tests (mulberry32): the library's own streams live on a later floor. */
export function numbers(seed: number, count: number): number[] {
  let state = seed * 0x9e3779b9;
  return Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  });
}

/** Random floats between low and high. */
export function floats(shape: Shape, low = -2, high = 2, seed = 1): HostArray<"float64"> {
  const data = numbers(seed + shape.length, sizeOf(shape)).map((u) => low + (high - low) * u);
  return new HostArray("float64", shape, Float64Array.from(data));
}

/** Given floats. */
export function given(values: readonly number[], shape: Shape = [values.length]): HostArray<"float64"> {
  return new HostArray("float64", shape, Float64Array.from(values));
}

/** Given integers. */
export function ints(values: readonly number[], shape: Shape = [values.length]): HostArray<"int64"> {
  return int64(values, shape);
}

/** Given truth values, 0 or 1. */
export function bools(values: readonly number[], shape: Shape = [values.length]): HostArray<"bool"> {
  return new HostArray("bool", shape, Uint8Array.from(values));
}

/** The dtype an argument is traced with. */
export function tracedDType(array: HostArray): DType {
  return array.dtype === "float64" ? "float32" : array.dtype;
}

const depth = (x: Nested): number => (typeof x === "number" ? 0 : 1 + (x.length === 0 ? 0 : depth(x[0]!)));

/** A function of numbers applied to nested arrays under NumPy's broadcasting, by recursion. */
export function each(fn: (...values: number[]) => number): (...args: Nested[]) => Nested {
  const apply = (...args: Nested[]): Nested => {
    const rank = Math.max(...args.map(depth));
    if (rank === 0) return fn(...(args as number[]));
    const lists = args.map((arg) => (depth(arg) === rank ? (arg as readonly Nested[]) : [arg]));
    const length = lists.find((list) => list.length !== 1)?.length ?? 1;
    return Array.from({ length }, (_, i) => apply(...lists.map((list) => list[list.length === 1 ? 0 : i]!)));
  };
  return apply;
}

/** All numbers of a nested array in order. */
export function flat(x: Nested): number[] {
  return typeof x === "number" ? [x] : x.flatMap(flat);
}
