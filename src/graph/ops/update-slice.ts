import { ShapeError } from "../../base/errors.ts";
import { int64 } from "../../base/host.ts";
import { sameShape, showShape } from "../../base/shape.ts";
import { lines, nd } from "../nd.ts";
import { type Emission, register } from "../primitive.ts";
import { zerosLike } from "../vjp.ts";
import { checked, requireIndices } from "./indexing.ts";

type Axis = { readonly axis: number };

/** Every place before the axis, with a 0 for the place along it: [places, axis + 1]. */
function placesBefore(shape: readonly number[], axis: number) {
  const { outer } = lines(shape, axis);
  const place = (row: number) => {
    const at = new Array<number>(axis + 1).fill(0);
    for (let k = axis - 1, rest = row; k >= 0; k--) {
      at[k] = rest % shape[k]!;
      rest = Math.floor(rest / shape[k]!);
    }
    return at;
  };
  return int64(Array.from({ length: outer }, (_, row) => place(row)).flat(), [outer, axis + 1]);
}

/** Rows that lie together are written in one pass over the data. */
function emit({ context, names, inputs, attrs: { axis } }: Emission<Axis>): string {
  const shape = inputs[0]!.shape;
  const along = int64([...new Array<number>(axis).fill(0), 1]);
  const moved = context.node("Mul", [names[1]!, context.constant(along)]);
  const indices = context.node("Add", [context.constant(placesBefore(shape, axis)), moved]);
  const { outer } = lines(shape, axis);
  const rows = context.node("Reshape", [names[2]!, context.ints([outer, ...shape.slice(axis + 1)])]);
  return context.node("ScatterND", [names[0]!, indices, rows]);
}

/** x with what stands at `index` (a scalar) along an axis replaced by `slice`, whose size there is 1. */
register<Axis>({
  name: "updateSlice",
  infer: ([x, index, slice], { axis }) => {
    requireIndices(index!);
    if (index!.shape.length > 0) throw new ShapeError(`the index has shape ${showShape(index!.shape)}, not []`);
    const wanted = x!.shape.map((size, i) => (i === axis ? 1 : size));
    if (!sameShape(slice!.shape, wanted)) throw new ShapeError(`the slice must have shape ${showShape(wanted)}`);
    return [{ shape: x!.shape, dtype: x!.dtype }];
  },
  vjp: ({ inputs, cotangents, attrs: { axis }, needs }) => {
    const [g, index] = [cotangents[0]!, inputs[1]!];
    return [
      needs[0] ? g.updateSlice(index, zerosLike(inputs[2]!), axis) : undefined,
      undefined,
      needs[2] ? g.gather(index, axis).expandDims(axis) : undefined,
    ];
  },
  emit,
  evaluate: ([x, index, slice], { axis }) => {
    const result = nd(x!.shape, x!.dtype, x!.data.slice());
    const { outer, n, inner } = lines(x!.shape, axis);
    const at = checked(index!.data[0]!, n);
    for (let o = 0; o < outer; o++)
      result.data.set(slice!.data.subarray(o * inner, (o + 1) * inner), (o * n + at) * inner);
    return [result];
  },
});
