import { describe, expect, it } from "vitest";
import { allEvents, bits, ofType, tinyDataset, tinyTraining } from "../../tests/support/tiny.ts";
import { HostArray } from "../base/host.ts";
import type { AnyModel, DataStart } from "../models/contract.ts";
import { vae } from "../models/vae/vae.ts";
import { key } from "../random/index.ts";
import { nativeRuntime } from "../runtime/ort/native.node.ts";
import { modelSpec, type TrainingData } from "./feed.ts";
import { initialParams } from "./machinery.ts";
import { firstLook, startState } from "./start.ts";

const runtime = await nativeRuntime({ threads: 1 });
const data: TrainingData = { dataset: tinyDataset(), encoding: {} };
const plain = vae({ latent: 2, hidden: [6] }, modelSpec(data));

/** The model with every parameter moved by the mean of the examples it looks at. */
function beginning(looks: number[][] = []): AnyModel {
  const fit: DataStart["fit"] = async (_runtime, params, { x }) => {
    looks.push([...x.shape]);
    const mean = Array.from(x.data).reduce((sum, value) => sum + value, 0) / x.size;
    const moved = (node: unknown): unknown => {
      if (node instanceof HostArray)
        return new HostArray(
          "float32",
          node.shape,
          node.data.map((v: number) => v + mean),
        );
      if (Array.isArray(node)) return node.map(moved);
      return Object.fromEntries(Object.entries(node as object).map(([name, child]) => [name, moved(child)]));
    };
    return moved(params) as typeof params;
  };
  if (plain.learning.kind !== "gradient") throw new Error("a VAE learns by gradient steps");
  return { ...plain, learning: { ...plain.learning, start: { examples: 5, fit } } };
}

const config = { ...tinyTraining, ema: 0.9 };

describe("a start from data", () => {
  it("looks at so many training examples and sets parameters and their average", async () => {
    const looks: number[][] = [];
    const state = await startState(beginning(looks), data, config, { seed: 3, runtime });
    expect(looks).toEqual([[5, ...data.dataset.spec.shape]]);
    expect(bits(state.params)).not.toEqual(bits(initialParams(plain, 3)));
    expect(bits(state.ema)).toEqual(bits(state.params));
    expect(state.step).toBe(0);
  });

  it("is the same for the same seed, and looks at other examples for another", async () => {
    const at = async (seed: number) => bits((await startState(beginning(), data, config, { seed, runtime })).params);
    expect(await at(3)).toEqual(await at(3));
    const look = (seed: number) => [...firstLook(plain, data, key(seed), 5).x.data];
    expect(look(3)).not.toEqual(look(4));
  });

  it("happens once: a run that was stopped and resumed ends as one that never stopped", async () => {
    const looks: number[][] = [];
    const model = beginning(looks);
    const options = { seed: 0, runtime, checkpointSeconds: 0 };
    const whole = ofType(await allEvents(model, data, config, options), "checkpoint").at(-1)!.state;
    const half = ofType(await allEvents(model, data, { ...config, steps: 6 }, options), "checkpoint").at(-1)!.state;
    expect(looks).toHaveLength(2);
    const resumed = await allEvents(model, data, config, { ...options, resume: half });
    expect(looks).toHaveLength(2);
    expect(bits(ofType(resumed, "checkpoint").at(-1)!.state.params)).toEqual(bits(whole.params));
  });
});
