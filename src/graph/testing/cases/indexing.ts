import { gradients } from "../../vjp.ts";
import { type Case, floats, given, ints } from "../case.ts";

type Matrix = number[][];

const table = floats([4, 3]);

const gatherCases: readonly Case[] = [
  {
    op: "gather",
    title: "of rows, some twice",
    args: [table, ints([2, 0, 2])],
    fn: (x, i) => x!.gather(i!),
    expected: (x: Matrix, i: number[]) => i.map((row) => x[row]!),
  },
  {
    op: "gather",
    title: "of rows by a matrix of indices",
    args: [table, ints([1, 1, 3, 0], [2, 2])],
    fn: (x, i) => x!.gather(i!),
    expected: (x: Matrix, i: Matrix) => i.map((list) => list.map((row) => x[row]!)),
  },
  {
    op: "gather",
    title: "of columns by a matrix of indices",
    args: [table, ints([1, 1, 2, 0], [2, 2])],
    fn: (x, i) => x!.gather(i!, 1),
    expected: (x: Matrix, i: Matrix) => x.map((row) => i.map((list) => list.map((j) => row[j]!))),
  },
  {
    op: "gather",
    title: "of one row by a scalar",
    args: [table, ints([2], [])],
    fn: (x, i) => x!.gather(i!),
    expected: (x: Matrix) => x[2]!,
  },
  {
    op: "gather",
    title: "in the middle of three axes",
    args: [floats([2, 3, 2]), ints([2, 1])],
    fn: (x, i) => x!.gather(i!, 1),
    expected: (x: Matrix[]) => x.map((plane) => [plane[2]!, plane[1]!]),
  },
  {
    op: "gather",
    title: "along the last of three axes",
    args: [floats([2, 3, 4]), ints([3, 0, 3])],
    fn: (x, i) => x!.gather(i!, -1),
    expected: (x: Matrix[]) => x.map((plane) => plane.map((row) => [row[3]!, row[0]!, row[3]!])),
  },
  {
    op: "gather",
    title: "of integers",
    args: [ints([5, 6]), ints([1])],
    fn: (x, i) => x!.gather(i!),
    expected: () => [6],
  },
  {
    op: "gather",
    title: "of nothing",
    args: [given([5, 6]), ints([])],
    fn: (x, i) => x!.gather(i!),
    expected: () => [],
  },
];

/** Many updates of few rows: engines that add from several threads lose some. */
function crowd(rows: number): Case {
  const indices = Array.from({ length: 2048 }, (_, i) => (i * 7) % rows);
  return {
    op: "scatterAdd",
    title: `of 2048 updates to ${rows} rows`,
    args: [given(new Array(rows * 128).fill(0), [rows, 128]), ints(indices), floats([2048, 128])],
    fn: (x, i, u) => x!.scatterAdd(i!, u!),
    expected: (x: Matrix, _i: number[], u: Matrix) =>
      x.map((row, at) => {
        const mine = u.filter((_, k) => indices[k] === at);
        return row.map((_, j) => mine.reduce((sum, update) => sum + update[j]!, 0));
      }),
    orders: 0,
    tolerance: 1e-4,
  };
}

