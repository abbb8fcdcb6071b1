import { describe, expect, it } from "vitest";
import { allEvents, bits, copied, ofType, tinyDataset } from "../../tests/support/tiny.ts";
import { UsageError } from "../base/errors.ts";
import { full, HostArray } from "../base/host.ts";
import type { AnyModel, DirectGiven, DirectLearning, DirectStep, TrainingConfig } from "../models/contract.ts";
import { referenceRuntime } from "../runtime/index.ts";
import type { TrainEvent } from "./events.ts";
import { decodeState, encodeState, type TrainingData, type TrainState, train } from "./index.ts";

const data: TrainingData = { dataset: tinyDataset({ shape: [3], values: "real" }), encoding: {} };
const config: TrainingConfig = { batchSize: 10, validateEvery: 3 };
const runtime = referenceRuntime();
const scalar = (value: number) => full("float64", [], value);
const numberOf = (tree: unknown, name: string) => (tree as Record<string, HostArray>)[name]!.data[0] as number;

/** Comes nearer the mean of all numbers step by step, with a momentum that only its state knows. */
async function* fit({ train: rows, resume }: DirectGiven): AsyncGenerator<DirectStep> {
  const { data: x } = await rows.read(0, rows.count);
  const mean = Array.from(x).reduce((sum, value) => sum + value, 0) / x.length;
  let [at, speed, step] = resume
    ? [numberOf(resume.params, "mean"), numberOf(resume.state, "speed"), resume.step]
    : [5, 0, 0];
  for (; step < 10; step++) {
    speed = 0.5 * speed + 0.3 * (mean - at);
    at += speed;
    yield { params: { mean: scalar(at) }, state: { speed: scalar(speed) }, metrics: { loss: (mean - at) ** 2 } };
  }
}

const model: AnyModel = {
  name: "toy",
  config: {},
  data: data.dataset.spec,
  conditional: false,
  init: () => ({}),
  learning: { kind: "direct", fit },
  functions: {},
  logProb: async (on, x) => ({
    kind: "unnormalised",
    via: "a test",
    nats: Float64Array.from({ length: x.shape[0]! }, () => -((numberOf(on.params, "mean") - 0) ** 2)),
  }),
};

const last = (events: readonly TrainEvent[]) => ofType(events, "checkpoint").at(-1)!.state;

