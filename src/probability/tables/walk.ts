import type { Variable } from "./variable.ts";

/** Called with the start and step of a row in two tables and its length. */
type Row = (left: number, leftStep: number, right: number, rightStep: number, length: number) => void;

interface Axis {
  readonly size: number;
  readonly left: number;
  readonly right: number;
}

/** Axes of one place dropped, and neighbours that both tables walk through evenly made one. */
function merged(sizes: readonly number[], left: readonly number[], right: readonly number[]): Axis[] {
  const axes: Axis[] = [];
  sizes.forEach((size, i) => {
    if (size === 1) return;
    const axis = { size, left: left[i]!, right: right[i]! };
    const last = axes.at(-1);
    if (last && last.left === axis.left * size && last.right === axis.right * size)
      axes[axes.length - 1] = { ...axis, size: size * last.size };
    else axes.push(axis);
  });
  return axes;
}

/** Walks through all cells of axes of these sizes, last axis fastest, in two tables at once, a row at a time. */
export function walkRows(
  sizes: readonly number[],
  left: readonly number[],
  right: readonly number[],
  row: Row,
  start: { readonly left?: number; readonly right?: number } = {},
): void {
  const outer = merged(sizes, left, right);
  const inner = outer.pop() ?? { size: 1, left: 1, right: 1 };
  const at = new Int32Array(outer.length);
  let [l, r] = [start.left ?? 0, start.right ?? 0];
  for (;;) {
    row(l, inner.left, r, inner.right, inner.size);
    let axis = outer.length - 1;
    for (; axis >= 0; axis--) {
      const { size, left, right } = outer[axis]!;
      l += left;
      r += right;
      at[axis]!++;
      if (at[axis]! < size) break;
      l -= left * size;
      r -= right * size;
      at[axis] = 0;
    }
    if (axis < 0) return;
  }
}

/** Numbers of states. */
export function sizesOf(variables: readonly Variable[]): number[] {
  return variables.map(({ states }) => states.length);
}

/** For each variable of `along` its stride in a dense table over `variables` (last fastest); 0 where it is not in it. */
export function stridesAlong(along: readonly Variable[], variables: readonly Variable[]): number[] {
  const strides = along.map(() => 0);
  let stride = 1;
  for (let i = variables.length - 1; i >= 0; i--) {
    const { name, states } = variables[i]!;
    const axis = along.findIndex((variable) => variable.name === name);
    if (axis >= 0) strides[axis] = stride;
    stride *= states.length;
  }
  return strides;
}
