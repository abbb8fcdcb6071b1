import { expect, test } from "vitest";
import { shaken } from "../../tests/support/layers.ts";
import { reference } from "../../tests/support/reference.ts";
import { type HostArray, int64, toNumbers } from "../base/host.ts";
import { key, normal } from "../random/index.ts";
import * as nn from "./index.ts";

type Numbers = readonly number[];

interface Formula {
  readonly name: string;
  readonly module: { init(k: ReturnType<typeof key>): unknown; apply(params: never, x: never): unknown };
  readonly x: HostArray;
  /** The layer written out with plain loops. */
  readonly expected: (params: never, x: Numbers) => number[];
}

const sum = (count: number, term: (i: number) => number) => {
  let total = 0;
  for (let i = 0; i < count; i++) total += term(i);
  return total;
};
const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const mean = (list: Numbers) => sum(list.length, (i) => list[i]!) / list.length;
const rowsOf = (x: Numbers, width: number) => range(x.length / width).map((i) => x.slice(i * width, (i + 1) * width));

type Dense = { weight: HostArray; bias: HostArray };
const dense = ({ weight, bias }: Dense, x: Numbers): number[] => {
  const [w, b] = [toNumbers(weight), toNumbers(bias)];
  const [inputs, outputs] = weight.shape as [number, number];
  return rowsOf(x, inputs).flatMap((row) =>
    range(outputs).map((o) => b[o]! + sum(inputs, (i) => row[i]! * w[i * outputs + o]!)),
  );
};

/** (x − μ)/√(σ² + ε) of a list of numbers. */
const standardized = (list: Numbers) => {
  const m = mean(list);
  const deviation = Math.sqrt(mean(list.map((v) => (v - m) ** 2)) + 1e-5);
  return list.map((v) => (v - m) / deviation);
};

/** A value of an image [C, H, W], zero outside. */
const pixel = (x: Numbers, height: number, width: number) => (c: number, y: number, z: number) =>
  y < 0 || z < 0 || y >= height || z >= width ? 0 : x[(c * height + y) * width + z]!;

