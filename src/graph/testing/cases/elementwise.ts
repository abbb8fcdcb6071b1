import { float32 } from "../../../base/host.ts";
import type { Tensor } from "../../tensor.ts";
import { bools, type Case, each, floats, given, ints } from "../case.ts";

/** A function of one number: name, formula, and the interval (free of kinks) it is sampled from. */
type UnaryRow = readonly [op: Unary, formula: (x: number) => number, low?: number, high?: number];

type Unary =
  | ("neg" | "abs" | "sign" | "floor" | "ceil" | "round" | "reciprocal" | "relu" | "stopGradient")
  | ("exp" | "expm1" | "elu" | "log" | "log1p" | "sqrt" | "sin" | "cos" | "tan" | "atan" | "tanh" | "erf")
  | ("sigmoid" | "softplus");

/** ∫₀ˣ 2/√π e^(−t²) dt by Simpson's rule. */
function erfBySimpson(x: number): number {
  const n = 2000;
  const h = x / n;
  let sum = 1 + Math.exp(-x * x);
  for (let i = 1; i < n; i++) sum += (i % 2 === 1 ? 4 : 2) * Math.exp(-((i * h) ** 2));
  return ((2 / Math.sqrt(Math.PI)) * sum * h) / 3;
}

const halfToEven = (x: number) => {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.floor(x + 0.5);
  return below % 2 === 0 ? below : below + 1;
};

const unaryRows: readonly UnaryRow[] = [
  ["neg", (x) => 0 - x],
  ["abs", (x) => (x < 0 ? -x : x)],
  ["sign", (x) => (x > 0 ? 1 : x < 0 ? -1 : 0)],
  ["floor", (x) => x - (((x % 1) + 1) % 1), -9, 9],
  ["ceil", (x) => -Math.floor(-x), -9, 9],
  ["round", halfToEven, -9, 9],
  ["reciprocal", (x) => x ** -1, 0.5, 3],
  ["relu", (x) => (x > 0 ? x : 0)],
  ["stopGradient", (x) => x],
  ["exp", (x) => Math.E ** x],
  ["expm1", (x) => Math.exp(x) - 1],
  ["elu", (x) => (x > 0 ? x : Math.exp(x) - 1)],
  ["log", (x) => Math.log2(x) * Math.LN2, 0.2, 4],
  ["log1p", (x) => Math.log(1 + x), -0.8, 4],
  ["sqrt", (x) => x ** 0.5, 0.2, 4],
  ["sin", (x) => Math.cos(x - Math.PI / 2), -4, 4],
  ["cos", (x) => Math.sin(x + Math.PI / 2), -4, 4],
  ["tan", (x) => Math.sin(x) / Math.cos(x), -1.2, 1.2],
  ["atan", (x) => Math.atan2(x, 1)],
  ["tanh", (x) => (Math.exp(2 * x) - 1) / (Math.exp(2 * x) + 1)],
  ["erf", erfBySimpson, -3.5, 3.5],
  ["sigmoid", (x) => 1 / (1 + Math.exp(-x)), -4, 4],
  ["softplus", (x) => Math.log(1 + Math.exp(x)), -4, 4],
];

const noGradient = new Set<Unary>(["stopGradient"]);

const unaryCases = unaryRows.flatMap(([op, formula, low, high]): Case[] =>
  [[3, 4], [], [2, 1, 3], [2, 0]].map((shape, i) => ({
    op,
    title: `of shape [${shape}]`,
    args: [floats(shape, low, high, i + 1)],
    fn: (x) => x![op](),
    expected: each(formula),
    orders: noGradient.has(op) ? 0 : 2,
  })),
);

const inf = Number.POSITIVE_INFINITY;

