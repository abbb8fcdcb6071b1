import { gelu, geluTanh, silu } from "../../ops/gated.ts";
import { groupNorm, layerNorm } from "../../ops/norm.ts";
import { avgPool, maxPool, type PoolOptions } from "../../ops/pool.ts";
import { type Case, each, flat, floats, type Nested } from "../case.ts";

type Image = readonly (readonly number[])[];

/** The windows of a pooling with what lies inside the image, by row and column. */
function windows(image: Image, kernel: number, stride: number, before: number, after = before): number[][][] {
  const starts = (size: number) =>
    Array.from({ length: Math.floor((size + before + after - kernel) / stride) + 1 }, (_, o) => o * stride - before);
  const inside = (start: number, list: readonly unknown[]) =>
    Array.from({ length: kernel }, (_, t) => start + t).filter((i) => i >= 0 && i < list.length);
  return starts(image.length).map((top) =>
    starts(image[0]!.length).map((left) =>
      inside(top, image).flatMap((i) => inside(left, image[0]!).map((j) => image[i]![j]!)),
    ),
  );
}

const perImage = (fn: (image: Image) => Nested) => (x: readonly (readonly Image[])[]) =>
  x.map((images) => images.map(fn));

const pools: readonly (readonly [string, PoolOptions, readonly number[]])[] = [
  ["2×2", { kernel: 2 }, [4, 5]],
  ["3×3, stride 2, padding 1", { kernel: 3, stride: 2, padding: 1 }, [5, 4]],
  ["overlapping 2×2", { kernel: 2, stride: 1 }, [3, 4]],
];

const maxCases = pools.map(([title, options, size]): Case => {
  const { kernel, stride = kernel, padding = 0 } = options as { kernel: number; stride?: number; padding?: number };
  return {
    op: "maxPool",
    title,
    args: [floats([2, 1, ...size], -2, 2, 9)],
    fn: (x) => maxPool(x!, options),
    expected: perImage((image) => windows(image, kernel, stride, padding).map((row) => row.map((w) => Math.max(...w)))),
  };
});

const meanCases = pools.map(([title, options, size]): Case => {
  const { kernel, stride = kernel, padding = 0 } = options as { kernel: number; stride?: number; padding?: number };
  const mean = (w: readonly number[]) => w.reduce((a, b) => a + b, 0) * Math.fround(1 / kernel) ** 2;
  return {
    op: "matmul",
    title: `as average pooling ${title}`,
    args: [floats([2, 1, ...size], -2, 2, 9)],
    fn: (x) => avgPool(x!, options),
    // the weights are float32 constants
    expected: perImage((image) => windows(image, kernel, stride, padding).map((row) => row.map(mean))),
  };
});

const line: Case = {
  op: "maxPool",
  title: "of lines",
  args: [floats([2, 2, 6], -2, 2, 3)],
  fn: (x) => maxPool(x!, { kernel: 3, stride: 2 }),
  expected: (x: number[][][]) =>
    x.map((lines) => lines.map((l) => [0, 2].map((start) => Math.max(...l.slice(start, start + 3))))),
};

/** (x − mean)/√(variance + ε) of a list of numbers. */
function standardised(values: readonly number[], epsilon: number): number[] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  return values.map((value) => (value - mean) / (variance + epsilon) ** 0.5);
}

const normCases: readonly Case[] = [
  {
    op: "layerNorm",
    title: "without scale and bias",
    args: [floats([2, 3, 4])],
    fn: (x) => layerNorm(x!),
    expected: (x: number[][][]) => x.map((rows) => rows.map((row) => standardised(row, 1e-5))),
  },
  {
    op: "layerNorm",
    title: "with scale",
    args: [floats([3, 4]), floats([4], 0.5, 2, 2)],
    fn: (x, s) => layerNorm(x!, s, undefined, { epsilon: 0.1 }),
    expected: (x: number[][], s: number[]) => x.map((row) => standardised(row, 0.1).map((value, i) => value * s[i]!)),
  },
  {
    op: "layerNorm",
    title: "with scale and bias over two axes",
    args: [floats([2, 2, 3]), floats([2, 3], 0.5, 2, 2), floats([2, 3], -1, 1, 3)],
    fn: (x, s, b) => layerNorm(x!, s, b, { from: 1 }),
    expected: (x: number[][][], s: number[][], b: number[][]) =>
      x.map((block) => {
        const values = standardised(block.flat(), 1e-5);
        return s.map((row, i) => row.map((scale, j) => values[i * row.length + j]! * scale + b[i]![j]!));
      }),
  },
];

const groupCases: readonly Case[] = [
  ["of images", [2, 4, 1, 2], 2],
  ["of lines, one group", [2, 2, 3], 1],
  ["of one channel each, without positions", [2, 4, 2], 4],
].map((row): Case => {
  const [title, shape, groups] = row as [string, number[], number];
  const channels = shape[1]!;
  return {
    op: "groupNorm",
    title,
    args: [floats(shape), floats([channels], 0.5, 2, 2), floats([channels], -1, 1, 3)],
    fn: (x, s, b) => groupNorm(x!, groups, s, b),
    expected: (x: Nested[][], s: number[], b: number[]) =>
      x.map((image) => {
        const width = flat(image[0]!).length;
        const size = channels / groups;
        const blocks = Array.from({ length: groups }, (_, i) => flat(image.slice(i * size, (i + 1) * size)));
        const values = blocks.flatMap((block) => standardised(block, 1e-5));
        let next = 0;
        const refill = (part: Nested): Nested => {
          if (typeof part !== "number") return part.map(refill);
          const channel = Math.floor(next / width);
          return values[next++]! * s[channel]! + b[channel]!;
        };
        return refill(image);
      }),
  };
});

const gates = {
  silu: [silu, (x: number) => x / (1 + Math.exp(-x))],
  gelu: [gelu, (x: number) => x * normalBelow(x)],
  geluTanh: [geluTanh, (x: number) => (x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))) / 2],
} as const;

/** Φ(x) by its series ½ + φ(x)·(x + x³/3 + x⁵/15 + …) (Marsaglia 2004). */
function normalBelow(x: number): number {
  let [term, sum] = [x, x];
  for (let k = 3; k < 200; k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

const gatedCases = Object.entries(gates).flatMap(([op, [fn, formula]]): Case[] =>
  [[2, 3], [], [0]].map((shape) => ({
    op,
    title: `of shape [${shape}]`,
    args: [floats(shape, -4, 4)],
    fn: (x) => fn(x!),
    expected: each(formula),
  })),
);

export const imageCases: readonly Case[] = [
  ...maxCases,
  line,
  ...meanCases,
  ...normCases,
  ...groupCases,
  ...gatedCases,
];
