import type { Axes, Tensor } from "../../tensor.ts";
import { gradients } from "../../vjp.ts";
import { type Case, flat, floats, given, ints, type Nested } from "../case.ts";

type Reduction = "sum" | "max" | "min" | "prod" | "logSumExp";

const formulas: Record<Reduction, (x: readonly number[]) => number> = {
  sum: (x) => x.reduce((a, b) => a + b, 0),
  max: (x) => [...x].sort((a, b) => b - a)[0]!,
  min: (x) => [...x].sort((a, b) => a - b)[0]!,
  prod: (x) => x.reduce((a, b) => a * b, 1),
  logSumExp: (x) => Math.log(x.reduce((sum, value) => sum + Math.exp(value), 0)),
};

type Cube = number[][][];

/** Reductions of a [2, 3, 2] array along some of its axes, written out by hand. */
const along: readonly {
  axes: Axes | undefined;
  kept: boolean;
  of: (x: Cube, f: (list: number[]) => number) => Nested;
}[] = [
  { axes: undefined, kept: false, of: (x, f) => f(flat(x)) },
  { axes: undefined, kept: true, of: (x, f) => [[[f(flat(x))]]] },
  { axes: -1, kept: false, of: (x, f) => x.map((plane) => plane.map((row) => f(row))) },
  { axes: 0, kept: false, of: (x, f) => [0, 1, 2].map((j) => [0, 1].map((k) => f([x[0]![j]![k]!, x[1]![j]![k]!]))) },
  { axes: 1, kept: true, of: (x, f) => x.map((plane) => [[0, 1].map((k) => f(plane.map((row) => row[k]!)))]) },
  { axes: [0, 2], kept: false, of: (x, f) => [0, 1, 2].map((j) => f(x.flatMap((plane) => plane[j]!))) },
  { axes: [], kept: false, of: (x, f) => x.map((plane) => plane.map((row) => row.map((value) => f([value])))) },
];

const reductions = Object.keys(formulas) as Reduction[];

const reductionCases = reductions.flatMap((op): Case[] =>
  along.map(({ axes, kept, of }) => ({
    op,
    title: `over axes ${axes ?? "all"}${kept ? ", kept" : ""}`,
    args: [floats([2, 3, 2])],
    fn: (x) => x![op](axes, kept),
    expected: (x: Cube) => of(x, formulas[op]),
  })),
);

const inf = Number.POSITIVE_INFINITY;

function row(op: Reduction, title: string, x: readonly number[], y: number, orders: 0 | 1 | 2 = 0): Case {
  return { op, title, args: [given(x)], fn: (t) => t![op](), expected: () => y, orders };
}

const edges: readonly Case[] = [
  ...reductions.map((op) => row(op, "of one element", [1.5], 1.5, 2)),
  row("sum", "of nothing", [], 0, 2),
  row("prod", "of nothing", [], 1, 2),
  row("prod", "with one zero", [2, 0, 3, -1], 0, 2),
  row("prod", "with two zeros", [2, 0, 3, 0, 5], 0, 2),
  row("prod", "of nine", [1, 2, -1, 0.5, 3, 1.5, -2, 0.25, 1], 1 * 2 * -1 * 0.5 * 3 * 1.5 * -2 * 0.25, 2),
  row("max", "with infinities", [-inf, 3, inf], inf),
  ...reductions.map((op): Case => {
    const keeping = row(op, "keeps NaN", [1, Number.NaN, 2], Number.NaN);
    const skips = op === "max" || op === "min";
    return skips ? { ...keeping, referenceOnly: "ONNX Runtime's ReduceMax and ReduceMin skip NaN" } : keeping;
  }),
  row("logSumExp", "of −∞ only", [-inf, -inf], -inf),
  row("logSumExp", "with one −∞", [-inf, 2], 2),
  row("logSumExp", "with ∞", [inf, 2], inf),
  row("logSumExp", "of large numbers", [1000, 1000], 1000 + Math.LN2, 2),
  {
    op: "logSumExp",
    title: "has an accurate gradient far from 0",
    args: [given([20000, 20000.5, 19999])],
    fn: (x) => gradientOf(x!, x!.logSumExp()),
    expected: (x: number[]) => softmax(x),
    orders: 1,
  },
  {
    op: "logSumExp",
    title: "of −∞ only has the gradient 0",
    args: [given([-inf, -inf])],
    fn: (x) => gradientOf(x!, x!.logSumExp()),
    expected: () => [0, 0],
    orders: 0,
  },
  { op: "sum", title: "over an empty axis", args: [floats([2, 0])], fn: (x) => x!.sum(1), expected: () => [0, 0] },
  ...(["sum", "max", "min", "prod"] as const).map(
    (op): Case => ({
      op,
      title: "of integers",
      args: [ints([3, -1, 4, 2], [2, 2])],
      fn: (x) => x![op](1),
      expected: (x: number[][]) => x.map((list) => formulas[op](list)),
    }),
  ),
  {
    op: "max",
    title: "shares the gradient of ties equally",
    args: [given([1, 3, 3, 2])],
    fn: (x) => gradientOf(x!, x!.max()),
    expected: () => [0, 0.5, 0.5, 0],
    orders: 0,
  },
];

