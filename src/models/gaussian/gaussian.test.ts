import { expect, it } from "vitest";
import { square } from "../../numeric/linear/index.ts";
import { multivariateNormal } from "../../probability/multivariate/index.ts";
import { key, normal } from "../../random/index.ts";
import { denseGaussian } from "./dense.ts";
import { diagonalGaussian } from "./diagonal.ts";

const D = 5;
const z = Float64Array.from(normal(key(2), [11, D]).data);
const mean = Float64Array.from({ length: D }, (_, i) => 0.3 * i);
const variances = Float64Array.from({ length: D }, (_, i) => 0.5 + i);
const covariance = square(D, (i, j) => (i === j ? variances[i]! : 0.2));
const diagonal = square(D, (i, j) => (i === j ? variances[i]! : 0));

it.each([
  ["dense", denseGaussian(mean, covariance, "the covariance"), covariance],
  ["diagonal", diagonalGaussian(mean, variances), diagonal],
])("the %s law of many rows gives each its density, bit for bit that which it has alone", (_, law, whole) => {
  const rows = z.slice();
  rows[7 * D + 2] = Number.NaN;
  rows.fill(Number.NaN, 9 * D, 10 * D);
  const nats = new Float64Array(11);
  law.logProbs(rows, nats);
  const one = new Float64Array(1);
  const plain = multivariateNormal({ mean, covariance: whole });
  for (let n = 0; n < 11; n++) {
    const row = rows.slice(n * D, (n + 1) * D);
    law.logProbs(row, one);
    expect(one[0]).toBe(nats[n]);
    if (!row.some(Number.isNaN)) expect(nats[n]).toBeCloseTo(plain.logProb(row), 12);
  }
  expect(nats[9]).toBeCloseTo(0, 12);
  const seen = [0, 1, 3, 4];
  const part = multivariateNormal({
    mean: seen.map((i) => mean[i]!),
    covariance: square(4, (i, j) => whole.data[seen[i]! * D + seen[j]!]!),
  });
  expect(nats[7]).toBeCloseTo(part.logProb(seen.map((i) => rows[7 * D + i]!)), 12);
});
