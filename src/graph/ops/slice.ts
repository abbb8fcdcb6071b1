import { ShapeError } from "../../base/errors.ts";
import { stridesOf } from "../../base/shape.ts";
import { pick, stridedIndices } from "../nd.ts";
import { register } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";

type SliceAttrs = {
  readonly axis: number;
  readonly start: number;
  /** null: to the end (of the direction of the step). */
  readonly end: number | null;
  readonly step: number;
};

/** First position and number of the elements a slice takes from an axis of that size, by Python's rules. */
function extent(dim: number, { start, end, step }: SliceAttrs): { first: number; count: number } {
  if (!Number.isInteger(step) || step === 0) throw new ShapeError(`step ${step} is not a non-zero integer`);
  if (!Number.isInteger(start) || (end !== null && !Number.isInteger(end)))
    throw new ShapeError(`positions ${start} and ${end} are not integers`);
  const [low, high] = step > 0 ? [0, dim] : [-1, dim - 1];
  const position = (value: number) => Math.min(high, Math.max(low, value < 0 ? value + dim : value));
  const first = position(start);
  const stop = end === null ? (step > 0 ? dim : -1) : position(end);
  return { first, count: Math.max(0, Math.ceil((stop - first) / step)) };
}

/** Amounts for `pad` that touch one axis only. */
function along(x: Tensor, axis: number, before: number, after: number): [number, number][] {
  return x.shape.map((_, i) => (i === axis ? [before, after] : [0, 0]));
}

/** Puts step − 1 zeros after each element along an axis. */
function spread(x: Tensor, axis: number, step: number): Tensor {
  const column = x.expandDims(axis + 1);
  const shape = x.shape.map((dim, i) => (i === axis ? dim * step : dim));
  return column.pad(along(column, axis + 1, 0, step - 1)).reshape(shape);
}

/** The gradient of a slice: its elements at their places along an axis of size `dim`, zeros elsewhere. */
function unslice(g: Tensor, dim: number, attrs: SliceAttrs): Tensor {
  const { first, count } = extent(dim, attrs);
  const { axis, step } = attrs;
  if (step < 0) {
    const last = first + (count - 1) * step;
    return unslice(g.flip(axis), dim, { axis, start: last, end: first + 1, step: -step });
  }
  const spaced = step === 1 || count === 0 ? g : spread(g, axis, step);
  return spaced.pad(along(spaced, axis, first, dim - first - spaced.shape[axis]!));
}

/** Every step-th element from `start` up to but excluding `end` along one axis. */
register<SliceAttrs>({
  name: "slice",
  infer: ([x], attrs) => {
    const { count } = extent(x!.shape[attrs.axis]!, attrs);
    return [{ shape: x!.shape.map((dim, i) => (i === attrs.axis ? count : dim)), dtype: x!.dtype }];
  },
  vjp: ({ inputs, cotangents, attrs }) => [unslice(cotangents[0]!, inputs[0]!.shape[attrs.axis]!, attrs)],
  emit: ({ context, names, inputs, attrs }) => {
    const { first, count } = extent(inputs[0]!.shape[attrs.axis]!, attrs);
    if (context.device.kind === "webgpu" && attrs.step < 0) {
      // ONNX Runtime 1.30 computes wrong numbers for negative steps there.
      const rows = Array.from({ length: count }, (_, i) => first + i * attrs.step);
      return context.node("Gather", [names[0]!, context.ints(rows)], { axis: attrs.axis });
    }
    const stop = first + count * attrs.step;
    const end = stop < 0 ? -(2 ** 31) : stop;
    const [starts, ends, axes, steps] = [first, end, attrs.axis, attrs.step].map((value) => context.ints([value]));
    return context.node("Slice", [names[0]!, starts!, ends!, axes!, steps!]);
  },
  evaluate: ([x], attrs) => {
    const { first, count } = extent(x!.shape[attrs.axis]!, attrs);
    const shape = x!.shape.map((dim, i) => (i === attrs.axis ? count : dim));
    const strides = stridesOf(x!.shape);
    const start = first * strides[attrs.axis]!;
    strides[attrs.axis]! *= attrs.step;
    return [pick(x!, stridedIndices(shape, strides, start), shape)];
  },
});