describe("a direct fit", () => {
  it("tells its steps as every training does, and has converged when it returns", async () => {
    const events = await allEvents(model, data, config, { seed: 0, runtime });
    expect(events[0]).toMatchObject({ type: "start", step: 0 });
    expect(ofType(events, "validation").map(({ step }) => step)).toEqual([3, 6, 9, 10]);
    expect(ofType(events, "progress")[0]!.metrics).toHaveProperty("loss");
    expect(ofType(events, "end")).toMatchObject([{ step: 10, reason: "converged", message: "Fitted in 10 steps." }]);
    expect(last(events).best!.step % 3).toBe(0);
  });

  it("stopped, stored and resumed gives the parameters of one that never stopped", async () => {
    const whole = last(await allEvents(model, data, config, { seed: 0, runtime }));
    const first = await allEvents(model, data, { ...config, steps: 4 }, { seed: 0, runtime });
    expect(ofType(first, "end")[0]).toMatchObject({ step: 4, reason: "steps" });
    const file = encodeState(last(first), "toy");
    const resume = decodeState(file, { params: {}, optimizer: {} }, "toy", "a file", "names");
    const second = last(await allEvents(model, data, config, { seed: 0, runtime, resume }));
    expect(bits(second.params)).toEqual(bits(whole.params));
    expect([second.step, second.best]).toEqual([whole.step, whole.best]);
  });

  it("ends after the step under way when it is interrupted, or its time is up", async () => {
    const abort = new AbortController();
    let state: TrainState | undefined;
    let reason = "";
    for await (const event of train(model, data, config, { seed: 0, runtime, signal: abort.signal })) {
      if (event.type === "progress") abort.abort();
      const kept = copied(event);
      if (kept.type === "checkpoint") state = kept.state;
      if (kept.type === "end") reason = kept.reason;
    }
    expect([state?.step, reason]).toEqual([1, "interrupted"]);
    const timed = await allEvents(model, data, config, { seed: 0, runtime, seconds: 0 });
    expect(ofType(timed, "end")[0]).toMatchObject({ step: 1, reason: "time" });
  });

  it("tells every step of the first ones, and what it has come to", async () => {
    const steps = model.learning as DirectLearning;
    const outcome = { text: "near the mean", figures: { distance: 0 } };
    const ends: AnyModel = {
      ...model,
      learning: {
        kind: "direct",
        elastic: true,
        fit: async function* (given) {
          for await (const step of steps.fit(given)) yield { ...step, outcome };
        },
      },
    };
    const events = await allEvents(ends, data, config, { seed: 0, runtime });
    expect(ofType(events, "progress").map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(ofType(events, "start")[0]!.parameters).toBe(0);
    expect(ofType(events, "end")[0]).toMatchObject({ message: "Fitted in 10 steps: near the mean.", outcome });
  });

  it("may be stopped at places within a step, which are no steps, and goes on from there", async () => {
    const halves: AnyModel = {
      ...model,
      learning: {
        kind: "direct",
        fit: async function* ({ resume }) {
          const begun = resume ? numberOf(resume.state, "half") : 0;
          for (let half = begun; half < 6; half++) {
            const number = scalar(half + 1);
            yield { params: { mean: number }, state: { half: number }, ...(half % 2 === 0 ? { partial: true } : {}) };
          }
        },
      },
    };
    const whole = await allEvents(halves, data, config, { seed: 0, runtime });
    expect(ofType(whole, "end")[0]).toMatchObject({ step: 3, reason: "converged" });
    expect(ofType(whole, "progress").filter(({ partial }) => !partial).length).toBe(3);
    const first = await allEvents(halves, data, config, { seed: 0, runtime, seconds: 0 });
    expect(ofType(first, "end")[0]).toMatchObject({ step: 0, reason: "time" });
    expect(numberOf(last(first).params, "mean")).toBe(1);
    const file = encodeState(last(first), "toy");
    const resume = decodeState(file, { params: {}, optimizer: {} }, "toy", "a file", "names");
    const resumed = await allEvents(halves, data, config, { seed: 0, runtime, resume });
    expect(bits(last(resumed).params)).toEqual(bits(last(whole).params));
    expect(last(resumed).step).toBe(3);
  });

  it("that chooses by a criterion of its own takes what stands last for the best", async () => {
    const worse: AnyModel = {
      ...model,
      learning: {
        kind: "direct",
        selects: true,
        fit: () => [1, 2, 3].map((mean) => ({ params: { mean: scalar(mean) } })),
      },
    };
    const events = await allEvents(worse, data, { ...config, validateEvery: 1 }, { seed: 0, runtime });
    expect(ofType(events, "validation").map(({ best }) => best)).toEqual([true, true, true]);
  });

  it("refuses numbers that are none, and settings of gradient steps", async () => {
    const broken: AnyModel = {
      ...model,
      learning: { kind: "direct", fit: () => [{ params: { mean: scalar(Number.NaN) } }] },
    };
    await expect(allEvents(broken, data, config, { seed: 0, runtime })).rejects.toThrow(/toy gave a number/);
    const wrong = allEvents(model, data, { ...config, learningRate: 1 }, { seed: 0, runtime });
    await expect(wrong).rejects.toThrow(UsageError);
  });

  it("may have parameters of any names and sizes: lists, deep trees, whole numbers", () => {
    const params = {
      nodes: [{ table: new HostArray("float64", [2], Float64Array.of(0.5, 0.5)) }, { parents: full("int64", [1], 3) }],
      "0": scalar(1),
    };
    const state: TrainState = {
      params,
      optimizer: {},
      step: 2,
      key: { hi: 0, lo: 0 },
      cursor: { epoch: 2, position: 0 },
      stale: 0,
      seconds: 1,
    };
    const read = decodeState(encodeState(state, "toy"), { params: {}, optimizer: {} }, "toy", "a file", "names");
    expect(read.params).toEqual(params);
    expect(read.optimizer).toEqual({});
  });
});
