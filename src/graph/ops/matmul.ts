import { ShapeError } from "../../base/errors.ts";
import { broadcastShapes, type Shape, sameShape, sizeOf } from "../../base/shape.ts";
import { broadcastIndices, nd } from "../nd.ts";
import { type Emission, type Gradients, type NdArray, register, type VjpArgs } from "../primitive.ts";
import { call, type Tensor } from "../tensor.ts";
import { sumTo } from "./arithmetic.ts";

/** Which operands of a matrix product are read with their last two axes swapped. */
export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

type MatmulAttrs = { readonly transposeA: boolean; readonly transposeB: boolean };

/** op(a)·op(b) over the last two axes, leading axes broadcast; vectors count as a row (a) or a column (b), as in NumPy. */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  return call("matmul", [a, b], { transposeA: options.transposeA ?? false, transposeB: options.transposeB ?? false });
}

interface Layout {
  readonly batch: Shape;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** Sizes of a product whose vectors have been made matrices. */
function layout(a: Shape, b: Shape, attrs: MatmulAttrs): Layout {
  const [rowsA, columnsA] = a.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.slice(-2) as [number, number];
  const [m, kA] = attrs.transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [kB, n] = attrs.transposeB ? [columnsB, rowsB] : [rowsB, columnsB];
  if (kA !== kB) throw new ShapeError(`inner sizes ${kA} and ${kB} differ${transposed(attrs)}`);
  return { batch: broadcastShapes(a.slice(0, -2), b.slice(0, -2)), m, n, k: kA };
}

function transposed({ transposeA, transposeB }: MatmulAttrs): string {
  if (!transposeA && !transposeB) return "";
  return ` (with ${[transposeA && "the first", transposeB && "the second"].filter(Boolean).join(" and ")} transposed)`;
}

const shaped = (tensor: Tensor, shape: Shape) => (sameShape(tensor.shape, shape) ? tensor : tensor.reshape(shape));
const asRow = (shape: Shape): Shape => (shape.length === 1 ? [1, shape[0]!] : shape);
const asColumn = (shape: Shape): Shape => (shape.length === 1 ? [shape[0]!, 1] : shape);

function check(a: Shape, b: Shape, attrs: MatmulAttrs): void {
  if (a.length === 0 || b.length === 0) throw new ShapeError("a scalar has no matrix product; use mul()");
  if ((a.length === 1 && attrs.transposeA) || (b.length === 1 && attrs.transposeB))
    throw new ShapeError("a vector cannot be transposed");
}

function vjp({ inputs, cotangents, attrs, needs }: VjpArgs<MatmulAttrs>): Gradients {
  const [a, b] = inputs as [Tensor, Tensor];
  const [rowA, columnB] = [shaped(a, asRow(a.shape)), shaped(b, asColumn(b.shape))];
  const { batch, m, n } = layout(rowA.shape, columnB.shape, attrs);
  const g = shaped(cotangents[0]!, [...batch, m, n]);
  const { transposeA, transposeB } = attrs;
  const forA = () =>
    transposeA
      ? matmul(columnB, g, { transposeA: transposeB, transposeB: true })
      : matmul(g, columnB, { transposeB: !transposeB });
  return [
    needs[0] ? shaped(sumTo(forA(), rowA.shape), a.shape) : undefined,
    needs[1] ? shaped(gradientOfB(rowA, columnB, g, attrs), b.shape) : undefined,
  ];
}

/** A matrix shared by a batch collects its gradient in one product over all rows of the batch. */
function gradientOfB(a: Tensor, b: Tensor, g: Tensor, { transposeA, transposeB }: MatmulAttrs): Tensor {
  const shared = b.rank === 2 && a.rank > 2 && !transposeA;
  const [x, dy] = shared ? [a.reshape([-1, a.shape.at(-1)!]), g.reshape([-1, g.shape.at(-1)!])] : [a, g];
  const product = transposeB
    ? matmul(dy, x, { transposeA: true, transposeB: transposeA })
    : matmul(x, dy, { transposeA: !transposeA });
  return sumTo(product, b.shape);
}

function emit({ context, names, inputs, attrs }: Emission<MatmulAttrs>): string {
  const { transposeA, transposeB } = attrs;
  if (!transposeA && !transposeB) return context.node("MatMul", names);
  const [transA, transB] = [Number(transposeA), Number(transposeB)];
  const ranks = inputs.map(({ shape }) => shape.length);
  if (ranks.every((rank) => rank === 2)) return context.node("Gemm", names, { transA, transB });
  if (context.device.contrib && context.device.kind !== "webgpu" && ranks.every((rank) => rank >= 2))
    return context.node("FusedMatMul", names, { transA, transB, alpha: { float: 1 } }, "com.microsoft");
  const swap = (i: number) => context.node("Transpose", [names[i]!], { perm: swapLast(ranks[i]!) });
  return context.node("MatMul", [transposeA ? swap(0) : names[0]!, transposeB ? swap(1) : names[1]!]);
}

function swapLast(rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) =>
    axis === rank - 2 ? rank - 1 : axis === rank - 1 ? rank - 2 : axis,
  );
}

/** Strides (row, column) of op(matrix) in its own storage. */
function strides(shape: Shape, transpose: boolean): [number, number] {
  const columns = shape.at(-1)!;
  return transpose ? [1, columns] : [columns, 1];
}

/** Reference product of two matrices inside larger buffers: each element is the sum of k products. */
function evaluate([a, b]: readonly NdArray[], attrs: MatmulAttrs): NdArray[] {
  const [shapeA, shapeB] = [asRow(a!.shape), asColumn(b!.shape)];
  const { batch, m, n, k } = layout(shapeA, shapeB, attrs);
  const startsA = broadcastIndices(shapeA.slice(0, -2), batch);
  const startsB = broadcastIndices(shapeB.slice(0, -2), batch);
  const [rowA, colA] = strides(shapeA, attrs.transposeA);
  const [rowB, colB] = strides(shapeB, attrs.transposeB);
  const out = new Float64Array(sizeOf(batch) * m * n);
  const [left, right] = [a!.data, b!.data];
  let at = 0;
  for (let index = 0; index < startsA.length; index++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        let x = startsA[index]! * m * k + i * rowA;
        let y = startsB[index]! * k * n + j * colB;
        for (let p = 0; p < k; p++) {
          sum += left[x]! * right[y]!;
          x += colA;
          y += rowB;
        }
        out[at++] = sum;
      }
  return [nd(resultShape(a!.shape, b!.shape, batch, m, n), a!.dtype, out)];
}

function resultShape(a: Shape, b: Shape, batch: Shape, m: number, n: number): number[] {
  return [...batch, ...(a.length === 1 ? [] : [m]), ...(b.length === 1 ? [] : [n])];
}

register<MatmulAttrs>({
  name: "matmul",
  infer: ([a, b], attrs) => {
    check(a!.shape, b!.shape, attrs);
    if (a!.dtype !== b!.dtype) throw new ShapeError(`dtypes ${a!.dtype} and ${b!.dtype} differ; use cast()`);
    const { batch, m, n } = layout(asRow(a!.shape), asColumn(b!.shape), attrs);
    return [{ shape: resultShape(a!.shape, b!.shape, batch, m, n), dtype: a!.dtype }];
  },
  vjp,
  emit,
  evaluate,
});
