import { expect, it } from "vitest";
import { tinyDataset } from "../../tests/support/tiny.ts";
import { scalar } from "../base/host.ts";
import type { Tensor } from "../graph/index.ts";
import type { AnyModel, Phase } from "../models/contract.ts";
import { vae } from "../models/vae/vae.ts";
import { key } from "../random/index.ts";
import { referenceRuntime } from "../runtime/index.ts";
import type { TrainingData } from "./feed.ts";
import { validator } from "./validate.ts";

const data: TrainingData = { dataset: tinyDataset({ values: "bytes", counts: [8, 1013, 8] }), encoding: {} };

/** The loss is w · mean x; the metrics show the noise and the annealed weight. */
const phase: Phase = {
  name: "only",
  noise: (batch) => ({ u: { law: "uniform", shape: [batch] } }),
  scalars: (step) => ({ weight: Math.min(1, step / 1e6) }),
  loss: (params, { x, noise, scalars }) => ({
    loss: x.mean().mul((params as { w: Tensor }).w),
    metrics: { noise: noise.u!.mean(), weight: scalars.weight! },
  }),
};

const model: AnyModel = {
  ...vae({ latent: 1, hidden: [2] }, data.dataset.spec),
  learning: { kind: "gradient", phases: [phase] },
};
const validate = (seed: number) => validator(model, phase, data, referenceRuntime(), key(seed));

it("is the mean over every example of the split, also where the last batch is smaller", async () => {
  const { x } = data.dataset.splits.valid;
  const mean = Array.from(x).reduce((sum, byte) => sum + byte / 255, 0) / x.length;
  const { loss, weight } = await validate(0).run({ w: scalar(3) });
  expect(loss).toBeCloseTo(3 * mean, 5);
  expect(weight).toBeCloseTo(1, 6);
});

it("draws the same noise every time, other noise for another run, and new noise for each batch", async () => {
  const one = validate(0);
  const [first, second] = [await one.run({ w: scalar(1) }), await one.run({ w: scalar(2) })];
  expect(second.noise).toBe(first.noise);
  expect((await validate(1).run({ w: scalar(1) })).noise).not.toBe(first.noise);
  expect(Math.abs(first.noise! - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / 1013));
  await one.dispose();
});
