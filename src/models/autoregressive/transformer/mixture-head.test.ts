import { expect, it } from "vitest";
import { reference } from "../../../../tests/support/reference.ts";
import { float32, type HostArray, toNumbers } from "../../../base/host.ts";
import type { Tensor } from "../../../graph/index.ts";
import { key, normal } from "../../../random/index.ts";
import { mixtureHead } from "./mixture-head.ts";

const head = mixtureHead(4, 3, 256);
const params = head.init(key(1));
const rows = normal(key(2), [5, 4]);

const logits = toNumbers(reference((p: never, x: Tensor) => head.logits(p, x))(params, rows) as unknown as HostArray);

it("gives probabilities of 256 levels that sum to one", () => {
  for (let row = 0; row < 5; row++) {
    const sum = logits.slice(256 * row, 256 * (row + 1)).reduce((total, value) => total + Math.exp(value), 0);
    expect(sum).toBeCloseTo(1, 9);
  }
});

it("gives a value the probability that it has among all levels", () => {
  const numbers = [0, 255, 17, 128, 254];
  const found = toNumbers(
    reference((p: never, x: Tensor, n: Tensor) => head.logProb(p, x, n))(
      params,
      rows,
      float32(numbers),
    ) as unknown as HostArray,
  );
  found.forEach((value, row) => {
    expect(value).toBeCloseTo(logits[256 * row + numbers[row]!]!, 9);
  });
});

it("begins near the even distribution", () => {
  const middle = logits.slice(32, 224).map(Math.exp);
  expect(Math.max(...middle) * 256).toBeLessThan(1.6);
  expect(Math.min(...middle) * 256).toBeGreaterThan(0.5);
});
