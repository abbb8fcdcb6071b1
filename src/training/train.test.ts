import { beforeAll, describe, expect, it } from "vitest";
import { allEvents, bits, ofType, tinyDataset, tinyTraining } from "../../tests/support/tiny.ts";
import { prefetchingSource } from "../data/prefetch.node.ts";
import { directSource } from "../data/source.ts";
import type { AnyModel, TrainingConfig } from "../models/contract.ts";
import { vae } from "../models/vae/vae.ts";
import type { Runtime } from "../runtime/index.ts";
import { nativeRuntime } from "../runtime/ort/native.node.ts";
import type { TrainEvent } from "./events.ts";
import { modelSpec, type TrainingData } from "./feed.ts";
import { initialState } from "./machinery.ts";
import { decodeState, encodeState, type TrainState } from "./state.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nativeRuntime({ threads: 1 });
});

const binary: TrainingData = { dataset: tinyDataset(), encoding: {} };
const modelFor = (data: TrainingData, options: Record<string, unknown> = {}) =>
  vae({ latent: 2, hidden: [6], ...options }, modelSpec(data));

const lastState = (events: readonly TrainEvent[]) => ofType(events, "checkpoint").at(-1)!.state;

/** A state without the time it took, tensors as bits. */
function numbers({ params, ema, optimizer, seconds: _, ...rest }: TrainState) {
  return { bits: bits({ params, ema, optimizer }), ...rest };
}

const figures = (events: readonly TrainEvent[]) =>
  ofType(events, "validation").map(({ step, epoch, metrics, best }) => ({ step, epoch, metrics, best }));

