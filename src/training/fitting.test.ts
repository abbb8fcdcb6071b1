import { describe, expect, it } from "vitest";
import { allEvents, bits, ofType, tinyDataset } from "../../tests/support/tiny.ts";
import { bernoulli } from "../models/baselines/bernoulli.ts";
import { bernoulliMixture } from "../models/baselines/mixture/mixture.ts";
import { referenceRuntime } from "../runtime/index.ts";
import { decodeState, encodeState, type TrainingData } from "./index.ts";

const dataset = tinyDataset({ shape: [1, 3, 3], counts: [60, 20, 5] });
const data: TrainingData = { dataset, encoding: {} };
const runtime = referenceRuntime();
const mixture = bernoulliMixture({ components: 3 }, dataset.spec);
const config = { batchSize: 16, validateEvery: 2, steps: 40 };
const fitted = (change: object = {}, options: object = {}) =>
  allEvents(mixture, data, { ...config, ...change }, { seed: 5, runtime, ...options });

describe("a fit by counting", () => {
  it("is one step with a validation, a checkpoint and an end", async () => {
    const model = bernoulli({}, dataset.spec);
    const events = await allEvents(model, data, { batchSize: 16, validateEvery: 1 }, { seed: 0, runtime });
    expect(events.map(({ type }) => type)).toEqual(["start", "progress", "validation", "checkpoint", "end"]);
    expect(ofType(events, "end")[0]).toMatchObject({ step: 1, reason: "converged" });
    expect(ofType(events, "validation")[0]!.metrics.loss).toBeLessThan(9 * Math.LN2);
  });
});

describe("a fit in rounds", () => {
  it("lowers its loss until a round gains nothing", async () => {
    const events = await fitted();
    const losses = ofType(events, "progress").map(({ metrics }) => metrics.loss!);
    for (let i = 1; i < losses.length; i++) expect(losses[i]! - losses[i - 1]!).toBeLessThan(1e-3);
    const [end] = ofType(events, "end");
    expect(end).toMatchObject({ reason: "converged", step: losses.length });
    expect(end!.message).toMatch(/rounds gained less than 0\.001 nats/);
    expect(ofType(events, "validation").at(-1)!.step).toBe(end!.step);
  });

  it("stopped and resumed from its file gives the parameters of a fit that never stopped, bit for bit", async () => {
    const whole = ofType(await fitted({ steps: 9 }), "checkpoint").at(-1)!.state;
    const half = ofType(await fitted({ steps: 3 }), "checkpoint").at(-1)!.state;
    const layout = { params: half.params, optimizer: {} };
    const read = decodeState(encodeState(half, mixture.name), layout, mixture.name, "a file");
    const rest = await fitted({ steps: 9 }, { resume: read });
    const { params, best, stale, step } = ofType(rest, "checkpoint").at(-1)!.state;
    expect(bits(params)).toEqual(bits(whole.params));
    expect({ best, step }).toEqual({ best: whole.best, step: whole.step });
    expect(stale).toBe(whole.stale);
  });

  it("does nothing more once it has converged", async () => {
    const { state } = ofType(await fitted(), "checkpoint").at(-1)!;
    const events = await fitted({}, { resume: state });
    expect(events.map(({ type }) => type)).toEqual(["start", "checkpoint", "end"]);
    expect(bits(ofType(events, "checkpoint")[0]!.state.params)).toEqual(bits(state.params));
  });

  it("ends at once when it is interrupted, and leaves the round under way out", async () => {
    const abort = new AbortController();
    abort.abort();
    const events = await fitted({}, { signal: abort.signal });
    expect(ofType(events, "end")[0]).toMatchObject({ reason: "interrupted", step: 0 });
    expect(ofType(events, "checkpoint")).toHaveLength(1);
  });

  it("ends in time, after no less than one round", async () => {
    const events = await fitted({}, { seconds: 1e-9 });
    expect(ofType(events, "end")[0]).toMatchObject({ reason: "time", step: 1 });
  });
});
