import { expect, it } from "vitest";
import { tinyDataset } from "../../tests/support/tiny.ts";
import { float32, type HostArray } from "../base/host.ts";
import { bind } from "../models/bound.ts";
import type { AnyModel, Capabilities, UseOptions } from "../models/contract.ts";
import { vae } from "../models/vae/vae.ts";
import { key } from "../random/index.ts";
import { referenceRuntime } from "../runtime/index.ts";
import { evaluateReconstruction } from "./reconstruction.ts";

type Coder = AnyModel & Pick<Capabilities, "encode" | "decode">;
const data = { dataset: tinyDataset({ values: "bytes", classes: ["a", "b"], counts: [8, 8, 1003] }), encoding: {} };

it("is the mean squared difference per element of x and decode(encode(x)), by hand, across chunks", async () => {
  const chunks: number[] = [];
  const shrink = async (_: unknown, x: HostArray<"float32">, { labels }: UseOptions) => {
    expect(labels).toHaveLength(x.shape[0]!);
    chunks.push(x.shape[0]!);
    return float32(
      x.data.map((value) => value / 2),
      x.shape,
    );
  };
  const model: Coder = {
    ...vae({ latent: 1, hidden: [2] }, data.dataset.spec),
    conditional: true,
    encode: shrink,
    decode: shrink,
  };
  const figure = await evaluateReconstruction(model, bind(referenceRuntime(), {}), data, {
    split: "test",
    key: key(0),
  });
  const { x } = data.dataset.splits.test;
  const errors = Array.from({ length: 1003 }, (_, i) =>
    [0, 1, 2, 3].reduce((sum, j) => sum + ((0.75 * x[4 * i + j]!) / 255) ** 2 / 4, 0),
  );
  const mean = errors.reduce((a, b) => a + b) / 1003;
  const spread = errors.reduce((sum, e) => sum + (e - mean) ** 2, 0) / 1002;
  expect(figure.meanSquaredError).toBeCloseTo(mean, 7);
  expect(figure.stderr).toBeCloseTo(Math.sqrt(spread / 1003), 7);
  expect(figure).toMatchObject({ split: "test", count: 1003 });
  expect(chunks).toEqual([1000, 1000, 3, 3]);
  const few = await evaluateReconstruction(model, bind(referenceRuntime(), {}), data, {
    split: "test",
    key: key(0),
    limit: 5,
  });
  expect(few.count).toBe(5);
  expect(few.meanSquaredError).toBeCloseTo(errors.slice(0, 5).reduce((a, b) => a + b) / 5, 7);
});