/** Values where formulas usually go wrong: [op, arguments, results]. */
const edgeRows: readonly (readonly [Unary, readonly number[], readonly number[]])[] = [
  ["abs", [0, -inf, Number.NaN], [0, inf, Number.NaN]],
  ["sign", [0, -inf, 1e-30], [0, -1, 1]],
  ["round", [0.5, 1.5, 2.5, -0.5, -1.5, 1e9, -7.49], [0, 2, 2, 0, -2, 1e9, -7]],
  ["floor", [-0.5, 2, -inf], [-1, 2, -inf]],
  ["exp", [-inf, inf, 0], [0, inf, 1]],
  ["expm1", [1e-10, -1e-5, 20, -50, inf, -inf, 0], [1e-10, -9.99995000016667e-6, 485165194.4097903, -1, inf, -1, 0]],
  ["log", [0, inf, -1], [-inf, inf, Number.NaN]],
  [
    "log1p",
    [1e-10, -1e-5, 1e20, -1, inf, 0, -2],
    [1e-10, -1.0000050000333335e-5, 46.051701859880914, -inf, inf, 0, Number.NaN],
  ],
  ["sqrt", [0, inf, -1], [0, inf, Number.NaN]],
  ["tanh", [inf, -inf, 1e-8, 30], [1, -1, 1e-8, 1]],
  ["erf", [inf, -inf, 0, 6], [1, -1, 0, 1]],
  ["sigmoid", [inf, -inf, 0, 100], [1, 0, 0.5, 1]],
  ["softplus", [inf, -inf, 0, 200, -200], [inf, 0, Math.LN2, 200, 0]],
  ["elu", [inf, -inf, 0, -1, Number.NaN], [inf, -1, 0, Math.exp(-1) - 1, Number.NaN]],
  ["relu", [inf, -inf, 0, -3, Number.NaN], [inf, 0, 0, 0, Number.NaN]],
  ["reciprocal", [inf, 0, -4], [0, inf, -0.25]],
];

const edgeCases = edgeRows.map(
  ([op, values, results]): Case => ({
    op,
    title: "at special values",
    args: [given(values)],
    fn: (x) => x![op](),
    expected: () => results,
    orders: 0,
  }),
);

type Binary = "add" | "sub" | "mul" | "div" | "pow" | "mod" | "maximum" | "minimum";

type BinaryRow = readonly [op: Binary, formula: (a: number, b: number) => number, low?: number, high?: number];

const binaryRows: readonly BinaryRow[] = [
  ["add", (a, b) => a + b],
  ["sub", (a, b) => a - b],
  ["mul", (a, b) => a * b],
  ["div", (a, b) => a / b, 0.5, 3],
  ["pow", (a, b) => Math.exp(b * Math.log(a)), 0.5, 2],
  ["mod", (a, b) => a - b * Math.floor(a / b), 0.6, 3],
  ["maximum", (a, b) => (a > b ? a : b)],
  ["minimum", (a, b) => (a < b ? a : b)],
];

/** Pairs of operand shapes: equal, stretched on either side, of different rank, scalar, empty. */
const pairs = [
  [
    [3, 2],
    [3, 2],
  ],
  [[2, 3], [3]],
  [
    [2, 1],
    [1, 3],
  ],
  [[], [2, 2]],
  [
    [1, 2, 1],
    [2, 1, 2],
  ],
  [[2, 0], [1]],
] as const;

const binaryCases = binaryRows.flatMap(([op, formula, low, high]): Case[] =>
  pairs.map(([left, right], i) => ({
    op,
    title: `of shapes [${left}] and [${right}]`,
    args: [floats(left, low, high, 10 + i), floats(right, low, high, 20 + i)],
    fn: (a, b) => a![op](b!),
    expected: each(formula as (...values: number[]) => number),
  })),
);

const integerRows: readonly (readonly [Binary, readonly number[]])[] = [
  ["add", [10, -4, 6]],
  ["sub", [4, -10, 4]],
  ["mul", [21, -21, 5]],
  ["div", [2, -2, 5]],
  ["mod", [1, 2, 0]],
  ["pow", [343, -343, 5]],
  ["maximum", [7, 3, 5]],
  ["minimum", [3, -7, 1]],
];

const integerCases = integerRows.map(
  ([op, results]): Case => ({
    op,
    title: "of integers",
    args: [ints([7, -7, 5]), ints([3, 3, 1])],
    fn: (a, b) => a![op](b!),
    expected: () => results,
  }),
);

