import { describe, expect, it } from "vitest";
import { evaluate, f64 } from "../../tests/support/reference.ts";
import { constant, type Tensor } from "../graph/index.ts";
import { type DrawOptions, drawValue } from "./draw.ts";

const N = 20_000;
const logits = [0.3, -1, 2, 0.9, -0.2];
/** Midpoints of N equal parts of [0, 1): the share of each value is its probability to within 1/N. */
const u = Array.from({ length: N }, (_, i) => (i + 0.5) / N);

function shares(options: DrawOptions, given: readonly number[] = logits): number[] {
  const repeated = f64(Array.from({ length: N }, () => given).flat(), [N, given.length]);
  const drawn = evaluate((l: Tensor, v: Tensor) => drawValue(l, v, options), repeated, f64(u));
  return given.map((_, value) => drawn.filter((x) => x === value).length / N);
}

const softmax = (list: readonly number[]) => {
  const total = list.reduce((sum, l) => sum + Math.exp(l), 0);
  return list.map((l) => Math.exp(l) / total);
};

function expectShares(found: readonly number[], wanted: readonly number[]): void {
  found.forEach((share, i) => {
    expect(Math.abs(share - wanted[i]!)).toBeLessThanOrEqual(2 / N);
  });
}

const without = (list: readonly number[], kept: readonly number[]) => {
  const total = kept.reduce((sum, i) => sum + list[i]!, 0);
  return list.map((p, i) => (kept.includes(i) ? p / total : 0));
};

describe("a value drawn by inverse distribution function", () => {
  const plain = softmax(logits);

  it("has the probabilities of the logits, and of the logits over the temperature", () => {
    expectShares(shares({}), plain);
    expectShares(shares({ temperature: constant(0.5) }), softmax(logits.map((l) => l / 0.5)));
  });

  it("is one of the k most probable, in their proportions", () => {
    expectShares(shares({ topK: 2 }), without(plain, [2, 3]));
    expectShares(shares({ topK: 9 }), plain);
    expectShares(shares({ topK: 1 }), without(plain, [2]));
  });

  it("is one of the fewest that hold probability p", () => {
    expect(plain[2]! < 0.7 && plain[2]! + plain[3]! > 0.7).toBe(true);
    expectShares(shares({ topP: constant(0.7) }), without(plain, [2, 3]));
    expectShares(shares({ topP: constant(0.01) }), without(plain, [2]));
    expectShares(shares({ topP: constant(1) }), plain);
  });

  it("of a binary variable is 1 with probability σ(log-odds), cooled as well", () => {
    const ones = (options: DrawOptions) => {
      const odds = f64(Array.from({ length: N }, () => 0.8));
      const drawn = evaluate((l: Tensor, v: Tensor) => drawValue(l, v, options), odds, f64(u));
      return drawn.reduce((sum, x) => sum + x, 0) / N;
    };
    const sigma = (l: number) => 1 / (1 + Math.exp(-l));
    expect(Math.abs(ones({}) - sigma(0.8))).toBeLessThanOrEqual(2 / N);
    expect(Math.abs(ones({ temperature: constant(2) }) - sigma(0.4))).toBeLessThanOrEqual(2 / N);
    expect(ones({ topK: 1 })).toBe(1);
  });
});