describe("the events of a run", () => {
  it("come in order: start, after each step its validation and checkpoint, last state, end", async () => {
    const events = await allEvents(modelFor(binary), binary, tinyTraining, { seed: 0, runtime, checkpointSeconds: 0 });
    const told = events.filter(({ type }) => type !== "progress");
    const names = told.map((event) =>
      event.type === "checkpoint" ? `checkpoint ${event.state.step}` : `${event.type} ${event.step}`,
    );
    const steps = Array.from({ length: 12 }, (_, i) => [
      ...((i + 1) % 4 === 0 ? [`validation ${i + 1}`] : []),
      `checkpoint ${i + 1}`,
    ]);
    expect(names).toEqual(["start 0", ...steps.flat(), "checkpoint 12", "end 12"]);
    expect(events[0]).toEqual({
      type: "start",
      step: 0,
      parameters: 4 * 6 + 6 + 6 * 4 + 4 + 2 * 6 + 6 + 6 * 4 + 4,
      stepsPerEpoch: 5,
    });
    expect(events.at(-1)).toMatchObject({ reason: "steps", message: "All 12 steps are done." });
    expect(ofType(events, "validation").map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
  });

  it("validate the average where there is one, over the whole split, and report the best", async () => {
    const events = await allEvents(
      modelFor(binary),
      binary,
      { ...tinyTraining, ema: 0.9 },
      { seed: 0, runtime, checkpointSeconds: 0 },
    );
    for (const { step, params } of ofType(events, "validation")) {
      const { state } = ofType(events, "checkpoint").find(({ state }) => state.step === step)!;
      expect(bits(params)).toEqual(bits(state.ema));
      expect(bits(params)).not.toEqual(bits(state.params));
    }
    const losses = ofType(events, "validation").map(({ metrics }) => metrics.loss!);
    expect(lastState(events).best!.value).toBe(Math.min(...losses));
    const { metrics } = ofType(events, "validation")[0]!;
    expect(metrics.loss).toBeCloseTo(-metrics.elbo!, 5);
    expect(metrics.elbo).toBeCloseTo(metrics.reconstruction! - metrics.kl!, 5);
  });

  it("tell progress as means since the last time", async () => {
    const long: TrainingConfig = { ...tinyTraining, steps: 1_000_000, validateEvery: 1_000_000 };
    const events = await allEvents(modelFor(binary), binary, long, { seed: 0, runtime, seconds: 1.2 });
    const progress = ofType(events, "progress");
    expect(progress.length).toBeGreaterThan(0);
    for (const { metrics, stepsPerSecond, learningRate, done } of progress) {
      expect(Object.keys(metrics)).toEqual(["loss", "elbo", "kl", "reconstruction"]);
      expect(metrics.loss).toBeGreaterThan(0);
      expect(stepsPerSecond).toBeGreaterThan(0);
      expect(learningRate).toBe(0.01);
      expect(done).toBeGreaterThan(0.3);
      expect(done).toBeLessThanOrEqual(1);
    }
  });
});

describe("the numbers", () => {
  it("depend on the seed, and not on checkpoints, time budgets or where batches come from", async () => {
    const run = (options: object) =>
      allEvents(modelFor(binary), binary, tinyTraining, { seed: 3, runtime, ...options });
    const plain = await run({});
    const busy = await run({ checkpointSeconds: 0, seconds: 1000, source: (plan: never) => directSource(plan) });
    expect(numbers(lastState(busy))).toEqual(numbers(lastState(plain)));
    expect(figures(busy)).toEqual(figures(plain));
    const ahead = await run({ source: prefetchingSource });
    expect(numbers(lastState(ahead))).toEqual(numbers(lastState(plain)));
    const other = await run({ seed: 4 });
    expect(numbers(lastState(other)).bits).not.toEqual(numbers(lastState(plain)).bits);
  });
});

describe("a run that is stopped and goes on", () => {
  const bytes: TrainingData = { dataset: tinyDataset({ values: "bytes" }), encoding: { binarize: "dynamic" } };
  const labelled: TrainingData = { dataset: tinyDataset({ classes: ["even", "odd"] }), encoding: {} };
  const cases: [string, TrainingData, AnyModel, Partial<TrainingConfig>][] = [
    ["adam", binary, modelFor(binary), {}],
    [
      "average, clipping, warm-up and cosine",
      binary,
      modelFor(binary),
      { ema: 0.95, clip: 0.5, warmup: 6, schedule: { name: "cosine", steps: 12, floor: 0.1 } },
    ],
    ["an annealed KL weight", binary, modelFor(binary, { warmup: 10 }), { optimizer: "adamax" }],
    [
      "the plateau schedule",
      binary,
      modelFor(binary),
      { schedule: { name: "plateau", factor: 0.5, patience: 1 }, learningRate: 0.3, validateEvery: 1 },
    ],
    ["early stopping", binary, modelFor(binary), { patience: 3, steps: 400, learningRate: 0.3, validateEvery: 2 }],
    ["dynamic binarisation", bytes, modelFor(bytes), {}],
    ["labels", labelled, modelFor(labelled, { conditional: true }), {}],
    [
      "dequantised bytes",
      { dataset: bytes.dataset, encoding: {} },
      vae({ latent: 2, hidden: [6], likelihood: "gaussian" }, bytes.dataset.spec),
      {},
    ],
  ]; // prettier-ignore

  for (const [name, data, model, changes] of cases)
    it(`ends with the bits of the run that never stopped: ${name}`, async () => {
      const config = { ...tinyTraining, ...changes };
      const whole = await allEvents(model, data, config, { seed: 7, runtime, checkpointSeconds: 0 });
      const like = initialState(model, config, 7);
      for (const at of [1, 4, 9]) {
        const stopped = ofType(whole, "checkpoint").find(({ state }) => state.step === at)!.state;
        const { params, ema, optimizer } = like;
        const read = decodeState(
          encodeState(stopped, model.name),
          ema ? { params, ema, optimizer } : { params, optimizer },
          model.name,
          "a file",
        );
        expect(read).toEqual(stopped);
        const rest = await allEvents(model, data, config, { seed: 99, runtime, resume: read });
        expect(numbers(lastState(rest))).toEqual(numbers(lastState(whole)));
        expect(figures(rest)).toEqual(figures(whole).filter(({ step }) => step > at));
        expect(rest.at(-1)).toMatchObject({ type: "end", step: lastState(whole).step });
        expect(lastState(rest).seconds).toBeGreaterThan(read.seconds);
      }
      if (name === "the plateau schedule") expect(lastState(whole).plateau!.scale).toBeLessThan(1);
      if (name === "early stopping") expect(whole.at(-1)).toMatchObject({ reason: "patience" });
    });
});