function oneArgument(
  op: string,
  title: string,
  x: readonly number[],
  fn: (x: Tensor) => Tensor,
  y: readonly number[],
  orders: 0 | 2 = 2,
): Case {
  return { op, title, args: [given(x)], fn: (t) => fn(t!), expected: () => y, orders };
}

const small = [1e-10, -1e-6, 1e-3, -3e-2];

/** log(1 + x)/x and (e^x − 1)/x by their series. */
const log1pRatio = (x: number) => Array.from({ length: 9 }, (_, k) => (-x) ** k / (k + 1)).reduce((a, b) => a + b);
const expm1Ratio = (x: number) => 1 + (x / 2) * (1 + (x / 3) * (1 + (x / 4) * (1 + (x / 5) * (1 + x / 6))));

const special: readonly Case[] = [
  oneArgument("pow", "with whole exponents of negative numbers", [-2, 3, -0.5], (x) => x.pow(4), [16, 81, 0.0625]),
  {
    op: "pow",
    title: "with tensors of negative base and whole exponent",
    args: [given([-2, -3, 0, 0, 2])],
    fn: (x) => x!.pow(float32([3, 2, 1, 2, 0])),
    expected: () => [-8, 9, 0, 0, 1],
  },
  oneArgument("log1p", "relative to a small argument", small, (x) => x.log1p().div(x), small.map(log1pRatio), 0),
  oneArgument("expm1", "relative to a small argument", small, (x) => x.expm1().div(x), small.map(expm1Ratio), 0),
  oneArgument("mul", "as a square", [-2, 3], (x) => x.pow(2), [4, 9]),
  oneArgument("mul", "as a cube", [-2, 3], (x) => x.pow(3), [-8, 27]),
  oneArgument("sqrt", "as a power", [4, 9], (x) => x.pow(0.5), [2, 3]),
  oneArgument("reciprocal", "as a power", [4, -2], (x) => x.pow(-1), [0.25, -0.5]),
  ...(["maximum", "minimum"] as const).map(
    (op): Case => ({
      op,
      title: "keeps NaN",
      args: [given([Number.NaN, 1, 2]), given([1, Number.NaN, 2])],
      fn: (a, b) => a![op](b!),
      expected: () => [Number.NaN, Number.NaN, 2],
      orders: 0,
    }),
  ),
  {
    op: "mod",
    title: "of mixed signs",
    args: [given([5.5, -5.5, 5.5, -5.5]), given([2, 2, -2, -2])],
    fn: (a, b) => a!.mod(b!),
    expected: () => [1.5, 0.5, -0.5, -1.5],
  },
  {
    op: "clip",
    title: "inside and outside",
    args: [floats([3, 4], -3, 3)],
    fn: (x) => x!.clip(-1, 1.5),
    expected: each((x) => (x < -1 ? -1 : x > 1.5 ? 1.5 : x)),
  },
  { op: "clip", title: "of integers", args: [ints([-5, 2, 9])], fn: (x) => x!.clip(0, 3), expected: () => [0, 2, 3] },
  { op: "neg", title: "of integers", args: [ints([-5, 2])], fn: (x) => x!.neg(), expected: () => [5, -2] },
  { op: "abs", title: "of integers", args: [ints([-5, 2])], fn: (x) => x!.abs(), expected: () => [5, 2] },
  { op: "sign", title: "of integers", args: [ints([-5, 0, 2])], fn: (x) => x!.sign(), expected: () => [-1, 0, 1] },
];

type Comparison = "equal" | "less" | "lessEqual" | "greater" | "greaterEqual";

const comparisonRows: readonly (readonly [Comparison, (a: number, b: number) => boolean])[] = [
  ["equal", (a, b) => a - b === 0],
  ["less", (a, b) => a - b < 0],
  ["lessEqual", (a, b) => a - b <= 0],
  ["greater", (a, b) => a - b > 0],
  ["greaterEqual", (a, b) => a - b >= 0],
];

