import { beforeAll, describe, expect, it } from "vitest";
import { allEvents, counted, ofType, tinyDataset, tinyTraining } from "../../tests/support/tiny.ts";
import { scalar } from "../base/host.ts";
import type { Tensor } from "../graph/index.ts";
import type { AnyModel, TrainingConfig } from "../models/contract.ts";
import { vae } from "../models/vae/vae.ts";
import { type Runtime, referenceRuntime } from "../runtime/index.ts";
import { nativeRuntime } from "../runtime/ort/native.node.ts";
import type { TrainingData } from "./feed.ts";
import { allFinite, DivergenceGuard, Means } from "./guard.ts";
import { train } from "./train.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nativeRuntime({ threads: 1 });
});

const data: TrainingData = { dataset: tinyDataset(), encoding: {} };
const model = vae({ latent: 2, hidden: [6] }, data.dataset.spec);
const endless: TrainingConfig = { ...tinyTraining, steps: 1_000_000 };

/** A model with one parameter and a loss of the test's choosing. */
function oneNumber(start: number, loss: (w: Tensor) => Tensor): AnyModel {
  return {
    name: "one-number",
    config: {},
    data: data.dataset.spec,
    conditional: false,
    init: () => ({ w: scalar(start) }),
    functions: {},
    learning: {
      kind: "gradient",
      phases: [
        {
          name: "only",
          noise: () => ({}),
          scalars: () => ({}),
          loss: (params) => ({ loss: loss((params as { w: Tensor }).w), metrics: {} }),
        },
      ],
    },
  };
}

describe("divergence", () => {
  it("ends training, says what to try, and yields no checkpoint or validation after it", async () => {
    const events = await allEvents(
      model,
      data,
      { ...endless, learningRate: 1e6, validateEvery: 1 },
      { seed: 0, runtime, checkpointSeconds: 0 },
    );
    const end = events.at(-1)!;
    expect(end).toMatchObject({ type: "end", reason: "diverged" });
    expect((end as { message: string }).message).toMatch(
      /^Training diverged at step \d+: the loss (became|jumped to) .* The last checkpoint is kept; try a lower --learning-rate, --clip 1, or a longer --warmup\.$/,
    );
    const { step } = end as { step: number };
    for (const { state } of ofType(events, "checkpoint")) {
      expect(state.step).toBeLessThanOrEqual(step);
      expect(allFinite(state.params)).toBe(true);
    }
    expect(events.filter(({ type }) => type !== "progress").at(-2)!.type).toBe("checkpoint");
    expect(ofType(events, "checkpoint").length).toBe(step);
  });

  it("is noticed in the parameters when the last state is saved, even where the loss is finite", async () => {
    const events = await allEvents(
      oneNumber(0, (w) => w.sqrt()),
      data,
      { ...tinyTraining, optimizer: "sgd", steps: 1 },
      { seed: 0, runtime: referenceRuntime() },
    );
    expect(events.map(({ type }) => type)).toEqual(["start", "validation", "end"]);
    expect(events.at(-1)).toMatchObject({
      reason: "diverged",
      message: expect.stringMatching(/a parameter is no longer a finite number\. There was no checkpoint yet; try/),
    });
  });

  it("never calls a validation that is no number the best", async () => {
    const events = await allEvents(
      oneNumber(1, (w) => w.mul(0)),
      data,
      { ...tinyTraining, validateEvery: 1, steps: 2 },
      { seed: 0, runtime: referenceRuntime() },
    );
    expect(ofType(events, "validation").map(({ best }) => best)).toEqual([true, false]);
  });

  it("is a loss that is no number or a thousand times what it was, and no slow growth", () => {
    const guard = new DivergenceGuard();
    expect(guard.check(500)).toBeUndefined();
    expect(guard.check(4e5)).toBeUndefined();
    expect(guard.check(-5e7)).toMatch(/jumped to -5.000e\+7/);
    expect(guard.check(Number.NaN)).toBe("the loss became NaN");
    expect(new DivergenceGuard().check(Number.NEGATIVE_INFINITY)).toBe("the loss became -Infinity");
    const slow = new DivergenceGuard();
    for (let loss = 1e-3; loss < 1e12; loss *= 1.05) expect(slow.check(loss)).toBeUndefined();
  });
});

