import { ShapeError } from "../../base/errors.ts";
import { int64 } from "../../base/host.ts";
import { sameShape, showShape, sizeOf } from "../../base/shape.ts";
import { lines, nd } from "../nd.ts";
import { type Emission, register } from "../primitive.ts";
import { commonDType, type NoAttrs } from "./elementwise.ts";
import { checked, requireIndices } from "./indexing.ts";

/*
 * ONNX Runtime's ScatterND adds rows from several threads without a lock: repeated indices then lose updates (seen with
 * 2048 rows of 128 into 10). ScatterElements runs on one thread, 3.6 ns an element. A product with the one-hot matrix
 * of the indices takes about (0.55 + inner/100) ns for each pair of row and update, and wins while there are few rows.
 */

/** The updates as a product with the one-hot matrix of their indices, added to x. */
function emitProduct({ context, names, outputs }: Emission<NoAttrs>, n: number, inner: number): string {
  const { shape } = outputs[0]!;
  const indices = context.node("Reshape", [names[1]!, context.ints([1, -1])]);
  const rows = context.constant(int64([...Array(n).keys()], [n, 1]));
  const hits = context.node("Cast", [context.node("Equal", [indices, rows])], { to: 1 });
  const updates = context.node("Reshape", [names[2]!, context.ints([-1, inner])]);
  const sums = context.node("MatMul", [hits, updates]);
  const shaped = shape.length === 2 ? sums : context.node("Reshape", [sums, context.ints(shape)]);
  return context.node("Add", [names[0]!, shaped]);
}

/** The updates element by element, each with its row's index. */
function emitScatter({ context, names, outputs }: Emission<NoAttrs>, n: number, inner: number): string {
  const x = context.node("Reshape", [names[0]!, context.ints([n, inner])]);
  const updates = context.node("Reshape", [names[2]!, context.ints([-1, inner])]);
  const column = context.node("Reshape", [names[1]!, context.ints([-1, 1])]);
  const indices = context.node("Expand", [column, context.node("Shape", [updates])]);
  const sums = context.node("ScatterElements", [x, indices, updates], { axis: 0, reduction: "add" });
  return context.node("Reshape", [sums, context.ints(outputs[0]!.shape)]);
}

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
  emit: (emission) => {
    const { inputs, outputs } = emission;
    if (sizeOf(inputs[2]!.shape) === 0) return emission.names[0]!;
    const { n, inner } = lines(outputs[0]!.shape, 0);
    const asProduct = outputs[0]!.dtype === "float32" && n * (55 + inner) <= 360 * inner;
    return asProduct ? emitProduct(emission, n, inner) : emitScatter(emission, n, inner);
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
