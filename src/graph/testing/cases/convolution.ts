import { type ConvOptions, convSizes, resolveConv } from "../../ops/conv-shape.ts";
import { call, type Tensor } from "../../tensor.ts";
import { type Case, floats, type Nested } from "../case.ts";

type Image = number[][];
type Batch = Image[][];

/** A geometry: spatial sizes, kernel, options, and channels in and out. */
interface Row {
  readonly title: string;
  readonly size: readonly number[];
  readonly kernel: readonly number[];
  readonly options: ConvOptions;
  readonly channels?: readonly [number, number];
}

const rows: readonly Row[] = [
  { title: "3×3, padding 1", size: [4, 3], kernel: [3, 3], options: { padding: 1 } },
  { title: "3×3, stride 2, padding 1", size: [5, 4], kernel: [3, 3], options: { stride: 2, padding: 1 } },
  {
    title: "4×4, stride 2, padding 1",
    size: [4, 4],
    kernel: [4, 4],
    options: { stride: 2, padding: 1 },
    channels: [1, 2],
  },
  { title: "1×1", size: [3, 2], kernel: [1, 1], options: {} },
  { title: "1×1, stride 2", size: [4, 3], kernel: [1, 1], options: { stride: 2 } },
  {
    title: "2×3, dilation 2, uneven padding",
    size: [4, 4],
    kernel: [2, 3],
    options: {
      dilation: 2,
      padding: [
        [1, 0],
        [0, 2],
      ],
    },
  },
  { title: "stride [1, 2], remainder", size: [3, 6], kernel: [2, 3], options: { stride: [1, 2] } },
  { title: "two groups", size: [3, 3], kernel: [2, 2], options: { groups: 2 }, channels: [4, 2] },
  {
    title: "depthwise, padding same",
    size: [4, 3],
    kernel: [3, 3],
    options: { groups: 2, padding: "same" },
    channels: [2, 4],
  },
  { title: "of lines, causal, dilation 2", size: [6], kernel: [3], options: { padding: "causal", dilation: 2 } },
  { title: "of lines, stride 2", size: [7], kernel: [3], options: { stride: 2, padding: 1 } },
  {
    title: "of lines, two groups, padding same, stride 2",
    size: [5],
    kernel: [2],
    options: { groups: 2, padding: "same", stride: 2 },
    channels: [2, 2],
  },
]; // prettier-ignore

/** Every product x·w → y of a convolution, found by asking each pair of positions whether a tap joins them. */
function products(
  row: Row,
  visit: (n: number, k: number, c: number, from: number[], tap: number[], to: number[]) => void,
) {
  const attrs = resolveConv(row.options, row.size, row.kernel);
  const out = convSizes(row.size, row.kernel, attrs);
  const [inputs, outputs] = channelsOf(row);
  const perGroup = inputs / attrs.groups;
  for (const to of positions(out))
    for (const tap of positions(row.kernel)) {
      const from = to.map(
        (o, axis) => o * attrs.stride[axis]! + tap[axis]! * attrs.dilation[axis]! - attrs.padding[axis]![0],
      );
      if (from.some((i, axis) => i < 0 || i >= row.size[axis]!)) continue;
      for (let n = 0; n < 2; n++)
        for (let k = 0; k < outputs; k++)
          for (let c = 0; c < perGroup; c++)
            visit(n, k, c + perGroup * Math.floor((k * attrs.groups) / outputs), from, tap, to);
    }
}

const channelsOf = (row: Row) => row.channels ?? [2, 2];

function positions(sizes: readonly number[]): number[][] {
  const [first, ...rest] = sizes;
  if (first === undefined) return [[]];
  return Array.from({ length: first }, (_, i) => positions(rest).map((tail) => [i, ...tail])).flat();
}

const get = (x: Nested, index: readonly number[]): number =>
  index.reduce<Nested>((nested, i) => (nested as readonly Nested[])[i]!, x) as number;

function add(x: Nested, index: readonly number[], value: number): void {
  const last = index.slice(0, -1).reduce<Nested>((nested, i) => (nested as readonly Nested[])[i]!, x) as number[];
  last[index.at(-1)!]! += value;
}

const zeros = (shape: readonly number[]): Nested =>
  shape.length === 0 ? 0 : Array.from({ length: shape[0]! }, () => zeros(shape.slice(1)));

/** Shapes of input, weights and result. */
function shapes(row: Row) {
  const attrs = resolveConv(row.options, row.size, row.kernel);
  const [inputs, outputs] = channelsOf(row);
  const x = [2, inputs, ...row.size];
  const w = [outputs, inputs / attrs.groups, ...row.kernel];
  return { x, w, y: [2, outputs, ...convSizes(row.size, row.kernel, attrs)], attrs };
}

/** The three readings of one bilinear form, each as a case. */
function threeCases(row: Row): Case[] {
  const { x, w, y, attrs } = shapes(row);
  const perGroup = w[1]!;
  const sum = (shape: readonly number[], term: (x: number[], w: number[], y: number[]) => [number[], number]) => {
    const result = zeros(shape);
    products(row, (n, k, c, from, tap, to) => {
      add(result, ...term([n, c, ...from], [k, c % perGroup, ...tap], [n, k, ...to]));
    });
    return result;
  };
  return [
    {
      op: "conv",
      title: row.title,
      args: [floats(x, -1, 1, 1), floats(w, -1, 1, 2)],
      fn: (a, b) => call("conv", [a!, b!], attrs),
      expected: (a: Batch, b: Batch) => sum(y, (xi, wi, yi) => [yi, get(a, xi) * get(b, wi)]),
    },
    {
      op: "convInputGrad",
      title: row.title,
      args: [floats(y, -1, 1, 3), floats(w, -1, 1, 4)],
      fn: (a, b) => call("convInputGrad", [a!, b!], { ...attrs, size: row.size }),
      expected: (a: Batch, b: Batch) => sum(x, (xi, wi, yi) => [xi, get(a, yi) * get(b, wi)]),
    },
    {
      op: "convWeightGrad",
      title: row.title,
      args: [floats(x, -1, 1, 5), floats(y, -1, 1, 6)],
      fn: (a, b) => call("convWeightGrad", [a!, b!], { ...attrs, kernel: row.kernel }),
      expected: (a: Batch, b: Batch) => sum(w, (xi, wi, yi) => [wi, get(a, xi) * get(b, yi)]),
    },
  ];
}

const withBias: Case = {
  op: "conv",
  title: "with a bias",
  args: [floats([2, 2, 3], -1, 1, 1), floats([3, 2, 1], -1, 1, 2), floats([3], -1, 1, 3)],
  fn: (x, w, b) => call("conv", [x!, w!, b!] as Tensor[], resolveConv({}, [3], [1])),
  expected: (x: number[][][], w: number[][][], b: number[]) =>
    x.map((line) =>
      b.map((bias, k) => line[0]!.map((_, t) => bias + line[0]![t]! * w[k]![0]![0]! + line[1]![t]! * w[k]![1]![0]!)),
    ),
};

export const convolutionCases: readonly Case[] = [...rows.flatMap(threeCases), withBias];
