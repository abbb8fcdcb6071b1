import { describe, expect, it } from "vitest";
import { tinyTraining } from "../../tests/support/tiny.ts";
import type { ScheduleConfig } from "../models/contract.ts";
import { registry } from "../models/registry.ts";
import { learningRateOf, optimizerNames, optimizerOf, trainingSchema } from "./config.ts";

const rates = (schedule: ScheduleConfig, steps: readonly number[], warmup?: number) => {
  const rate = learningRateOf({ ...tinyTraining, learningRate: 0.5, schedule, ...(warmup ? { warmup } : {}) });
  return steps.map((step) => Number(rate(step).toPrecision(6)));
};

describe("the learning rate of a configuration", () => {
  it("follows its schedule from the peak to the floor", () => {
    expect(rates({ name: "constant" }, [0, 1e6])).toEqual([0.5, 0.5]);
    expect(rates({ name: "plateau", factor: 0.5, patience: 1 }, [0, 1e6])).toEqual([0.5, 0.5]);
    expect(rates({ name: "exponential", halfLife: 10, floor: 0.1 }, [0, 10, 20, 1000])).toEqual([
      0.5, 0.25, 0.125, 0.05,
    ]);
    expect(rates({ name: "linear", steps: 10, floor: 0.2 }, [0, 5, 10, 99])).toEqual([0.5, 0.3, 0.1, 0.1]);
    expect(rates({ name: "cosine", steps: 10, floor: 0 }, [0, 5, 10, 99])).toEqual([0.5, 0.25, 0, 0]);
    expect(rates({ name: "step", boundaries: [3, 6], factor: 0.1 }, [2, 3, 5, 6])).toEqual([0.5, 0.05, 0.05, 0.005]);
    expect(rates({ name: "inverse-sqrt", peak: 4 }, [0, 3, 15])).toEqual([0.125, 0.5, 0.25]);
  });

  it("grows in a straight line during the warm-up", () => {
    expect(rates({ name: "constant" }, [0, 1, 3, 4, 100], 4)).toEqual([0.125, 0.25, 0.5, 0.5, 0.5]);
  });
});

describe("the optimiser of a configuration", () => {
  it("is there under every name, with clipping where it is asked for", () => {
    for (const optimizer of optimizerNames) {
      expect(optimizerOf({ ...tinyTraining, optimizer }).name).not.toMatch(/clip/);
      expect(optimizerOf({ ...tinyTraining, optimizer, clip: 2 }).name).toMatch(/^clipByGlobalNorm\(2\) > /);
    }
  });

  it("is suggested where the name is wrong", () => {
    expect(() => optimizerOf({ ...tinyTraining, optimizer: "adamW" })).toThrow(/adamw/);
  });
});

describe("the schema", () => {
  const refused: [string, object][] = [
    ["batchSize", { batchSize: 0 }],
    ["batchSize", { batchSize: 1.5 }],
    ["learningRate", { learningRate: 0 }],
    ["learningRate", { learningRate: Number.NaN }],
    ["ema", { ema: 1 }],
    ["ema", { ema: -0.1 }],
    ["clip", { clip: 0 }],
    ["warmup", { warmup: 0 }],
    ["patience", { patience: 0 }],
    ["validateEvery", { validateEvery: 0 }],
    ["schedule", { schedule: { name: "cosin", steps: 3, floor: 0 } }],
    ["schedule", { schedule: { name: "linear", steps: 0, floor: 0 } }],
    ["", { learningrate: 1 }],
  ];
  for (const [where, change] of refused)
    it(`refuses ${JSON.stringify(change)}`, () => {
      const parsed = trainingSchema.safeParse({ ...tinyTraining, ...change });
      expect(parsed.success).toBe(false);
      expect(parsed.error!.issues[0]!.path[0] ?? "").toBe(where);
    });

  it("accepts the training of every preset, unchanged, and describes every option", () => {
    for (const { presets } of registry)
      for (const { training } of Object.values(presets)) {
        expect(trainingSchema.parse(training)).toEqual(training);
        expect(trainingSchema.parse(JSON.parse(JSON.stringify(training)))).toEqual(training);
      }
    for (const [name, schema] of Object.entries(trainingSchema.shape)) expect(schema.description, name).toBeTruthy();
  });
});
