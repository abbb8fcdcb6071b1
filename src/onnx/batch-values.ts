import type { HostArray } from "../base/host.ts";
import { type Shape, sameShape, sizeOf } from "../base/shape.ts";

/** Numbers that depend on the batch size B as slope·B + offset. */
export interface Affine {
  readonly slope: readonly number[];
  readonly offset: readonly number[];
}

/** How a constant depends on the batch size B, found from its values at several sizes. */
export type Dependence =
  | { readonly kind: "fixed" }
  | { readonly kind: "affine"; readonly affine: Affine }
  /** One number over B, as in a mean. */
  | { readonly kind: "inverse"; readonly numerator: number }
  /** One number in a shape that depends on B. */
  | { readonly kind: "filled"; readonly value: number; readonly shape: Affine };

/** Relative difference at which float32 numbers count as equal. */
const rounding = 1e-6;

const close = (a: number, b: number) => Math.abs(a - b) <= rounding * Math.max(Math.abs(a), Math.abs(b));
const numbers = ({ data }: HostArray) => Array.from(data as ArrayLike<number | bigint>, Number);

/** Lists of numbers at several batch sizes as slope·B + offset, where that explains all of them. */
export function affineOf(lists: readonly (readonly number[])[], sizes: readonly number[], exact: boolean) {
  const [first, second] = lists as [number[], number[]];
  const [b0, b1] = sizes as [number, number];
  if (!lists.every((list) => list.length === first.length)) return undefined;
  const slope = first.map((value, i) => (second[i]! - value) / (b1 - b0));
  const offset = first.map((value, i) => value - slope[i]! * b0);
  if (exact && !slope.every(Number.isInteger)) return undefined;
  const holds = lists.every((list, k) =>
    list.every((value, i) => {
      const predicted = slope[i]! * sizes[k]! + offset[i]!;
      return exact ? predicted === value : close(predicted, value);
    }),
  );
  return holds ? { slope, offset } : undefined;
}

/** How a constant with these values at these batch sizes depends on the batch size; undefined where no rule explains it. */
export function dependenceOf(values: readonly HostArray[], sizes: readonly number[]): Dependence | undefined {
  const [first] = values as [HostArray];
  const lists = values.map(numbers);
  if (!values.every(({ shape }) => sameShape(shape, first.shape))) return filled(values, lists, sizes);
  if (lists.every((list) => list.every((value, i) => Object.is(value, lists[0]![i])))) return { kind: "fixed" };
  if (first.dtype === "int64") return affine(lists, sizes, true);
  if (first.size !== 1 || first.dtype === "bool") return undefined;
  const numerator = lists[0]![0]! * sizes[0]!;
  if (lists.every(([value], k) => close(value! * sizes[k]!, numerator))) return { kind: "inverse", numerator };
  return affine(lists, sizes, false);
}

function affine(lists: readonly number[][], sizes: readonly number[], exact: boolean): Dependence | undefined {
  const found = affineOf(lists, sizes, exact);
  return found && { kind: "affine", affine: found };
}

function filled(values: readonly HostArray[], lists: readonly number[][], sizes: readonly number[]) {
  const value = lists[0]![0];
  const shapes: Shape[] = values.map(({ shape }) => shape);
  const shape = affineOf(shapes, sizes, true);
  const uniform = lists.every((list) => list.every((element) => element === value));
  return shape && uniform && value !== undefined && shapes.every((s) => sizeOf(s) > 0)
    ? ({ kind: "filled", value, shape } as const)
    : undefined;
}
