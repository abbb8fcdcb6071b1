import { expect, test } from "vitest";
import { evaluate, f64 } from "../../tests/support/reference.ts";
import { gradients, type Tensor } from "../graph/index.ts";
import { key, uniform } from "../random/index.ts";
import { bernoulli } from "./index.ts";

const logits = f64([-3, 0, 1.5, 40, -200]);
const sigmoid = (l: number) => 1 / (1 + Math.exp(-l));
const of = (fn: (d: ReturnType<typeof bernoulli>, ...rest: Tensor[]) => Tensor, ...rest: unknown[]) =>
  evaluate((l: Tensor, ...more: Tensor[]) => fn(bernoulli({ logits: l }), ...more), logits, ...rest);

test("log-probabilities are log σ(±l), also for extreme logits, and sum to one", () => {
  const one = of((d, x) => d.logProb(x), f64([1, 1, 1, 1, 1]));
  const zero = of((d, x) => d.logProb(x), f64([0, 0, 0, 0, 0]));
  expect(one[2]).toBeCloseTo(Math.log(sigmoid(1.5)), 12);
  expect(one[4]).toBeCloseTo(-200, 10);
  expect(zero[3]).toBeCloseTo(-40, 10);
  one.forEach((value, i) => {
    expect(Math.exp(value) + Math.exp(zero[i]!)).toBeCloseTo(1, 12);
  });
});

test("moments and entropy", () => {
  const [mean, variance, entropy] = [of((d) => d.mean()), of((d) => d.variance()), of((d) => d.entropy!())];
  for (const i of [0, 1, 2]) {
    const p = sigmoid(logits.data[i]!);
    expect(mean[i]).toBeCloseTo(p, 12);
    expect(variance[i]).toBeCloseTo(p * (1 - p), 12);
    expect(entropy[i]).toBeCloseTo(-p * Math.log(p) - (1 - p) * Math.log(1 - p), 12);
  }
});

test("the last axes form an event", () => {
  const d = evaluate(
    (l: Tensor, x: Tensor) => bernoulli({ logits: l }, 2).logProb(x),
    f64([1, -1, 2, 0], [1, 2, 2]),
    f64([1, 0, 0, 1, 1, 1, 1, 1], [2, 2, 2]),
  );
  const log = (l: number) => Math.log(sigmoid(l));
  expect(d).toHaveLength(2);
  expect(d[0]).toBeCloseTo(log(1) + log(1) + log(-2) + log(0), 12);
});

test("the gradient of the log-probability is x − σ(l)", () => {
  const slopes = of((d, x) => gradients(d.logProb(x).sum(), [d.logits])[0]!, f64([1, 0, 1, 1, 0]));
  [1, 0, 1, 1, 0].forEach((x, i) => {
    expect(slopes[i]).toBeCloseTo(x - sigmoid(logits.data[i]!), 12);
  });
});

// Five standard errors: a false alarm has probability 6·10⁻⁷.
test("samples have the mean", () => {
  const n = 20_000;
  const draws = evaluate(
    (l: Tensor, u: Tensor) => bernoulli({ logits: l }).sample(u).mean(0),
    f64([-1, 0.5]),
    uniform(key(3), [n, 2]),
  );
  [-1, 0.5].forEach((l, i) => {
    const p = sigmoid(l);
    expect(Math.abs(draws[i]! - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / n));
  });
});

test("the quantile is the smallest value whose distribution function reaches u", () => {
  const u = f64([0.1, 0.9, 0.1, 0.5, 0.5]);
  expect(of((d, v) => d.inverseCdf(v), u)).toEqual([0, 1, 0, 1, 0]);
  expect(of((d, x) => d.cdf(x), f64([-0.5, 0, 0.5, 1, 2])).map((v) => Math.round(v * 1e6) / 1e6)).toEqual([
    0, 0.5, 0.182426, 1, 1,
  ]);
});
