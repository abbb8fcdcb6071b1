import { ShapeError } from "../../base/errors.ts";
import { type Shape, showShape } from "../../base/shape.ts";
import { lines, nd } from "../nd.ts";
import { type Aval, type NdArray, register } from "../primitive.ts";
import { call } from "../tensor.ts";
import { commonDType } from "./elementwise.ts";
import { checked, requireIndices } from "./indexing.ts";

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

/** The transpose of `takeAlong`: an axis of n zeros to which the updates are added at their indices. */
register<PutAttrs>({
  name: "putAlong",
  infer: ([indices, updates], { axis, n }) => {
    requireAlong(updates!.shape, indices!, axis);
    const shape = updates!.shape.map((dim, i) => (i === axis ? n : dim));
    return [{ shape, dtype: commonDType([updates!], "number") }];
  },
  vjp: ({ inputs, cotangents, attrs }) => [undefined, cotangents[0]!.takeAlong(inputs[0]!, attrs.axis)],
  emit: ({ context, names, inputs, outputs, attrs: { axis } }) => {
    const zeros = context.node("Expand", [context.scalar(0, inputs[1]!.dtype), context.ints(outputs[0]!.shape)]);
    return context.node("ScatterElements", [zeros, names[0]!, names[1]!], { axis, reduction: "add" });
  },
  evaluate: ([indices, updates], { axis, n }) => {
    const shape = updates!.shape.map((dim, i) => (i === axis ? n : dim));
    const result = nd(shape, updates!.dtype);
    forEachAlong(indices!, axis, n, (from, to) => {
      result.data[to]! += updates!.data[from]!;
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