const scatterCases: readonly Case[] = [
  crowd(10),
  crowd(300),
  {
    op: "scatterAdd",
    title: "of rows, some twice",
    args: [table, ints([3, 1, 3]), floats([3, 3], -2, 2, 5)],
    fn: (x, i, u) => x!.scatterAdd(i!, u!),
    expected: (x: Matrix, _i: number[], u: Matrix) => {
      const result = x.map((row) => [...row]);
      [3, 1, 3].forEach((row, k) => {
        u[k]!.forEach((value, j) => {
          result[row]![j]! += value;
        });
      });
      return result;
    },
  },
  {
    op: "scatterAdd",
    title: "of numbers by a matrix of indices",
    args: [given([1, 2, 3]), ints([0, 0, 2, 0], [2, 2]), given([10, 20, 30, 40], [2, 2])],
    fn: (x, i, u) => x!.scatterAdd(i!, u!),
    expected: () => [71, 2, 33],
  },
  {
    op: "scatterAdd",
    title: "of one row by a scalar",
    args: [given([1, 2], [2, 1]), ints([1], []), given([10], [1])],
    fn: (x, i, u) => x!.scatterAdd(i!, u!),
    expected: () => [[1], [12]],
  },
  {
    op: "scatterAdd",
    title: "of many into few",
    args: [
      given([0, 0], [2, 1]),
      ints(Array.from({ length: 64 }, (_, i) => i % 2)),
      given(new Array(64).fill(0.5), [64, 1]),
    ],
    fn: (x, i, u) => x!.scatterAdd(i!, u!),
    expected: () => [[16], [16]],
    orders: 0,
  },
  {
    op: "scatterAdd",
    title: "of integers",
    args: [ints([1, 2]), ints([0, 0]), ints([5, 6])],
    fn: (x, i, u) => x!.scatterAdd(i!, u!),
    expected: () => [12, 2],
  },
];

const perRow = (f: (row: number[], index: number[]) => number[]) => (x: Matrix, i: Matrix) =>
  x.map((row, at) => f(row, i[at]!));

const alongCases: readonly Case[] = [
  {
    op: "takeAlong",
    title: "of one per row",
    args: [floats([3, 4]), ints([2, 0, 3], [3, 1])],
    fn: (x, i) => x!.takeAlong(i!),
    expected: perRow((row, [j]) => [row[j!]!]),
  },
  {
    op: "takeAlong",
    title: "of several per row, some twice",
    args: [floats([2, 3]), ints([2, 2, 0, 1, 0, 1, 2, 1], [2, 4])],
    fn: (x, i) => x!.takeAlong(i!),
    expected: perRow((row, index) => index.map((j) => row[j]!)),
  },
  {
    op: "takeAlong",
    title: "of columns",
    args: [floats([3, 2]), ints([2, 0, 1, 1], [2, 2])],
    fn: (x, i) => x!.takeAlong(i!, 0),
    expected: (x: Matrix) => [
      [x[2]![0]!, x[0]![1]!],
      [x[1]![0]!, x[1]![1]!],
    ],
  },
  {
    op: "putAlong",
    title: "as the gradient of one per row",
    args: [floats([2, 3]), ints([2, 0], [2, 1])],
    fn: (x, i) => gradients(x!.takeAlong(i!).square().sum(), [x!])[0]!,
    expected: perRow((row, [j]) => row.map((value, k) => (k === j ? 2 * value : 0))),
  },
  {
    op: "putAlong",
    title: "as the gradient of several per row, some twice",
    args: [floats([2, 3]), ints([2, 2, 1, 1, 0, 1], [2, 3])],
    fn: (x, i) => gradients(x!.takeAlong(i!).square().sum(), [x!])[0]!,
    expected: perRow((row, index) => row.map((value, k) => 2 * value * index.filter((j) => j === k).length)),
  },
  {
    op: "putAlong",
    title: "as the gradient of one per column",
    args: [floats([3, 2]), ints([2, 0], [1, 2])],
    fn: (x, i) => gradients(x!.takeAlong(i!, 0).square().sum(), [x!])[0]!,
    expected: (x: Matrix) => [
      [0, 2 * x[0]![1]!],
      [0, 0],
      [2 * x[2]![0]!, 0],
    ],
  },
];

const replaced = <T>(list: readonly T[], at: number, by: T) => list.map((value, i) => (i === at ? by : value));

