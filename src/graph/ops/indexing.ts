import { ShapeError } from "../../base/errors.ts";
import { type DType, full, HostArray } from "../../base/host.ts";
import { type Shape, sameShape, showShape } from "../../base/shape.ts";
import { lines, nd } from "../nd.ts";
import { type Aval, type Emission, type NdArray, register } from "../primitive.ts";
import { call, constant, type Tensor } from "../tensor.ts";
import { zerosLike } from "../vjp.ts";
import { onnxDType } from "./compare.ts";
import { commonDType, type NoAttrs } from "./elementwise.ts";

function requireIndices(indices: Aval): void {
  if (indices.dtype !== "int64") throw new ShapeError(`indices are ${indices.dtype}, not int64; use cast("int64")`);
}

/** An index of the reference interpreter, checked: engines are not required to check theirs. */
function checked(index: number, n: number): number {
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

/** The gradient of `gather`: rows added at their places, with the gathered axis moved to the front and back. */
function gatherVjp(g: Tensor, x: Tensor, indices: Tensor, axis: number): Tensor {
  const zeros = zerosLike(x);
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

/** x with `updates` (indices.shape + x.shape[1..]) added to its rows `indices`; repeated indices accumulate. */
register<NoAttrs>({
  name: "scatterAdd",
  infer: ([x, indices, updates]) => {
    requireIndices(indices!);
    const dtype = commonDType([x!, updates!], "number");
    if (x!.shape.length === 0) throw new ShapeError("a scalar has no rows");
    const wanted = [...indices!.shape, ...x!.shape.slice(1)];
    if (!sameShape(updates!.shape, wanted)) throw new ShapeError(`updates must have shape ${showShape(wanted)}`);
    return [{ shape: x!.shape, dtype }];
  },
  vjp: ({ inputs, cotangents, needs }) => [
    cotangents[0],
    undefined,
    needs[2] ? cotangents[0]!.gather(inputs[1]!, 0) : undefined,
  ],
  emit: ({ context, names, inputs }) => {
    const last = context.node("Unsqueeze", [names[1]!, context.ints([inputs[1]!.shape.length])]);
    return context.node("ScatterND", [names[0]!, last, names[2]!], { reduction: "add" });
  },
  evaluate: ([x, indices, updates]) => {
    const result = nd(x!.shape, x!.dtype, x!.data.slice());
    const { n, inner } = lines(x!.shape, 0);
    for (let i = 0; i < indices!.data.length; i++) {
      const row = checked(indices!.data[i]!, n) * inner;
      for (let j = 0; j < inner; j++) result.data[row + j]! += updates!.data[i * inner + j]!;
    }
    return [result];
  },
});

type AxisAttrs = { readonly axis: number };

function requireAlong(x: Shape, indices: Aval, axis: number): void {
  requireIndices(indices);
  if (indices.shape.length !== x.length || indices.shape.some((dim, i) => i !== axis && dim !== x[i]))
    throw new ShapeError(
      `indices ${showShape(indices.shape)} must have the sizes of ${showShape(x)} beside axis ${axis}`,
    );
}

/** Calls `visit(position in the indices, position in x)` for each index along an axis of size n. */
function forEachAlong(indices: NdArray, axis: number, n: number, visit: (from: number, to: number) => void): void {
  const { outer, n: k, inner } = lines(indices.shape, axis);
  for (let o = 0; o < outer; o++)
    for (let j = 0; j < k; j++)
      for (let i = 0; i < inner; i++) {
        const from = (o * k + j) * inner + i;
        visit(from, (o * n + checked(indices.data[from]!, n)) * inner + i);
      }
}

/** Elements at positions along an axis, one line at a time: y[i, j] = x[i, indices[i, j]]. */
register<AxisAttrs>({
  name: "takeAlong",
  infer: ([x, indices], { axis }) => {
    requireAlong(x!.shape, indices!, axis);
    return [{ shape: indices!.shape, dtype: x!.dtype }];
  },
  vjp: ({ inputs: [x, indices], cotangents, attrs: { axis } }) => [
    call("putAlong", [indices!, cotangents[0]!], { axis, n: x!.shape[axis]! }),
    undefined,
  ],
  emit: ({ context, names, attrs }) => context.node("GatherElements", names, { axis: attrs.axis }),
  evaluate: ([x, indices], { axis }) => {
    const result = nd(indices!.shape, x!.dtype);
    forEachAlong(indices!, axis, x!.shape[axis]!, (from, to) => {
      result.data[from] = x!.data[to]!;
    });
    return [result];
  },
});

type PutAttrs = { readonly axis: number; readonly n: number };

/** Positions 0..n−1 laid along one of `rank` axes. */
function positionsAlong(n: number, axis: number, rank: number): HostArray {
  const shape = Array.from({ length: rank }, (_, i) => (i === axis ? n : 1));
  return new HostArray(
    "int64",
    shape,
    BigInt64Array.from({ length: n }, (_, i) => BigInt(i)),
  );
}

/** One index a line: a comparison with all positions is far cheaper than ScatterElements. */
function emitPutAlong({ context, names, inputs, outputs, attrs: { axis, n } }: Emission<PutAttrs>): string {
  const { shape, dtype } = inputs[1]!;
  if (shape[axis] === 1) {
    const hit = context.node("Equal", [names[0]!, context.constant(positionsAlong(n, axis, shape.length))]);
    return context.node("Mul", [context.node("Cast", [hit], { to: onnxDType[dtype] }), names[1]!]);
  }
  const zeros = context.node("Expand", [context.scalar(0, dtype), context.ints(outputs[0]!.shape)]);
  return context.node("ScatterElements", [zeros, names[0]!, names[1]!], { axis, reduction: "add" });
}

/** The transpose of `takeAlong`: an axis of n zeros to which the updates are added at their indices. */
register<PutAttrs>({
  name: "putAlong",
  infer: ([indices, updates], { axis, n }) => {
    requireAlong(updates!.shape, indices!, axis);
    const shape = updates!.shape.map((dim, i) => (i === axis ? n : dim));
    return [{ shape, dtype: commonDType([updates!], "number") }];
  },
  vjp: ({ inputs, cotangents, attrs }) => [undefined, cotangents[0]!.takeAlong(inputs[0]!, attrs.axis)],
  emit: emitPutAlong,
  evaluate: ([indices, updates], { axis, n }) => {
    const shape = updates!.shape.map((dim, i) => (i === axis ? n : dim));
    const result = nd(shape, updates!.dtype);
    forEachAlong(indices!, axis, n, (from, to) => {
      result.data[to]! += updates!.data[from]!;
    });
    return [result];
  },
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
    const hit = context.node("Equal", [column, context.constant(positionsAlong(depth, 0, 1))]);
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

type TopKAttrs = { readonly k: number; readonly axis: number; readonly largest: boolean };

const topShape = (shape: Shape, { k, axis }: TopKAttrs) => shape.map((dim, i) => (i === axis ? k : dim));

function topNd(x: NdArray, attrs: TopKAttrs): NdArray[] {
  const shape = topShape(x.shape, attrs);
  const [values, indices] = [nd(shape, x.dtype), nd(shape, "int64")];
  const { outer, n, inner } = lines(x.shape, attrs.axis);
  const sign = attrs.largest ? -1 : 1;
  for (let line = 0; line < outer * inner; line++) {
    const [o, i] = [Math.floor(line / inner), line % inner];
    const value = (j: number) => x.data[(o * n + j) * inner + i]!;
    const order = Array.from({ length: n }, (_, j) => j).sort((a, b) => sign * (value(a) - value(b)) || a - b);
    for (let j = 0; j < attrs.k; j++) {
      const at = (o * attrs.k + j) * inner + i;
      indices.data[at] = order[j]!;
      values.data[at] = value(order[j]!);
    }
  }
  return [values, indices];
}

/** The k largest (or smallest) elements along an axis in order, and their positions; ties by position. */
register<TopKAttrs>({
  name: "topK",
  infer: (inputs, attrs) => {
    const dtype = commonDType(inputs, "number");
    const { shape } = inputs[0]!;
    const { k, axis } = attrs;
    if (!Number.isInteger(k) || k < 0 || k > shape[axis]!)
      throw new ShapeError(`k = ${k} does not lie between 0 and the axis' size ${shape[axis]}`);
    const result = topShape(shape, attrs);
    return [
      { shape: result, dtype },
      { shape: result, dtype: "int64" },
    ];
  },
  vjp: ({ inputs, outputs, cotangents: [g], attrs: { axis } }) => [
    g && call("putAlong", [outputs[1]!, g], { axis, n: inputs[0]!.shape[axis]! }),
  ],
  emit: ({ context, names, attrs: { k, axis, largest } }) =>
    context.nodes("TopK", [names[0]!, context.ints([k])], 2, { axis, largest: Number(largest), sorted: 1 }),
  evaluate: ([x], attrs) => topNd(x!, attrs),
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
