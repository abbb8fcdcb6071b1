import { ShapeError } from "../../base/errors.ts";
import { type DType, full, type HostArray, int64 } from "../../base/host.ts";
import type { Shape } from "../../base/shape.ts";
import { lines, nd } from "../nd.ts";
import { type Aval, type NdArray, register } from "../primitive.ts";
import { constant, type Tensor } from "../tensor.ts";
import { zerosLike } from "../vjp.ts";
import { onnxDType } from "./compare.ts";

/** Throws unless an operand can serve as indices. */
export function requireIndices(indices: Aval): void {
  if (indices.dtype !== "int64") throw new ShapeError(`indices are ${indices.dtype}, not int64; use cast("int64")`);
}

/** An index of the reference interpreter, checked: engines are not required to check theirs. */
export function checked(index: number, n: number): number {
  if (index < 0 || index >= n) throw new ShapeError(`index ${index} is out of range for an axis of size ${n}`);
  return index;
}

const replaceAxis = (shape: Shape, axis: number, by: Shape) => [
  ...shape.slice(0, axis),
  ...by,
  ...shape.slice(axis + 1),
];

function gatherNd(x: NdArray, indices: NdArray, axis: number): NdArray {
  const result = nd(replaceAxis(x.shape, axis, indices.shape), x.dtype);
  const { outer, n, inner } = lines(x.shape, axis);
  let at = 0;
  for (let o = 0; o < outer; o++)
    for (const index of indices.data) {
      const from = (o * n + checked(index, n)) * inner;
      result.data.set(x.data.subarray(from, from + inner), at);
      at += inner;
    }
  return result;
}

/** Rows that are gathered more often than this have their gradients added up one by one. */
const MOST_RETURNS = 4;

/**
 * Where each of n rows went when indices are known: lists of which the r-th names the r-th place of every row, or the
 * place after the last where it went fewer times. Undefined where one went to too many places.
 */
function returnsOf(indices: Tensor, n: number): number[][] | undefined {
  if (indices.node.op.name !== "constant" || indices.size > MOST_RETURNS * n) return undefined;
  const { data } = indices.node.attrs.value as HostArray;
  const lists: number[][] = [];
  const counts = new Uint32Array(n);
  for (let place = 0; place < data.length; place++) {
    const row = Number(data[place]);
    if (!(row >= 0 && row < n) || counts[row]! === MOST_RETURNS) return undefined;
    const nth = counts[row]!++;
    lists[nth] ??= new Array<number>(n).fill(data.length);
    lists[nth][row] = place;
  }
  return lists;
}

/** The gradient of `gather` where indices are known: every row gathers it from where it went, which costs far less than scattering. */
function gatheredBack(g: Tensor, lists: readonly number[][], axis: number, rank: number): Tensor {
  const after = g.shape.slice(axis + rank);
  const flat = g.reshape([...g.shape.slice(0, axis), -1, ...after]);
  const end = flat.shape[axis]!;
  const padded = lists.some((list) => list.includes(end))
    ? flat.pad(flat.shape.map((_, i) => (i === axis ? ([0, 1] as const) : ([0, 0] as const))))
    : flat;
  return lists.map((list) => padded.gather(constant(int64(list)), axis)).reduce((sum, part) => sum.add(part));
}

/** The gradient of `gather`: rows added at their places, with the gathered axis moved to the front and back. */
function gatherVjp(g: Tensor, x: Tensor, indices: Tensor, axis: number): Tensor {
  const zeros = zerosLike(x);
  const lists = returnsOf(indices, x.shape[axis]!);
  if (lists && lists.length > 0) return gatheredBack(g, lists, axis, indices.rank);
  if (axis === 0) return zeros.scatterAdd(indices, g);
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const after = axis + indices.rank;
  const front = g.transpose([...range(axis, after), ...range(0, axis), ...range(after, g.rank)]);
  const toFront = [axis, ...range(0, axis), ...range(axis + 1, x.rank)];
  const back = [...range(1, axis + 1), 0, ...range(axis + 1, x.rank)];
  return zerosLike(x.transpose(toFront)).scatterAdd(indices, front).transpose(back);
}

/** Slices along an axis at the given positions 0..n−1, in the shape of `indices`. */
register<{ axis: number }>({
  name: "gather",
  infer: ([x, indices], { axis }) => {
    requireIndices(indices!);
    return [{ shape: replaceAxis(x!.shape, axis, indices!.shape), dtype: x!.dtype }];
  },
  vjp: ({ inputs: [x, indices], cotangents, attrs }) => [
    gatherVjp(cotangents[0]!, x!, indices!, attrs.axis),
    undefined,
  ],
  emit: ({ context, names, attrs }) => context.node("Gather", names, { axis: attrs.axis }),
  evaluate: ([x, indices], { axis }) => [gatherNd(x!, indices!, axis)],
});

/** A row with a one at each int64 class number; a number outside 0..depth−1 gives a row of zeros. */
register<{ depth: number; dtype: DType }>({
  name: "oneHot",
  infer: ([indices], { depth, dtype }) => {
    requireIndices(indices!);
    if (!Number.isInteger(depth) || depth < 1) throw new ShapeError(`depth ${depth} is not a positive integer`);
    return [{ shape: [...indices!.shape, depth], dtype }];
  },
  emit: ({ context, names, inputs, attrs: { depth, dtype } }) => {
    const column = context.node("Unsqueeze", [names[0]!, context.ints([inputs[0]!.shape.length])]);
    const hit = context.node("Equal", [column, context.ints([...Array(depth).keys()])]);
    return dtype === "bool" ? hit : context.node("Cast", [hit], { to: onnxDType[dtype] });
  },
  evaluate: ([indices], { depth, dtype }) => {
    const result = nd([...indices!.shape, depth], dtype);
    indices!.data.forEach((index, i) => {
      if (index >= 0 && index < depth) result.data[i * depth + index] = 1;
    });
    return [result];
  },
});

/** The numbers start, start + step, … below end as a constant; `arange(n)` is 0..n−1. */
export function arange(start: number, end?: number, step = 1, dtype: DType = "int64"): Tensor {
  const [from, to] = end === undefined ? [0, start] : [start, end];
  const array = full(dtype, [Math.max(0, Math.ceil((to - from) / step))], 0);
  const { data } = array;
  for (let i = 0; i < data.length; i++) {
    if (data instanceof BigInt64Array) data[i] = BigInt(from + i * step);
    else (data as Float64Array)[i] = from + i * step;
  }
  return constant(array);
}
