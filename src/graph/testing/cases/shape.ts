import { concat, stack } from "../../ops/shape.ts";
import type { Tensor } from "../../tensor.ts";
import { bools, type Case, flat, floats, ints, type Nested } from "../case.ts";

type Matrix = number[][];

/** A case of one matrix of shape [3, 4]. */
function ofMatrix(
  op: string,
  title: string,
  fn: (x: Tensor) => Tensor | Tensor[],
  expected: (x: Matrix) => Nested,
): Case {
  return { op, title, args: [floats([3, 4])], fn: (x) => fn(x!), expected };
}

/** A case of one list of seven numbers. */
function ofList(
  op: string,
  title: string,
  fn: (x: Tensor) => Tensor | Tensor[],
  expected: (x: number[]) => Nested,
): Case {
  return { op, title, args: [floats([7])], fn: (x) => fn(x!), expected };
}

const columns = (x: Matrix): Matrix => x[0]!.map((_, j) => x.map((row) => row[j]!));
const chunks = (x: readonly number[], size: number) =>
  Array.from({ length: x.length / size }, (_, i) => x.slice(i * size, (i + 1) * size));

const reshapeCases: readonly Case[] = [
  ofMatrix(
    "reshape",
    "to another rank",
    (x) => x.reshape([2, -1]),
    (x) => chunks(flat(x), 6),
  ),
  ofMatrix("reshape", "to a list", (x) => x.flatten(), flat),
  ofMatrix(
    "reshape",
    "with new axes",
    (x) => x.expandDims(1),
    (x) => x.map((row) => [row]),
  ),
  {
    op: "reshape",
    title: "of a scalar",
    args: [floats([])],
    fn: (x) => x!.reshape([1, 1]),
    expected: (x: number) => [[x]],
  },
  {
    op: "reshape",
    title: "of nothing to another rank",
    args: [floats([2, 0])],
    fn: (x) => x!.reshape([1, 2, 0]),
    expected: () => [[[], []]],
  },
  {
    op: "reshape",
    title: "of nothing",
    args: [floats([2, 0])],
    fn: (x) => x!.reshape([3, 0]),
    expected: () => [[], [], []],
  },
  {
    op: "reshape",
    title: "of truth values",
    args: [bools([1, 0])],
    fn: (x) => x!.reshape([2, 1]),
    expected: () => [[1], [0]],
  },
  ofMatrix("transpose", "of a matrix", (x) => x.transpose(), columns),
  {
    op: "transpose",
    title: "of three axes in turn",
    args: [floats([2, 3, 2])],
    fn: (x) => x!.transpose([2, 0, 1]),
    expected: (x: Matrix[]) => [0, 1].map((k) => x.map((plane) => plane.map((row) => row[k]!))),
  },
  {
    op: "transpose",
    title: "of integers",
    args: [ints([1, 2], [1, 2])],
    fn: (x) => x!.transpose(),
    expected: () => [[1], [2]],
  },
  {
    op: "broadcastTo",
    title: "adds and stretches axes",
    args: [floats([2, 1])],
    fn: (x) => x!.broadcastTo([2, 2, 3]),
    expected: (x: Matrix) => [0, 1].map(() => x.map(([value]) => [value!, value!, value!])),
  },
  {
    op: "broadcastTo",
    title: "of a scalar",
    args: [floats([])],
    fn: (x) => x!.broadcastTo([2]),
    expected: (x: number) => [x, x],
  },
  ofList(
    "broadcastTo",
    "to the same shape",
    (x) => x.broadcastTo([7]),
    (x) => x,
  ),
  { op: "broadcastTo", title: "to nothing", args: [floats([1])], fn: (x) => x!.broadcastTo([0]), expected: () => [] },
];