describe("the end", () => {
  it("comes after as many validations without a better one as patience says", async () => {
    const flat = oneNumber(1, (w) => w.mul(0).add(2));
    const config = { ...endless, validateEvery: 3, patience: 4 };
    const events = await allEvents(flat, data, config, { seed: 0, runtime: referenceRuntime() });
    expect(ofType(events, "validation").map(({ step }) => step)).toEqual([3, 6, 9, 12, 15]);
    expect(events.at(-1)).toMatchObject({
      reason: "patience",
      step: 15,
      message: "No better validation in 4; best at step 3.",
    });
  });

  it("comes when the time is up, with the state saved first", async () => {
    const begun = performance.now();
    const events = await allEvents(model, data, endless, { seed: 0, runtime, seconds: 0.3 });
    expect(events.at(-1)).toMatchObject({ reason: "time" });
    expect(events.at(-2)).toMatchObject({
      type: "checkpoint",
      state: { step: (events.at(-1) as { step: number }).step },
    });
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  it("comes at once when asked for, with the state saved first", async () => {
    const abort = new AbortController();
    const seen: string[] = [];
    for await (const event of train(model, data, endless, {
      seed: 0,
      runtime,
      signal: abort.signal,
      checkpointSeconds: 0,
    })) {
      seen.push(event.type === "checkpoint" ? `checkpoint ${event.state.step}` : event.type);
      if (event.type === "checkpoint" && event.state.step === 3) abort.abort();
      if (event.type === "end") expect(event).toMatchObject({ reason: "interrupted", step: 3 });
    }
    expect(seen.filter((name) => name !== "progress")).toEqual([
      "start",
      "checkpoint 1",
      "checkpoint 2",
      "checkpoint 3",
      "validation",
      "checkpoint 3",
      "end",
    ]);
  });

  it("is the end of the steps, also for who interrupts the last one", async () => {
    const abort = new AbortController();
    for await (const event of train(model, data, tinyTraining, {
      seed: 0,
      runtime,
      signal: abort.signal,
      checkpointSeconds: 0,
    })) {
      if (event.type === "checkpoint" && event.state.step === 12) abort.abort();
      if (event.type === "end") expect(event).toMatchObject({ reason: "steps", step: 12 });
    }
  });

  it("comes without a step for a state that is already there", async () => {
    const done = ofType(await allEvents(model, data, tinyTraining, { seed: 0, runtime }), "checkpoint").at(-1)!.state;
    const again = await allEvents(model, data, tinyTraining, { seed: 0, runtime, resume: done });
    expect(again.map(({ type }) => type)).toEqual(["start", "checkpoint", "end"]);
  });
});

describe("compilation", () => {
  it("happens once for the step and once for each size of validation batch, and all is freed", async () => {
    const many: TrainingData = { dataset: tinyDataset({ counts: [45, 1013, 2] }), encoding: {} };
    const counts = counted(runtime);
    await allEvents(model, many, { ...tinyTraining, ema: 0.9 }, { seed: 0, runtime: counts.runtime });
    expect([counts.compiled, counts.held]).toEqual([3, 0]);
  });

  it("is undone when the caller stops listening", async () => {
    const counts = counted(runtime);
    for await (const event of train(model, data, endless, { seed: 0, runtime: counts.runtime }))
      if (event.type === "validation") break;
    expect([counts.compiled, counts.held]).toEqual([2, 0]);
  });
});

describe("what training refuses", () => {
  const first = (given: AnyModel, config: TrainingConfig, from: TrainingData = data) =>
    train(given, from, config, { seed: 0, runtime: referenceRuntime() }).next();

  it("says in one sentence, before the first step", async () => {
    await expect(first(model, { ...tinyTraining, batchSize: 46 })).rejects.toThrow(
      /batch of 46 does not fit into a split of 45/,
    );
    await expect(first(model, { ...tinyTraining, optimizer: "adma" })).rejects.toThrow(/optimizer "adma".*adam/);
    const learning = { kind: "closed-form", zeros: () => ({}), add: async () => {}, solve: () => ({}) } as const;
    await expect(first({ ...model, learning }, tinyTraining)).rejects.toThrow(/closed form.*leave the optimizer out/);
    const { optimizer: _, ...without } = tinyTraining;
    await expect(first(model, without)).rejects.toThrow(/needs the setting optimizer/);
    const labelled = vae({ latent: 2, hidden: [6], conditional: true }, { ...data.dataset.spec, classes: ["a", "b"] });
    await expect(first(labelled, tinyTraining)).rejects.toThrow(/no labels/);
    const dynamic: TrainingData = { dataset: tinyDataset({ values: "real" }), encoding: { binarize: "dynamic" } };
    await expect(first(vae({ latent: 2, hidden: [6] }, dynamic.dataset.spec), tinyTraining, dynamic)).rejects.toThrow(
      /Only bytes can be binarised/,
    );
  });
});

describe("means", () => {
  it("are taken over what was added since the last time", () => {
    const means = new Means();
    means.add({ loss: scalar(1), kl: scalar(4) });
    means.add({ loss: scalar(2), kl: scalar(0) });
    expect(means.take()).toEqual({ loss: 1.5, kl: 2 });
    means.add({ loss: scalar(8), kl: scalar(8) });
    expect(means.take()).toEqual({ loss: 8, kl: 8 });
    expect(means.take()).toEqual({});
  });
});