const formulas: Formula[] = [
  { name: "linear", module: nn.linear(3, 2), x: normal(key(1), [4, 3]), expected: dense },
  {
    name: "mlp",
    module: nn.mlp([3, 5, 2], "tanh"),
    x: normal(key(1), [4, 3]),
    expected: ([first, second]: [Dense, Dense], x) => dense(second, dense(first, x).map(Math.tanh)),
  },
  {
    name: "residual with a shortcut",
    module: nn.residual(nn.linear(3, 2), nn.linear(3, 2)),
    x: normal(key(1), [4, 3]),
    expected: ({ body, shortcut }: { body: Dense; shortcut: Dense }, x) => {
      const through = dense(body, x);
      return dense(shortcut, x).map((v, i) => v + through[i]!);
    },
  },
  {
    name: "embedding",
    module: nn.embedding(4, 3),
    x: int64([3, 0, 3]),
    expected: ({ weight }: Dense, x) => x.flatMap((row) => toNumbers(weight).slice(3 * row, 3 * row + 3)),
  },
  {
    name: "conv1d, causal and dilated",
    module: nn.conv1d(2, 1, 3, { padding: "causal", dilation: 2 }),
    x: normal(key(2), [1, 2, 7]),
    expected: ({ weight, bias }: Dense, x) => {
      const w = toNumbers(weight);
      const before = (c: number, t: number) => (t < 0 ? 0 : x[c * 7 + t]!);
      return range(7).map(
        (t) => toNumbers(bias)[0]! + sum(6, (i) => w[i]! * before(Math.floor(i / 3), t - 2 * (2 - (i % 3)))),
      );
    },
  },
  {
    name: "conv2d with stride, padding and groups",
    module: nn.conv2d(4, 2, 3, { stride: 2, padding: 1, groups: 2 }),
    x: normal(key(3), [1, 4, 5, 4]),
    expected: ({ weight, bias }: Dense, x) => {
      const [w, at] = [toNumbers(weight), pixel(x, 5, 4)];
      return range(2 * 3 * 2).map((i) => {
        const [o, y, z] = [Math.floor(i / 6), Math.floor(i / 2) % 3, i % 2];
        const taps = sum(18, (k) => {
          const [c, dy, dz] = [Math.floor(k / 9), Math.floor(k / 3) % 3, k % 3];
          return w[o * 18 + k]! * at(2 * o + c, 2 * y + dy - 1, 2 * z + dz - 1);
        });
        return toNumbers(bias)[o]! + taps;
      });
    },
  },
  {
    name: "convTranspose2d with stride and padding",
    module: nn.convTranspose2d(2, 3, 4, { stride: 2, padding: 1 }),
    x: normal(key(4), [1, 2, 3, 2]),
    expected: ({ weight, bias }: Dense, x) => {
      const w = toNumbers(weight);
      const y = range(3 * 6 * 4).map((i) => toNumbers(bias)[Math.floor(i / 24)]!);
      for (const i of range(2 * 3 * 2))
        for (const k of range(3 * 16)) {
          const [c, row, column] = [Math.floor(i / 6), Math.floor(i / 2) % 3, i % 2];
          const [o, dy, dz] = [Math.floor(k / 16), Math.floor(k / 4) % 4, k % 4];
          const [ty, tz] = [2 * row + dy - 1, 2 * column + dz - 1];
          if (ty >= 0 && tz >= 0 && ty < 6 && tz < 4) y[(o * 6 + ty) * 4 + tz]! += x[i]! * w[c * 48 + k]!;
        }
      return y;
    },
  },
  {
    name: "layerNorm",
    module: nn.layerNorm(5),
    x: normal(key(5), [3, 5]),
    expected: ({ weight, bias }: Dense, x) =>
      rowsOf(x, 5).flatMap((row) => standardized(row).map((v, i) => v * toNumbers(weight)[i]! + toNumbers(bias)[i]!)),
  },
  {
    name: "rmsNorm",
    module: nn.rmsNorm(5),
    x: normal(key(6), [3, 5]),
    expected: ({ weight }: Dense, x) =>
      rowsOf(x, 5).flatMap((row) => {
        const size = Math.sqrt(mean(row.map((v) => v * v)) + 1e-6);
        return row.map((v, i) => (v / size) * toNumbers(weight)[i]!);
      }),
  },
  {
    name: "groupNorm",
    module: nn.groupNorm(4, 2),
    x: normal(key(7), [2, 4, 3, 2]),
    expected: ({ weight, bias }: Dense, x) =>
      rowsOf(x, 12).flatMap((group, g) =>
        standardized(group).map((v, i) => {
          const channel = 2 * (g % 2) + Math.floor(i / 6);
          return v * toNumbers(weight)[channel]! + toNumbers(bias)[channel]!;
        }),
      ),
  },
  {
    name: "selfAttention with two heads, causal",
    module: nn.selfAttention({ width: 4, heads: 2, causal: true }),
    x: normal(key(8), [1, 3, 4]),
    expected: ({ qkv, output }: { qkv: Dense; output: Dense }, x) => {
      const rows = rowsOf(dense(qkv, x), 12);
      const part = (row: Numbers, which: number, head: number) =>
        row.slice(4 * which + 2 * head, 4 * which + 2 * head + 2);
      const merged = rows.flatMap((row, t) =>
        [0, 1].flatMap((head) => {
          const seen = rows.slice(0, t + 1);
          const scores = seen.map((other) => {
            const [q, k] = [part(row, 0, head), part(other, 1, head)];
            return Math.exp((q[0]! * k[0]! + q[1]! * k[1]!) / Math.SQRT2);
          });
          const total = sum(scores.length, (i) => scores[i]!);
          return [0, 1].map((d) => sum(scores.length, (i) => (scores[i]! / total) * part(seen[i]!, 2, head)[d]!));
        }),
      );
      return dense(output, merged);
    },
  },
];

test.each(formulas)("$name is its formula", ({ module, x, expected }) => {
  const params = shaken(module.init(key(9)));
  const found = toNumbers(reference(module.apply as never)(params, x) as unknown as HostArray);
  const wanted = expected(params as never, toNumbers(x));
  expect(found.length).toBe(wanted.length);
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(wanted[i]!, 6);
  });
});
