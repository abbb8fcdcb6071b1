import fc from "fast-check";
import { expect, test } from "vitest";
import { tokenAt, tokenProbabilities } from "./token.ts";

const logits = [2, 1, 0, -1].map((p) => p * Math.LN2); // 8 : 4 : 2 : 1
const close = (actual: ArrayLike<number>, expected: number[]) =>
  expected.forEach((value, i) => {
    expect(actual[i]).toBeCloseTo(value, 12);
  });

test("temperature, top-k and top-p are those of their definitions", () => {
  close(tokenProbabilities(logits), [8 / 15, 4 / 15, 2 / 15, 1 / 15]);
  close(tokenProbabilities(logits, { temperature: 0.5 }), [64 / 85, 16 / 85, 4 / 85, 1 / 85]);
  close(tokenProbabilities(logits, { temperature: 0 }), [1, 0, 0, 0]);
  close(tokenProbabilities(logits, { topK: 2 }), [2 / 3, 1 / 3, 0, 0]);
  close(tokenProbabilities(logits, { topP: 0.6 }), [2 / 3, 1 / 3, 0, 0]);
  close(tokenProbabilities(logits, { topP: 0.5 }), [1, 0, 0, 0]);
  close(tokenProbabilities(logits, { topK: 3, topP: 0.9 }), [8 / 14, 4 / 14, 2 / 14, 0]);
});

test("a repetition penalty divides positive logits and multiplies negative ones, once for each token", () => {
  const scores = [1, -1, 0.5];
  const expected = tokenProbabilities([0.5, -2, 0.5]);
  close(tokenProbabilities(scores, { repetitionPenalty: 2 }, [0, 1, 0]), [...expected]);
});

test("draws follow the shares of [0, 1) and never take what is impossible", () => {
  const p = [0.25, 0, 0.75];
  expect([0, 0.249, 0.25, 0.999, 1].map((u) => tokenAt(p, u))).toEqual([0, 0, 2, 2, 2]);
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 9 }),
      fc.nat(8),
      (list, k) => {
        const probabilities = tokenProbabilities(list, { topK: 1 + k });
        expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
        expect(probabilities.filter((value) => value > 0).length).toBeLessThanOrEqual(1 + k);
      },
    ),
  );
});