const sliceCases: readonly Case[] = [
  ofList(
    "slice",
    "of a range",
    (x) => x.slice(0, 2, 5),
    (x) => x.slice(2, 5),
  ),
  ofList(
    "slice",
    "from the end",
    (x) => x.slice(0, -3),
    (x) => x.slice(-3),
  ),
  ofList(
    "slice",
    "up to the end",
    (x) => x.slice(0, 1, -1),
    (x) => x.slice(1, -1),
  ),
  ofList(
    "slice",
    "beyond the end",
    (x) => x.slice(0, 4, 99),
    (x) => x.slice(4),
  ),
  ofList(
    "slice",
    "of nothing",
    (x) => x.slice(0, 4, 2),
    () => [],
  ),
  ofList(
    "slice",
    "with a step",
    (x) => x.slice(0, 1, 6, 2),
    (x) => [x[1]!, x[3]!, x[5]!],
  ),
  ofList(
    "slice",
    "with a step that ends inside",
    (x) => x.slice(0, 0, 5, 3),
    (x) => [x[0]!, x[3]!],
  ),
  ofList(
    "slice",
    "with a step beyond",
    (x) => x.slice(0, 2, undefined, 3),
    (x) => [x[2]!, x[5]!],
  ),
  ofList(
    "slice",
    "backwards",
    (x) => x.flip(0),
    (x) => [...x].reverse(),
  ),
  ofList(
    "slice",
    "backwards in steps",
    (x) => x.slice(0, 5, 0, -2),
    (x) => [x[5]!, x[3]!, x[1]!],
  ),
  ofList(
    "slice",
    "backwards from inside",
    (x) => x.slice(0, -2, undefined, -3),
    (x) => [x[5]!, x[2]!],
  ),
  ofMatrix(
    "slice",
    "of rows",
    (x) => x.slice(0, 1),
    (x) => x.slice(1),
  ),
  ofMatrix(
    "slice",
    "of columns in steps",
    (x) => x.slice(1, 0, undefined, 3),
    (x) => x.map((row) => [row[0]!, row[3]!]),
  ),
  { op: "slice", title: "of integers", args: [ints([1, 2, 3])], fn: (x) => x!.slice(0, 1, 2), expected: () => [2] },
];

const padCases: readonly Case[] = [
  ofList(
    "pad",
    "around",
    (x) => x.pad([[1, 2]]),
    (x) => [0, ...x, 0, 0],
  ),
  ofList(
    "pad",
    "with a value",
    (x) => x.pad([[0, 1]], -3),
    (x) => [...x, -3],
  ),
  ofList(
    "pad",
    "crops",
    (x) => x.pad([[-1, -2]]),
    (x) => x.slice(1, -2),
  ),
  ofList(
    "pad",
    "shifts",
    (x) => x.pad([[2, -2]], 1),
    (x) => [1, 1, ...x.slice(0, -2)],
  ),
  ofList(
    "pad",
    "shifts everything out",
    (x) => x.pad([[9, -9]], 1),
    () => [1, 1, 1, 1, 1, 1, 1],
  ),
  ofMatrix(
    "pad",
    "rows and columns",
    (x) =>
      x.pad([
        [1, 0],
        [0, 1],
      ]),
    (x) => [[0, 0, 0, 0, 0], ...x.map((row) => [...row, 0])],
  ),
  { op: "pad", title: "of nothing", args: [floats([0])], fn: (x) => x!.pad([[1, 1]], 2), expected: () => [2, 2] },
  { op: "pad", title: "of integers", args: [ints([1])], fn: (x) => x!.pad([[1, 0]], 5), expected: () => [5, 1] },
];

const joinCases: readonly Case[] = [
  ofMatrix(
    "split",
    "in equal parts",
    (x) => x.split(2, 1),
    (x) => [x.map((row) => row.slice(0, 2)), x.map((row) => row.slice(2))],
  ),
  ofMatrix(
    "split",
    "in given parts",
    (x) => x.split([1, 2], 0),
    (x) => [x.slice(0, 1), x.slice(1)],
  ),
  ofMatrix(
    "split",
    "in one part",
    (x) => x.split(1, 0)[0]!,
    (x) => x,
  ),
  ofMatrix(
    "split",
    "of which one is used",
    (x) => x.split(2, -1)[1]!,
    (x) => x.map((row) => row.slice(2)),
  ),
  ofMatrix(
    "split",
    "with an empty part",
    (x) => x.split([0, 3], 0)[1]!,
    (x) => x,
  ),
  {
    op: "concat",
    title: "of rows",
    args: [floats([1, 2]), floats([2, 2])],
    fn: (...list) => concat(list),
    expected: (a: Matrix, b: Matrix) => [...a, ...b],
  },
  {
    op: "concat",
    title: "of columns, three and one of them empty",
    args: [floats([2, 1]), floats([2, 0]), floats([2, 2])],
    fn: (...list) => concat(list, -1),
    expected: (a: Matrix, _: Matrix, b: Matrix) => a.map((row, i) => [...row, ...b[i]!]),
  },
  ofList(
    "concat",
    "of one",
    (x) => concat([x]),
    (x) => x,
  ),
  ofList(
    "concat",
    "of the same twice",
    (x) => concat([x, x]),
    (x) => [...x, ...x],
  ),
  ofList(
    "concat",
    "as a stack",
    (x) => stack([x, x.neg()], 1),
    (x) => x.map((value) => [value, -value]),
  ),
  {
    op: "concat",
    title: "of integers",
    args: [ints([1]), ints([2])],
    fn: (...list) => concat(list),
    expected: () => [1, 2],
  },
];

/** Cases of the primitives that move elements without computing. */
export const shapeCases: readonly Case[] = [...reshapeCases, ...sliceCases, ...padCases, ...joinCases];
