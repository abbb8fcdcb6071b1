import { ShapeError } from "../../base/errors.ts";
import {
  broadcastShapes,
  normalizeAxis,
  type Shape,
  sameShape,
  showShape,
  sizeOf,
  stridesOf,
} from "../../base/shape.ts";
import { broadcastIndices, nd, pick, stridedIndices } from "../nd.ts";
import { type NdArray, register } from "../primitive.ts";
import { call, type Tensor } from "../tensor.ts";
import { zerosLike } from "../vjp.ts";
import { sumTo } from "./elementwise.ts";

type ShapeAttrs = { readonly shape: readonly number[] };

/** The same elements in row-major order in another shape. */
register<ShapeAttrs>({
  name: "reshape",
  infer: ([x], { shape }) => {
    if (!shape.every((dim) => Number.isInteger(dim) && dim >= 0) || sizeOf(shape) !== sizeOf(x!.shape))
      throw new ShapeError(`${sizeOf(x!.shape)} elements do not fill shape ${showShape(shape)}`);
    return [{ shape, dtype: x!.dtype }];
  },
  vjp: ({ inputs, cotangents }) => [cotangents[0]!.reshape(inputs[0]!.shape)],
  emit: ({ context, names, attrs }) =>
    context.node("Reshape", [names[0]!, context.ints(attrs.shape)], attrs.shape.includes(0) ? { allowzero: 1 } : {}),
  evaluate: ([x], { shape }) => [nd(shape, x!.dtype, x!.data)],
});

type OrderAttrs = { readonly order: readonly number[] };

function transposeNd(x: NdArray, order: readonly number[]): NdArray {
  const shape = order.map((axis) => x.shape[axis]!);
  const strides = stridesOf(x.shape);
  const moved = order.map((axis) => strides[axis]!);
  return pick(x, stridedIndices(shape, moved), shape);
}

/** Axes in another order. */
register<OrderAttrs>({
  name: "transpose",
  infer: ([x], { order }) => {
    if (order.length !== x!.shape.length || new Set(order).size !== order.length)
      throw new ShapeError(`order ${showShape(order)} does not name each of the ${x!.shape.length} axes once`);
    return [{ shape: order.map((axis) => x!.shape[axis]!), dtype: x!.dtype }];
  },
  vjp: ({ cotangents, attrs: { order } }) => [cotangents[0]!.transpose(order.map((_, axis) => order.indexOf(axis)))],
  emit: ({ context, names, attrs }) => context.node("Transpose", names, { perm: attrs.order }),
  evaluate: ([x], { order }) => [transposeNd(x!, order)],
});

/** Repeats axes of size 1 and adds axes in front, as NumPy's broadcasting does. */
register<ShapeAttrs>({
  name: "broadcastTo",
  infer: ([x], { shape }) => {
    if (!sameShape(broadcastShapes(x!.shape, shape), shape))
      throw new ShapeError(`shape ${showShape(x!.shape)} does not broadcast to ${showShape(shape)}`);
    return [{ shape, dtype: x!.dtype }];
  },
  vjp: ({ inputs, cotangents }) => [sumTo(cotangents[0]!, inputs[0]!.shape)],
  emit: ({ context, names, inputs, attrs }) =>
    sameShape(inputs[0]!.shape, attrs.shape)
      ? names[0]!
      : context.node("Expand", [names[0]!, context.ints(attrs.shape)]),
  evaluate: ([x], { shape }) => [pick(x!, broadcastIndices(x!.shape, shape), shape)],
});

type PadAttrs = { readonly amounts: readonly (readonly [number, number])[]; readonly value: number };

function padShape(shape: Shape, amounts: PadAttrs["amounts"]): number[] {
  return shape.map((dim, axis) => dim + amounts[axis]![0] + amounts[axis]![1]);
}

/** Copies the box of `from` that starts at `source` into the box of `to` that starts at `target`. */
function copyBox(from: NdArray, source: readonly number[], to: NdArray, target: readonly number[], box: Shape): void {
  const at = (strides: readonly number[], position: readonly number[]) =>
    position.reduce((sum, p, axis) => sum + p * strides[axis]!, 0);
  const [reading, writing] = [stridesOf(from.shape), stridesOf(to.shape)];
  const read = stridedIndices(box, reading, at(reading, source));
  const write = stridedIndices(box, writing, at(writing, target));
  for (let i = 0; i < read.length; i++) to.data[write[i]!] = from.data[read[i]!]!;
}

function padNd(x: NdArray, { amounts, value }: PadAttrs): NdArray {
  const result = nd(padShape(x.shape, amounts), x.dtype);
  result.data.fill(value);
  const source = amounts.map(([before]) => Math.max(0, -before));
  const target = amounts.map(([before]) => Math.max(0, before));
  const box = x.shape.map((dim, axis) => {
    const [before, after] = amounts[axis]!;
    return Math.max(0, dim + Math.min(0, before) + Math.min(0, after));
  });
  copyBox(x, source, result, target, box);
  return result;
}

