import { expect, it } from "vitest";
import { float32, type HostArray, toNested } from "../base/host.ts";
import { key } from "../random/index.ts";
import { referenceRuntime } from "../runtime/index.ts";
import { bind } from "./bound.ts";
import type { UseOptions } from "./contract.ts";
import { codePaths, interpolate, reconstruct } from "./uses.ts";

const on = bind(referenceRuntime(), {});
const options = { key: key(0) };
/** Codes are ten times the examples; decoding adds one; both record the labels they get. */
const seen: unknown[] = [];
const coder = {
  encode: async (_: unknown, x: HostArray<"float32">, { labels }: UseOptions) => {
    seen.push(labels);
    return float32(
      x.data.map((v) => 10 * v),
      x.shape,
    );
  },
  decode: async (_: unknown, z: HostArray<"float32">, { labels }: UseOptions) => {
    seen.push(labels);
    return float32(
      z.data.map((v) => v + 1),
      z.shape,
    );
  },
};

it("reconstructs by decoding the code", async () => {
  const back = await reconstruct(coder, on, float32([1, 2], [1, 2]), options);
  expect(toNested(back)).toEqual([[11, 21]]);
});

it("draws straight paths whose ends are the codes themselves, bit for bit", () => {
  const from = float32([0.1, 0.3, -1e-8, 5], [2, 2]);
  const to = float32([1 / 3, -7.7, 1e8, 5], [2, 2]);
  for (const steps of [2, 5, 11]) {
    const paths = codePaths(from, to, steps);
    expect(paths.shape).toEqual([2 * steps, 2]);
    for (const i of [0, 1]) {
      expect(paths.data.slice(2 * i * steps, 2 * i * steps + 2)).toEqual(from.data.slice(2 * i, 2 * i + 2));
      const last = 2 * ((i + 1) * steps - 1);
      expect(paths.data.slice(last, last + 2)).toEqual(to.data.slice(2 * i, 2 * i + 2));
    }
  }
  const halfway = codePaths(float32([0, 4], [1, 2]), float32([2, 8], [1, 2]), 3);
  expect(toNested(halfway)).toEqual([
    [0, 4],
    [1, 6],
    [2, 8],
  ]); // prettier-ignore
  expect(() => codePaths(from, to, 1)).toThrow(/at least 2 steps, not 1/);
});

it("interpolates between pairs, each with the label of its first example, and leaves an odd one out", async () => {
  seen.length = 0;
  const x = float32([0, 1, 5, 7, 9], [5, 1]);
  const paths = await interpolate(coder, on, x, 3, { ...options, labels: [4, 3, 2, 1, 0] });
  expect([...paths.data]).toEqual([1, 6, 11, 51, 61, 71]);
  expect(seen).toEqual([
    [4, 3, 2, 1],
    [4, 4, 4, 2, 2, 2],
  ]); // prettier-ignore
  await expect(interpolate(coder, on, float32([1], [1, 1]), 3, options)).rejects.toThrow(/at least two examples/);
});
