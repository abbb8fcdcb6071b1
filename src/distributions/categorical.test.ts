import { expect, test } from "vitest";
import { evaluate, f64, reference } from "../../tests/support/reference.ts";
import { chiSquareScore, finiteDifferences, SCORE_1_IN_1000 } from "../../tests/support/statistics.ts";
import { type HostArray, int64 } from "../base/host.ts";
import { gradients, type Tensor } from "../graph/index.ts";
import { gumbel, key, uniform } from "../random/index.ts";
import { categorical, gumbelSoftmax, straightThrough } from "./index.ts";

const logits = [0.3, -1, 2, 0.5];
const total = logits.reduce((sum, l) => sum + Math.exp(l), 0);
const p = logits.map((l) => Math.exp(l) / total);
const of = (fn: (d: ReturnType<typeof categorical>, ...rest: Tensor[]) => Tensor, ...rest: unknown[]) =>
  evaluate((l: Tensor, ...more: Tensor[]) => fn(categorical({ logits: l }), ...more), f64(logits), ...rest);

test("probabilities are the softmax and sum to one", () => {
  const values = of((d, x) => d.logProb(x), int64([0, 1, 2, 3])).map(Math.exp);
  values.forEach((value, i) => {
    expect(value).toBeCloseTo(p[i]!, 12);
  });
  expect(values.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
});

test("a batch of events sums over the event", () => {
  const table = f64([...logits, ...logits.map((l) => -l), ...logits, ...logits], [2, 2, 4]);
  const value = evaluate(
    (l: Tensor, x: Tensor) => categorical({ logits: l }, 1).logProb(x),
    table,
    int64([2, 1, 0, 3], [2, 2]),
  );
  const other = logits.map((l) => Math.exp(-l));
  const q = other.map((v) => v / other.reduce((a, b) => a + b));
  expect(value[0]).toBeCloseTo(Math.log(p[2]! * q[1]!), 12);
  expect(value[1]).toBeCloseTo(Math.log(p[0]! * p[3]!), 12);
});

test("moments, entropy and distribution function are the sums over the classes", () => {
  const mean = p.reduce((sum, q, k) => sum + q * k, 0);
  expect(of((d) => d.mean())[0]).toBeCloseTo(mean, 12);
  expect(of((d) => d.variance())[0]).toBeCloseTo(
    p.reduce((sum, q, k) => sum + q * (k - mean) ** 2, 0),
    12,
  );
  expect(of((d) => d.entropy())[0]).toBeCloseTo(
    p.reduce((sum, q) => sum - q * Math.log(q), 0),
    12,
  );
  expect(of((d, x) => d.cdf(x), int64([1, 3]))[0]).toBeCloseTo(p[0]! + p[1]!, 12);
});

// False alarm: one in a thousand for a fresh seed.
test("samples have the probabilities; uniforms next to 1 give the last class", () => {
  const n = 10_000;
  const draws = of((d, u) => d.sample(u), uniform(key(2), [n]));
  const counts = [0, 1, 2, 3].map((k) => draws.filter((v) => v === k).length);
  expect(
    chiSquareScore(
      counts,
      p.map((q) => q * n),
    ),
  ).toBeLessThan(SCORE_1_IN_1000);
  expect(of((d, u) => d.sample(u), f64([0, 1 - 2 ** -24]))).toEqual([0, 3]);
});

test("the gradient is the finite difference", () => {
  const at = (l: readonly number[]) =>
    evaluate(
      (t: Tensor) =>
        categorical({ logits: t }).logProb(
          t
            .sum()
            .mul(0)
            .cast("int64")
            .add(int64([1], [])),
        ),
      f64(l),
    )[0]!;
  const analytic = evaluate(
    (t: Tensor, x: Tensor) => gradients(categorical({ logits: t }).logProb(x), [t])[0]!,
    f64(logits),
    int64([1], []),
  );
  finiteDifferences(at, logits).forEach((slope, i) => {
    expect(analytic[i]).toBeCloseTo(slope, 7);
  });
});

// False alarm: one in a thousand for a fresh seed.
test("the largest Gumbel-softmax entry follows the categorical law", () => {
  const n = 10_000;
  const draws = evaluate(
    (l: Tensor, g: Tensor) => gumbelSoftmax(l, g, 0.5).argmax(-1),
    f64(logits),
    gumbel(key(4), [n, 4]),
  );
  const counts = [0, 1, 2, 3].map((k) => draws.filter((v) => v === k).length);
  expect(
    chiSquareScore(
      counts,
      p.map((q) => q * n),
    ),
  ).toBeLessThan(SCORE_1_IN_1000);
});

test("straight-through draws are one-hot with the gradient of the soft ones", () => {
  const g = gumbel(key(5), [4]);
  const weights = f64([1, 2, 3, 4]);
  const run = (hard: boolean) =>
    reference((l: Tensor, noise: Tensor, w: Tensor) => {
      const soft = gumbelSoftmax(l, noise, 0.7);
      const y = hard ? straightThrough(soft) : soft;
      return { y, slope: gradients(y.mul(w).sum(), [l])[0]! };
    })(f64(logits), g, weights) as unknown as { y: HostArray; slope: HostArray };
  const [hard, soft] = [run(true), run(false)];
  expect(Array.from(hard.y.data as Float64Array, (v) => Math.round(v * 1e9) / 1e9).sort()).toEqual([0, 0, 0, 1]);
  expect([...hard.slope.data]).toEqual([...soft.slope.data]);
});