/** Adds `value` around (or, with negative amounts, crops) each axis. */
register<PadAttrs>({
  name: "pad",
  infer: ([x], { amounts }) => {
    if (amounts.length !== x!.shape.length)
      throw new ShapeError(`${amounts.length} amounts were given for ${x!.shape.length} axes`);
    const shape = padShape(x!.shape, amounts);
    if (shape.some((dim) => dim < 0)) throw new ShapeError(`cropping leaves shape ${showShape(shape)}`);
    return [{ shape, dtype: x!.dtype }];
  },
  vjp: ({ cotangents, attrs }) => [
    cotangents[0]!.pad(attrs.amounts.map(([before, after]): [number, number] => [-before, -after])),
  ],
  emit: ({ context, names, inputs, attrs }) => {
    const pads = [...attrs.amounts.map(([before]) => before), ...attrs.amounts.map(([, after]) => after)];
    return context.node("Pad", [names[0]!, context.ints(pads), context.scalar(attrs.value, inputs[0]!.dtype)]);
  },
  evaluate: ([x], attrs) => [padNd(x!, attrs)],
});

type SplitAttrs = { readonly axis: number; readonly sizes: readonly number[] };

/** Where each part starts along the axis. */
const starts = (sizes: readonly number[]) => sizes.map((_, i) => total(sizes.slice(0, i)));
const total = (sizes: readonly number[]) => sizes.reduce((sum, size) => sum + size, 0);

const startAt = (shape: Shape, axis: number, start: number) => shape.map((_, i) => (i === axis ? start : 0));

/** Consecutive parts along an axis. */
register<SplitAttrs>({
  name: "split",
  infer: ([x], { axis, sizes }) => {
    const dim = x!.shape[axis]!;
    if (!sizes.every((size) => Number.isInteger(size) && size >= 0) || total(sizes) !== dim)
      throw new ShapeError(`parts of sizes ${showShape(sizes)} do not make up axis ${axis} of size ${dim}`);
    return sizes.map((size) => ({ shape: x!.shape.map((d, i) => (i === axis ? size : d)), dtype: x!.dtype }));
  },
  vjp: ({ outputs, cotangents, attrs }) => [
    concat(
      outputs.map((output, i) => cotangents[i] ?? zerosLike(output)),
      attrs.axis,
    ),
  ],
  emit: ({ context, names, attrs: { axis, sizes } }) =>
    sizes.length === 1 ? [names[0]!] : context.nodes("Split", [names[0]!, context.ints(sizes)], sizes.length, { axis }),
  evaluate: ([x], { axis, sizes }) =>
    starts(sizes).map((start, part) => {
      const shape = x!.shape.map((dim, i) => (i === axis ? sizes[part]! : dim));
      const result = nd(shape, x!.dtype);
      copyBox(x!, startAt(shape, axis, start), result, startAt(shape, axis, 0), shape);
      return result;
    }),
});

/** Tensors one after the other along an axis. */
register<{ axis: number }>({
  name: "concat",
  infer: (inputs, { axis }) => {
    const [first, ...rest] = inputs;
    for (const { shape, dtype } of rest) {
      if (dtype !== first!.dtype) throw new ShapeError(`dtypes ${first!.dtype} and ${dtype} differ; use cast()`);
      if (shape.length !== first!.shape.length || shape.some((dim, i) => i !== axis && dim !== first!.shape[i]))
        throw new ShapeError(`shapes ${showShape(first!.shape)} and ${showShape(shape)} differ beside axis ${axis}`);
    }
    const size = total(inputs.map(({ shape }) => shape[axis]!));
    return [{ shape: first!.shape.map((dim, i) => (i === axis ? size : dim)), dtype: first!.dtype }];
  },
  vjp: ({ inputs, cotangents, attrs: { axis } }) =>
    cotangents[0]!.split(
      inputs.map((input) => input.shape[axis]!),
      axis,
    ),
  emit: ({ context, names, attrs }) =>
    names.length === 1 ? names[0]! : context.node("Concat", names, { axis: attrs.axis }),
  evaluate: (inputs, { axis }) => {
    const sizes = inputs.map((input) => input.shape[axis]!);
    const shape = inputs[0]!.shape.map((dim, i) => (i === axis ? total(sizes) : dim));
    const result = nd(shape, inputs[0]!.dtype);
    starts(sizes).forEach((start, i) => {
      const part = inputs[i]!;
      copyBox(part, startAt(shape, axis, 0), result, startAt(shape, axis, start), part.shape);
    });
    return [result];
  },
});

/** Joins tensors along an existing axis. */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  if (tensors.length === 0) throw new ShapeError("concat() needs at least one tensor");
  return call("concat", tensors, { axis: normalizeAxis(axis, tensors[0]!.rank) });
}

/** Joins tensors of one shape along a new axis. */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  return concat(
    tensors.map((tensor) => tensor.expandDims(axis)),
    axis,
  );
}
