import { matmul } from "../../ops/matmul.ts";
import { type Case, floats, type Nested } from "../case.ts";

type Matrix = readonly (readonly number[])[];

const flip = (m: Matrix): number[][] => m[0]!.map((_, j) => m.map((row) => row[j]!));
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const multiply = (a: Matrix, b: Matrix): number[][] => a.map((row) => flip(b).map((column) => dot(row, column)));

const depth = (x: Nested): number => (typeof x === "number" ? 0 : 1 + depth(x[0]!));

/** Products of stacks of matrices, broadcast by recursion over the leading axes. */
function batched(a: Nested, b: Nested, one: (a: Matrix, b: Matrix) => Nested): Nested {
  const rank = Math.max(depth(a), depth(b));
  if (rank === 2) return one(a as Matrix, b as Matrix);
  const [left, right] = [a, b].map((x) => (depth(x) === rank ? (x as readonly Nested[]) : [x])) as [Nested[], Nested[]];
  const pick = (list: readonly Nested[], i: number) => list[list.length === 1 ? 0 : i]!;
  const length = Math.max(left.length, right.length);
  return Array.from({ length }, (_, i) => batched(pick(left, i), pick(right, i), one));
}

type Row = readonly [title: string, a: readonly number[], b: readonly number[], flags?: "a" | "b" | "ab"];

const rows: readonly Row[] = [
  ["two matrices", [3, 4], [4, 2]],
  ["the first transposed", [4, 3], [4, 2], "a"],
  ["the second transposed", [3, 4], [2, 4], "b"],
  ["both transposed", [4, 3], [2, 4], "ab"],
  ["a batch with one matrix", [2, 3, 4], [4, 2]],
  ["a batch with one transposed matrix", [2, 3, 4], [2, 4], "b"],
  ["a transposed batch with one matrix", [2, 4, 3], [4, 2], "a"],
  ["one matrix with a batch", [3, 4], [2, 4, 2]],
  ["broadcast batches", [2, 1, 3, 2], [3, 2, 2]],
  ["broadcast batches, both transposed", [2, 1, 2, 3], [3, 2, 2], "ab"],
  ["batches, the second transposed", [2, 3, 2], [2, 4, 2], "b"],
  ["an inner size of one", [3, 1], [1, 2]],
];

const matrixCases = rows.map(
  ([title, a, b, flags = ""]): Case => ({
    op: "matmul",
    title,
    args: [floats(a, -2, 2, 1), floats(b, -2, 2, 2)],
    fn: (x, y) => matmul(x!, y!, { transposeA: flags.includes("a"), transposeB: flags.includes("b") }),
    expected: (x: Nested, y: Nested) =>
      batched(x, y, (p, q) => multiply(flags.includes("a") ? flip(p) : p, flags.includes("b") ? flip(q) : q)),
  }),
);

const vectorCases: readonly Case[] = [
  {
    op: "matmul",
    title: "of two vectors",
    args: [floats([3], -2, 2, 1), floats([3], -2, 2, 5)],
    fn: (x, y) => x!.matmul(y!),
    expected: (x: number[], y: number[]) => dot(x, y),
  },
  {
    op: "matmul",
    title: "of a vector with a batch",
    args: [floats([3]), floats([2, 3, 2])],
    fn: (x, y) => x!.matmul(y!),
    expected: (x: number[], y: Matrix[]) => y.map((matrix) => multiply([x], matrix)[0]!),
  },
  {
    op: "matmul",
    title: "of a batch with a vector",
    args: [floats([2, 2, 3]), floats([3])],
    fn: (x, y) => x!.matmul(y!),
    expected: (x: Matrix[], y: number[]) => x.map((matrix) => matrix.map((row) => dot(row, y))),
  },
];

export const productCases: readonly Case[] = [...matrixCases, ...vectorCases];