const updateCases: readonly Case[] = [
  {
    op: "updateSlice",
    title: "of a row",
    args: [floats([3, 2]), ints([1], []), floats([1, 2], -2, 2, 5)],
    fn: (x, i, u) => x!.updateSlice(i!, u!),
    expected: (x: Matrix, _i: number, u: Matrix) => replaced(x, 1, u[0]!),
  },
  {
    op: "updateSlice",
    title: "in the middle of three axes",
    args: [floats([2, 3, 2]), ints([2], []), floats([2, 1, 2], -2, 2, 5)],
    fn: (x, i, u) => x!.updateSlice(i!, u!, 1),
    expected: (x: Matrix[], _i: number, u: Matrix[]) => x.map((plane, k) => replaced(plane, 2, u[k]![0]!)),
  },
  {
    op: "updateSlice",
    title: "along the last axis",
    args: [floats([2, 3]), ints([0], []), floats([2, 1], -2, 2, 5)],
    fn: (x, i, u) => x!.updateSlice(i!, u!, -1),
    expected: (x: Matrix, _i: number, u: Matrix) => x.map((row, k) => replaced(row, 0, u[k]![0]!)),
  },
  {
    op: "updateSlice",
    title: "of integers",
    args: [ints([1, 2, 3]), ints([2], []), ints([9])],
    fn: (x, i, u) => x!.updateSlice(i!, u!),
    expected: () => [1, 2, 9],
  },
];

const oneHotCases: readonly Case[] = [
  {
    op: "oneHot",
    title: "of a list",
    args: [ints([1, 0])],
    fn: (x) => x!.oneHot(3),
    expected: () => [
      [0, 1, 0],
      [1, 0, 0],
    ],
  },
  { op: "oneHot", title: "of a scalar", args: [ints([1], [])], fn: (x) => x!.oneHot(2), expected: () => [0, 1] },
  {
    op: "oneHot",
    title: "outside the range",
    args: [ints([-1, 2])],
    fn: (x) => x!.oneHot(2),
    expected: () => [
      [0, 0],
      [0, 0],
    ],
  },
  { op: "oneHot", title: "as integers", args: [ints([1])], fn: (x) => x!.oneHot(2, "int64"), expected: () => [[0, 1]] },
  {
    op: "oneHot",
    title: "as truth values",
    args: [ints([1])],
    fn: (x) => x!.oneHot(2, "bool"),
    expected: () => [[0, 1]],
  },
];

const descending = (row: readonly number[]) => row.map((_, j) => j).sort((a, b) => row[b]! - row[a]! || a - b);

const sortCases: readonly Case[] = [
  {
    op: "topK",
    title: "two largest of each row",
    args: [floats([3, 4])],
    fn: (x) => Object.values(x!.topK(2)),
    expected: (x: Matrix) => {
      const order = x.map((row) => descending(row).slice(0, 2));
      return [order.map((list, i) => list.map((j) => x[i]![j]!)), order];
    },
  },
  {
    op: "topK",
    title: "largest of each column",
    args: [given([1, 5, 3, 2, 4, 0], [3, 2])],
    fn: (x) => Object.values(x!.topK(1, 0)),
    expected: () => [[[4, 5]], [[2, 0]]],
  },
  {
    op: "topK",
    title: "sorts upwards",
    args: [floats([2, 5])],
    fn: (x) => x!.sort().values,
    expected: (x: Matrix) => x.map((row) => [...row].sort((a, b) => a - b)),
  },
  {
    op: "topK",
    title: "sorts downwards",
    args: [floats([5])],
    fn: (x) => x!.sort(0, true).values,
    expected: (x: number[]) => [...x].sort((a, b) => b - a),
  },
  {
    op: "topK",
    title: "takes ties in order",
    args: [given([2, 1, 2, 1])],
    fn: (x) => [x!.sort().indices, x!.sort(0, true).indices],
    expected: () => [
      [1, 3, 0, 2],
      [0, 2, 1, 3],
    ],
    orders: 0,
  },
  { op: "topK", title: "of integers", args: [ints([3, 9, 5])], fn: (x) => x!.topK(2).values, expected: () => [9, 5] },
];

/** Cases of the primitives that find elements by position. */
export const indexingCases: readonly Case[] = [
  ...gatherCases,
  ...scatterCases,
  ...alongCases,
  ...updateCases,
  ...oneHotCases,
  ...sortCases,
];
