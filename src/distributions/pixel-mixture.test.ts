import { describe, expect, test } from "vitest";
import { evaluate, f64 } from "../../tests/support/reference.ts";
import { chiSquareScore, SCORE_1_IN_1000 } from "../../tests/support/statistics.ts";
import type { Tensor } from "../graph/index.ts";
import { key, normal, uniform } from "../random/index.ts";
import { type Grid, pixelMixture, pixelMixtureChannels, pixelMixtureParameters } from "./index.ts";

const coarse: Grid = { low: -1, high: 1, levels: 4 };
const values = [-1, -1 / 3, 1 / 3, 1];
const outputs = normal(key(1), [1, pixelMixtureChannels(2, 3), 1, 1]);

/** All 64 colours of one pixel. */
const colours = values.flatMap((r) => values.flatMap((g) => values.map((b) => [r, g, b])));
const repeat = (h: Tensor) => h.broadcastTo([64, h.shape[1]!, 1, 1]);
const logProbs = () =>
  evaluate(
    (h: Tensor, x: Tensor) => pixelMixture(pixelMixtureParameters(repeat(h), 2, 3), coarse).logProb(x),
    outputs,
    f64(colours.flat(), [64, 3, 1, 1]),
  );

describe("pixel mixture", () => {
  test("the probabilities of all colours of a pixel sum to one", () => {
    expect(logProbs().reduce((sum, v) => sum + Math.exp(v), 0)).toBeCloseTo(1, 9);
  });

  test("equals the mixture written out: chosen component, then red, green given red, blue given both", () => {
    const h = [...outputs.data];
    const weight = [0, 1].map((k) => Math.exp(h[k]!) / (Math.exp(h[0]!) + Math.exp(h[1]!)));
    const sigma = (z: number) => 1 / (1 + Math.exp(-z));
    const bin = (x: number, mean: number, logScale: number) => {
      const end = (v: number) => (v > 1 ? 1 : v < -1 ? 0 : sigma((v - mean) / Math.exp(Math.max(-7, logScale))));
      return end(x + 1 / 3) - end(x - 1 / 3);
    };
    const probability = ([r, g, b]: readonly number[]) =>
      [0, 1].reduce((sum, k) => {
        const [mean, scale] = [(c: number) => h[2 + 3 * k + c]!, (c: number) => h[8 + 3 * k + c]!];
        const [u, v, w] = [0, 1, 2].map((c) => Math.tanh(h[14 + 3 * k + c]!)) as [number, number, number];
        const red = bin(r!, mean(0), scale(0));
        const green = bin(g!, mean(1) + u * r!, scale(1));
        const blue = bin(b!, mean(2) + v * r! + w * g!, scale(2));
        return sum + weight[k]! * red * green * blue;
      }, 0);
    logProbs().forEach((value, i) => {
      expect(Math.exp(value)).toBeCloseTo(probability(colours[i]!), 6);
    });
  });

  // False alarm: one in a thousand for a fresh seed.
  test("samples are colours in proportion to their probability", () => {
    const n = 6000;
    const draws = evaluate(
      (h: Tensor, choice: Tensor, value: Tensor) => {
        const wide = h.broadcastTo([n, h.shape[1]!, 1, 1]);
        return pixelMixture(pixelMixtureParameters(wide, 2, 3), coarse).sample({ choice, value });
      },
      outputs,
      uniform(key(2), [n, 1, 1]),
      uniform(key(3), [n, 3, 1, 1]),
    );
    const index = (x: number) => Math.round(((x + 1) * 3) / 2);
    const counts = new Array<number>(64).fill(0);
    for (let i = 0; i < n; i++)
      counts[index(draws[3 * i]!) * 16 + index(draws[3 * i + 1]!) * 4 + index(draws[3 * i + 2]!)]!++;
    const expected = logProbs().map((v) => n * Math.exp(v));
    const frequent = expected.map((_, i) => i).filter((i) => expected[i]! >= 10);
    const rest = (list: readonly number[]) => n - frequent.reduce((sum, i) => sum + list[i]!, 0);
    const binned = (list: readonly number[]) => [...frequent.map((i) => list[i]!), rest(list)];
    expect(chiSquareScore(binned(counts), binned(expected))).toBeLessThan(SCORE_1_IN_1000);
  });

  test("grey images have no coefficients and sum over pixels", () => {
    expect(pixelMixtureChannels(5, 1)).toBe(15);
    const h = normal(key(4), [2, 6, 2, 2]);
    const x = f64(
      [0, 1, 0.2, 0.4, 0.6, 0.8, 1, 0].map((v) => Math.round(v * 255) / 255),
      [2, 1, 2, 2],
    );
    const whole = evaluate((o: Tensor, y: Tensor) => pixelMixture(pixelMixtureParameters(o, 2, 1)).logProb(y), h, x);
    expect(whole).toHaveLength(2);
    const part = (i: number, j: number) =>
      evaluate(
        (o: Tensor, y: Tensor) =>
          pixelMixture(pixelMixtureParameters(o.slice(2, i, i + 1).slice(3, j, j + 1), 2, 1)).logProb(
            y.slice(2, i, i + 1).slice(3, j, j + 1),
          ),
        h,
        x,
      )[0]!;
    expect(whole[0]).toBeCloseTo(part(0, 0) + part(0, 1) + part(1, 0) + part(1, 1), 9);
  });
});
