import { broadcastShapes } from "../../base/shape.ts";
import { broadcastIndices } from "../../graph/nd.ts";
import type { Planner } from "./kernel.ts";

type Strides = readonly [row: number, column: number];

/** A matrix product with its sizes, strides and places in a batch worked out once. */
export const matmul: Planner = ({ inputs, attrs }, [a, b], [y]) => {
  const shapeA = inputs[0]!.shape.length === 1 ? [1, ...inputs[0]!.shape] : inputs[0]!.shape;
  const shapeB = inputs[1]!.shape.length === 1 ? [...inputs[1]!.shape, 1] : inputs[1]!.shape;
  const [ra, ca] = shapeA.slice(-2) as [number, number];
  const [rb, cb] = shapeB.slice(-2) as [number, number];
  const [m, k] = attrs.transposeA ? [ca, ra] : [ra, ca];
  const n = attrs.transposeB ? rb : cb;
  const batch = broadcastShapes(shapeA.slice(0, -2), shapeB.slice(0, -2));
  const startsA = broadcastIndices(shapeA.slice(0, -2), batch);
  const startsB = broadcastIndices(shapeB.slice(0, -2), batch);
  const strideA: Strides = attrs.transposeA ? [1, ca] : [ca, 1];
  const strideB: Strides = attrs.transposeB ? [1, cb] : [cb, 1];
  const one = n === 1 ? column : matrix;
  return () => {
    y!.fill(0);
    for (let index = 0; index < startsA.length; index++) {
      const at = { a: startsA[index]! * m * k, b: startsB[index]! * k * n, y: index * m * n };
      one(a!, b!, y!, at, { m, n, k }, strideA, strideB);
    }
  };
};

interface Sizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

type Places = { readonly a: number; readonly b: number; readonly y: number };

/** Matrix times column: along the rows where they are contiguous, else along the columns. */
function column(
  a: Float64Array,
  b: Float64Array,
  y: Float64Array,
  at: Places,
  { m, k }: Sizes,
  [row, col]: Strides,
  [step]: Strides,
): void {
  if (col === 1)
    for (let i = 0; i < m; i++) {
      let sum = 0;
      for (let p = 0, from = at.a + i * row; p < k; p++) sum += a[from + p]! * b[at.b + p * step]!;
      y[at.y + i] = sum;
    }
  else
    for (let p = 0; p < k; p++) {
      const right = b[at.b + p * step]!;
      for (let i = 0, from = at.a + p * col; i < m; i++) y[at.y + i]! += a[from + i * row]! * right;
    }
}

function matrix(
  a: Float64Array,
  b: Float64Array,
  y: Float64Array,
  at: Places,
  { m, n, k }: Sizes,
  [rowA, colA]: Strides,
  [rowB, colB]: Strides,
): void {
  for (let i = 0; i < m; i++)
    for (let p = 0; p < k; p++) {
      const left = a[at.a + i * rowA + p * colA]!;
      const [from, to] = [at.b + p * rowB, at.y + i * n];
      for (let j = 0; j < n; j++) y[to + j]! += left * b[from + j * colB]!;
    }
}