const matrix = [3, 4] as const;
const columns = (x: number[][]) => x[0]!.map((_, j) => x.map((list) => list[j]!));
const perRow = (f: (list: number[]) => number[]) => (x: number[][]) => x.map(f);
const perColumn = (f: (list: number[]) => number[]) => (x: number[][]) => columns(columns(x).map(f));

const positionOfMax = (x: readonly number[]) => x.indexOf(Math.max(...x));
const softmax = (x: readonly number[]) =>
  x.map((value) => 1 / x.reduce((sum, other) => sum + Math.exp(other - value), 0));
const logSoftmax = (x: readonly number[]) => softmax(x).map(Math.log);

const axisCases: readonly Case[] = [
  {
    op: "argmax",
    title: "of rows",
    args: [floats(matrix)],
    fn: (x) => x!.argmax(),
    expected: (x: number[][]) => x.map(positionOfMax),
  },
  {
    op: "argmax",
    title: "of columns, kept",
    args: [floats(matrix)],
    fn: (x) => x!.argmax(0, true),
    expected: (x: number[][]) => [columns(x).map(positionOfMax)],
  },
  {
    op: "argmax",
    title: "takes the first of ties",
    args: [given([1, 3, 3])],
    fn: (x) => x!.argmax(),
    expected: () => 1,
  },
  { op: "argmax", title: "of integers", args: [ints([1, 9, 3])], fn: (x) => x!.argmax(), expected: () => 1 },
  { op: "argmax", title: "as argmin", args: [given([2, 1, 1])], fn: (x) => x!.argmin(), expected: () => 1 },
  { op: "softmax", title: "of rows", args: [floats(matrix)], fn: (x) => x!.softmax(), expected: perRow(softmax) },
  {
    op: "softmax",
    title: "of columns",
    args: [floats(matrix)],
    fn: (x) => x!.softmax(0),
    expected: perColumn(softmax),
  },
  {
    op: "softmax",
    title: "with −∞ and large numbers",
    args: [given([-inf, 1000, 1000])],
    fn: (x) => x!.softmax(),
    expected: () => [0, 0.5, 0.5],
    orders: 0,
  },
  {
    op: "logSoftmax",
    title: "of rows",
    args: [floats(matrix)],
    fn: (x) => x!.logSoftmax(),
    expected: perRow(logSoftmax),
  },
  {
    op: "logSoftmax",
    title: "of columns",
    args: [floats(matrix)],
    fn: (x) => x!.logSoftmax(0),
    expected: perColumn(logSoftmax),
  },
  {
    op: "logSoftmax",
    title: "of large numbers",
    args: [given([0, 1000])],
    fn: (x) => x!.logSoftmax(),
    expected: () => [-1000, 0],
  },
];

function sumsOf(exclusive: boolean, reverse: boolean) {
  return (x: readonly number[]) =>
    x.map((_, i) => {
      const part = reverse ? x.slice(exclusive ? i + 1 : i) : x.slice(0, exclusive ? i : i + 1);
      return part.reduce((a, b) => a + b, 0);
    });
}

const cumsumCases: readonly Case[] = [false, true].flatMap((exclusive) =>
  [false, true].flatMap((reverse): Case[] => {
    const sums = sumsOf(exclusive, reverse);
    const words = `${exclusive ? ", exclusive" : ""}${reverse ? ", reverse" : ""}`;
    const options = { exclusive, reverse };
    return [
      {
        op: "cumsum",
        title: `of rows${words}`,
        args: [floats(matrix)],
        fn: (x) => x!.cumsum(-1, options),
        expected: perRow(sums),
      },
      {
        op: "cumsum",
        title: `of columns${words}`,
        args: [floats(matrix)],
        fn: (x) => x!.cumsum(0, options),
        expected: perColumn(sums),
      },
      {
        op: "cumsum",
        title: `of integers${words}`,
        args: [ints([3, 1, 4])],
        fn: (x) => x!.cumsum(0, options),
        expected: sums,
      },
    ];
  }),
);

const longRow: Case = {
  op: "cumsum",
  title: "of a long row",
  args: [floats([1, 100])],
  fn: (x) => x!.cumsum(),
  expected: perRow(sumsOf(false, false)),
  orders: 0,
};

/** Cases of the reductions and of what works along one axis. */
export const reduceCases: readonly Case[] = [...reductionCases, ...edges, ...axisCases, ...cumsumCases, longRow];

function gradientOf(x: Tensor, y: Tensor): Tensor {
  return gradients(y, [x])[0]!;
}
