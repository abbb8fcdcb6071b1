import { describe, expect, test } from "vitest";
import { evaluate, f64, reference } from "../../tests/support/reference.ts";
import { type HostArray, toNumbers } from "../base/host.ts";
import type { Tensor } from "../graph/index.ts";
import { key, normal, uniform } from "../random/index.ts";
import {
  asTheyAre,
  batchNorm,
  conv2d,
  dropout,
  fittedParams,
  linear,
  type Through,
  type Traced,
  weightNorm,
} from "./index.ts";

describe("batch normalisation", () => {
  const layer = batchNorm(2, { momentum: 0.75 });
  const x = f64([1, 2, 3, 4, 10, 20, 30, 40], [2, 2, 2]); // channel 0: 1 2 10 20, channel 1: 3 4 30 40
  const run = reference((p: never, state: never, input: Tensor) => layer.train(p, state, input));
  const trained = run(layer.init(key(0)), layer.initState(), x) as unknown as {
    y: HostArray;
    state: Record<"mean" | "variance", HostArray>;
  };

  test("gives each channel mean 0 and variance 1 in training", () => {
    const y = toNumbers(trained.y);
    for (const c of [0, 1]) {
      const values = [0, 1, 4, 5].map((i) => y[i + 2 * c]!);
      expect(values.reduce((a, b) => a + b)).toBeCloseTo(0, 9);
      expect(values.reduce((sum, v) => sum + v * v, 0) / 4).toBeCloseTo(1, 5);
    }
  });

  test("moves the running statistics towards the batch's mean and unbiased variance", () => {
    expect(toNumbers(trained.state.mean)[0]).toBeCloseTo(0.25 * 8.25, 9);
    const variance = [1, 2, 10, 20].reduce((sum, v) => sum + (v - 8.25) ** 2, 0) / 3;
    expect(toNumbers(trained.state.variance)[0]).toBeCloseTo(0.75 + 0.25 * variance, 5);
  });

  test("uses the running statistics otherwise", () => {
    const y = reference((p: never, state: never, input: Tensor) => layer.infer(p, state, input))(
      layer.init(key(0)),
      { mean: f64([1, 2]), variance: f64([4, 9]) },
      x,
    ) as unknown as HostArray;
    expect(toNumbers(y)[4]).toBeCloseTo((10 - 1) / 2, 4);
    expect(toNumbers(y)[7]).toBeCloseTo((40 - 2) / 3, 4);
  });
});

describe("weight normalisation", () => {
  test.each([
    ["linear", linear(3, 4), 1, [2, 3]],
    ["convolution", conv2d(3, 4, 3), 0, [2, 3, 5, 5]],
  ] as const)(
    "of a fresh %s layer changes nothing, and the direction's length does not matter",
    (_name, layer, axis, shape) => {
      const [plain, normed] = [layer.init(key(1)), weightNorm(layer, axis).init(key(1))];
      const x = normal(key(2), [...shape]);
      const expected = toNumbers(
        reference((p: never, input: Tensor) => layer.apply(p, input))(plain, x) as unknown as HostArray,
      );
      const run = reference((p: never, input: Tensor) => weightNorm(layer, axis).apply(p, input));
      const longer = {
        ...normed,
        direction: f64(
          toNumbers(normed.direction).map((v) => 3 * v),
          normed.direction.shape,
        ),
      };
      for (const params of [normed, longer])
        toNumbers(run(params, x) as unknown as HostArray).forEach((v, i) => {
          expect(v).toBeCloseTo(expected[i]!, 5);
        });
    },
  );
});

// Five standard errors of the mean of n Bernoulli draws.
test("dropout keeps the expected value and zeroes the given fraction", () => {
  const n = 20_000;
  const y = evaluate((noise: Tensor) => dropout(noise.mul(0).add(2), noise, 0.3), uniform(key(3), [n]));
  const zeros = y.filter((v) => v === 0).length / n;
  expect(Math.abs(zeros - 0.3)).toBeLessThan(5 * Math.sqrt(0.21 / n));
  expect(Math.max(...y)).toBeCloseTo(2 / 0.7, 6);
});

describe("weight normalisation that begins from data", () => {
  const layers = { first: weightNorm(conv2d(2, 3, 2), 0), second: weightNorm(linear(12, 4), 1, { spread: 0.1 }) };
  const params = { first: layers.first.init(key(4)), list: [layers.second.init(key(5))] };
  const x = normal(key(6), [9, 2, 3, 3]);
  const through = (p: Traced<typeof params>, pass: Through, input: Tensor) => {
    const inner = pass(layers.first, p.first, input.mul(3).add(7));
    return [inner, pass(layers.second, p.list[0]!, inner.flatten(1))] as const;
  };
  const fitted = reference((p: never, input: Tensor) =>
    fittedParams(p as Traced<typeof params>, (pass) => through(p, pass, input)),
  )(params, x);
  const [inner, outer] = reference((p: never, input: Tensor) => [...through(p, asTheyAre, input)])(
    fitted as never,
    x,
  ) as unknown as [HostArray, HostArray];

  const moments = (values: number[]) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return [mean, values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length];
  };

  test("gives every output mean 0 and its spread, one layer after the other", () => {
    for (let c = 0; c < 3; c++) {
      const [mean, variance] = moments(toNumbers(inner).filter((_, i) => Math.floor(i / 4) % 3 === c));
      expect(mean).toBeCloseTo(0, 5);
      expect(variance).toBeCloseTo(1, 5);
    }
    for (let c = 0; c < 4; c++) {
      const [mean, variance] = moments(toNumbers(outer).filter((_, i) => i % 4 === c));
      expect(mean).toBeCloseTo(0, 5);
      expect(variance).toBeCloseTo(0.01, 5);
    }
  });

  test("keeps directions, and the gain of an output that does not vary", () => {
    expect(toNumbers((fitted as unknown as typeof params).first.direction)).toEqual(toNumbers(params.first.direction));
    const still = reference((p: never, input: Tensor) => layers.second.fit(p, input.mul(0).add(1)).params)(
      params.list[0]!,
      normal(key(7), [5, 12]),
    ) as unknown as { gain: HostArray };
    expect(toNumbers(still.gain)).toEqual(toNumbers(params.list[0]!.gain));
  });
});
