import { arange } from "../../ops/indexing.ts";
import { loop } from "../../ops/loop.ts";
import { scan } from "../../ops/scan.ts";
import type { Tensor } from "../../tensor.ts";
import { type Case, floats } from "../case.ts";

type Matrix = readonly (readonly number[])[];

const times = (h: readonly number[], w: Matrix) =>
  w[0]!.map((_, j) => h.reduce((sum, value, i) => sum + value * w[i]![j]!, 0));

/** A recurrent network with a captured weight matrix, a captured bias and a captured factor. */
const recurrent = (reverse: boolean): Case => ({
  op: "scan",
  title: `of a recurrent network${reverse ? ", backwards" : ""}`,
  args: [
    floats([2, 2], -1, 1, 1),
    floats([3, 2, 2], -1, 1, 2),
    floats([2, 2], -1, 1, 3),
    floats([2], -1, 1, 4),
    floats([2, 2], 0.5, 1, 5),
  ],
  fn: (h0, xs, w, b, s) => {
    const step = (h: Tensor, x: Tensor) => {
      const next = h.matmul(w!).add(x.mul(s!)).add(b!).tanh();
      return { carry: next, y: next.mul(x) };
    };
    const { carry, ys } = scan(step, { init: h0!, xs: xs!, reverse });
    return [carry, ys];
  },
  expected: (h0: Matrix, xs: readonly Matrix[], w: Matrix, b: number[], s: Matrix) => {
    let h = h0;
    const ys: Matrix[] = [];
    const order = xs.map((_, t) => (reverse ? xs.length - 1 - t : t));
    for (const t of order) {
      h = h.map((row, n) => times(row, w).map((value, j) => Math.tanh(value + xs[t]![n]![j]! * s[n]![j]! + b[j]!)));
      ys[t] = h.map((row, n) => row.map((value, j) => value * xs[t]![n]![j]!));
    }
    return [h, ys];
  },
}); // prettier-ignore

const scanCases: readonly Case[] = [
  recurrent(false),
  recurrent(true),
  {
    op: "scan",
    title: "over a tree, with an integer counter and no ys",
    args: [floats([3]), floats([4, 3], -1, 1, 2)],
    fn: (x, steps) => {
      const init = { sum: x!, count: x!.slice(0, 0, 1).reshape([]).mul(0).cast("int64") };
      const body = (c: typeof init, { a }: { a: Tensor }) => ({
        carry: { sum: c.sum.add(a.mul(c.sum).mul(c.count.cast("float32"))), count: c.count.add(1) },
      });
      const { carry } = scan(body, { init, xs: { a: steps! } });
      return [carry.sum, carry.count];
    },
    expected: (x: number[], steps: Matrix) => [
      x.map((start, i) => steps.reduce((sum, a, t) => sum + a[i]! * sum * t, start)),
      steps.length,
    ],
  },
  {
    op: "scan",
    title: "inside a scan, capturing from both levels",
    args: [floats([2]), floats([2, 3], -1, 1, 2), floats([2], -1, 1, 3)],
    fn: (x, grid, w) => {
      const outer = scan(
        (a: Tensor, row: Tensor) => {
          const inner = scan((b: Tensor, cell: Tensor) => ({ carry: b.mul(cell).add(a.mul(w!)), y: b.sum() }), {
            init: a,
            xs: row,
          });
          return { carry: inner.carry.tanh(), y: inner.ys };
        },
        { init: x!, xs: grid! },
      );
      return [outer.carry, outer.ys];
    },
    expected: (x: number[], grid: Matrix, w: number[]) => {
      let a = x;
      const ys = grid.map((row) => {
        let b = a;
        const sums = row.map((cell) => {
          const sum = b.reduce((p, q) => p + q, 0);
          b = b.map((value, i) => value * cell + a[i]! * w[i]!);
          return sum;
        });
        a = b.map(Math.tanh);
        return sums;
      });
      return [a, ys];
    },
  },
  {
    op: "scan",
    title: "without xs",
    args: [floats([2], 0.5, 1), floats([2, 2], -0.5, 0.5, 2)],
    fn: (x, w) => scan((h: Tensor) => ({ carry: h.matmul(w!).add(h), y: h }), { init: x!, length: 3 }).ys,
    expected: (x: number[], w: Matrix) => {
      const next = (h: readonly number[]) => times(h, w).map((value, i) => value + h[i]!);
      return [x, next(x), next(next(x))];
    },
  },
];

const loopCases: readonly Case[] = [
  {
    op: "loop",
    title: "with stacked results and a cache written at the iteration's place",
    orders: 0,
    args: [floats([2], -1, 1, 1), floats([2, 2], -1, 1, 2)],
    fn: (x, w) => {
      const init = { h: x!, cache: x!.mul(0).broadcastTo([3, 2]) };
      const { carry, ys } = loop(
        (i, { h, cache }: typeof init) => {
          const here = arange(3).equal(i).reshape([3, 1]);
          return {
            carry: { h: h.matmul(w!), cache: here.select(h.broadcastTo([3, 2]), cache) },
            y: h.add(i.cast("float32")),
          };
        },
        { init, count: 3 },
      );
      return [carry.h, carry.cache, ys];
    },
    expected: (x: number[], w: Matrix) => {
      const states = [x, times(x, w), times(times(x, w), w), times(times(times(x, w), w), w)];
      return [states[3]!, states.slice(0, 3), states.slice(0, 3).map((h, i) => h.map((value) => value + i))];
    },
  },
  {
    op: "loop",
    title: "that stops by itself",
    orders: 0,
    args: [floats([2], 0.5, 1, 1)],
    fn: (x) =>
      loop((_i, h: Tensor) => ({ carry: h.mul(1.5), continue: h.max().less(10) }), { init: x!, count: 50 }).carry,
    expected: (x: number[]) => {
      let h = x;
      for (let going = true; going; ) {
        going = Math.max(...h) < 10;
        h = h.map((value) => value * 1.5);
      }
      return h;
    },
  },
];

export const loopPrimitiveCases: readonly Case[] = [...scanCases, ...loopCases];