const comparisonCases = comparisonRows.flatMap(([op, holds]): Case[] => {
  const expected = each((...[a, b]) => Number(holds(a!, b!)));
  const fn = (a: Tensor | undefined, b: Tensor | undefined) => a![op](b!);
  return [
    { op, title: "of floats, with broadcasting", args: [given([1, 2, 3, 4], [2, 2]), given([2, 4])], fn, expected },
    { op, title: "of integers", args: [ints([1, 2, 3]), ints([2])], fn, expected },
    { op, title: "of truth values", args: [bools([0, 0, 1, 1]), bools([0, 1, 0, 1])], fn, expected },
    { op, title: "with NaN", args: [given([Number.NaN, 1]), given([Number.NaN])], fn, expected: () => [0, 0] },
  ];
});

const truth = [bools([0, 0, 1, 1], [2, 2]), bools([0, 1])];

const logicCases: readonly Case[] = [
  {
    op: "and",
    title: "with broadcasting",
    args: truth,
    fn: (a, b) => a!.and(b!),
    expected: each((...[a, b]) => a! * b!),
  },
  {
    op: "or",
    title: "with broadcasting",
    args: truth,
    fn: (a, b) => a!.or(b!),
    expected: each((...[a, b]) => Math.max(a!, b!)),
  },
  { op: "not", title: "of both", args: [bools([0, 1])], fn: (a) => a!.not(), expected: () => [1, 0] },
  {
    op: "isNaN",
    title: "of special values",
    args: [given([0, Number.NaN, inf])],
    fn: (a) => a!.isNaN(),
    expected: () => [0, 1, 0],
  },
  {
    op: "select",
    title: "with broadcasting of all three",
    args: [bools([1, 0], [2, 1]), floats([3]), floats([1, 1])],
    fn: (c, a, b) => c!.select(a!, b!),
    expected: each((...[c, a, b]) => (c === 1 ? a! : b!)),
  },
  {
    op: "select",
    title: "blocks what is not taken",
    args: [given([-1, 4])],
    fn: (x) => x!.greater(0).select(x!.sqrt(), 0),
    expected: () => [0, 2],
    orders: 0,
  },
  {
    op: "select",
    title: "of truth values",
    args: [bools([1, 0, 1, 0]), bools([1, 1, 0, 0]), bools([0, 0, 1, 1])],
    fn: (c, a, b) => c!.select(a!, b!),
    expected: () => [1, 0, 0, 1],
  },
  {
    op: "select",
    title: "of integers",
    args: [bools([1, 0]), ints([1, 2]), ints([3, 4])],
    fn: (c, a, b) => c!.select(a!, b!),
    expected: () => [1, 4],
  },
];

const castCases: readonly Case[] = [
  {
    op: "cast",
    title: "float to int64",
    args: [given([1.7, -1.7, 0])],
    fn: (x) => x!.cast("int64"),
    expected: () => [1, -1, 0],
  },
  {
    op: "cast",
    title: "float to bool",
    args: [given([0.5, -1, 0])],
    fn: (x) => x!.cast("bool"),
    expected: () => [1, 1, 0],
  },
  {
    op: "cast",
    title: "int64 to float",
    args: [ints([3, -4])],
    fn: (x) => x!.cast("float32"),
    expected: () => [3, -4],
  },
  { op: "cast", title: "bool to float", args: [bools([1, 0])], fn: (x) => x!.cast("float32"), expected: () => [1, 0] },
  { op: "cast", title: "bool to int64", args: [bools([1, 0])], fn: (x) => x!.cast("int64"), expected: () => [1, 0] },
  {
    op: "cast",
    title: "float32 to float64 and back keeps the gradient",
    args: [floats([3])],
    fn: (x) => x!.cast("float64").cast("float32"),
    expected: (x: number[]) => x,
  },
];

/** Cases of the elementwise primitives. */
export const elementwiseCases: readonly Case[] = [
  ...unaryCases,
  ...edgeCases,
  ...binaryCases,
  ...integerCases,
  ...special,
  ...comparisonCases,
  ...logicCases,
  ...castCases,
];
