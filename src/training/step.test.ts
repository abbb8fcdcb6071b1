import { describe, expect, it } from "vitest";
import { allEvents, bits, ofType, tinyDataset, tinyTraining } from "../../tests/support/tiny.ts";
import { float32, type HostArray, scalar, toNumbers } from "../base/host.ts";
import { leaves } from "../base/tree.ts";
import type { Tensor } from "../graph/index.ts";
import type { AnyModel, Params, Phase } from "../models/contract.ts";
import { vae } from "../models/vae/vae.ts";
import { adam, chain, clipByGlobalNorm, ema, type Optimizer, sgd } from "../optim/index.ts";
import { compileStep, referenceRuntime } from "../runtime/index.ts";
import { initOptimizer, trained, trainingStep } from "./step.ts";

const runtime = referenceRuntime();
interface Duel {
  readonly left: { readonly w: Tensor };
  readonly right: { readonly w: Tensor };
}

/** ½ mean (x · (left + right) − target)²: each side pulls the sum of both towards its own target. */
const side = (name: "left" | "right", target: number): Phase => ({
  name,
  noise: () => ({}),
  scalars: () => ({}),
  trains: (path) => path.startsWith(`${name}/`),
  loss: (params, { x }) => {
    const { left, right } = params as unknown as Duel;
    const miss = x.matmul(left.w.add(right.w).reshape([2, 1])).sub(target);
    return { loss: miss.square().mean().mul(0.5), metrics: { miss: miss.mean() } };
  },
});

const phases = [side("left", 1), side("right", -1)];
const start = () => ({ left: { w: float32([0.5, -0.25]) }, right: { w: float32([0.125, 2]) } });
const x = float32([1, 2, -1, 0.5, 3, 1], [3, 2]);

async function stepOf(used: readonly Phase[], optimizer: Optimizer, rate = 0.1) {
  const params = start();
  const feed = { x, noise: {}, scalars: {}, learningRate: scalar(rate), optimizer: optimizer.scalars(0) };
  const inputs = { phases: Object.fromEntries(used.map(({ name }) => [name, feed])) };
  const state = { params, optimizer: initOptimizer(params as unknown as Params, used, optimizer) };
  const step = await compileStep<never, never, never>(trainingStep(used, { optimizer }) as never, runtime, {
    state: state as never,
    inputs,
  });
  const metrics = (await step.run(inputs as never)) as unknown as Record<string, HostArray>;
  return { before: state, after: step.state as unknown as typeof state, metrics };
}

/** The gradient of a side's loss with respect to its own weights, by hand. */
function gradientOf(sum: readonly number[], target: number): number[] {
  const rows = [0, 1, 2].map((i) => [x.data[2 * i]!, x.data[2 * i + 1]!] as const);
  const miss = rows.map(([a, b]) => a * sum[0]! + b * sum[1]! - target);
  return [0, 1].map((j) => rows.reduce((total, row, i) => total + (row[j]! * miss[i]!) / 3, 0));
}

describe("a step with phases", () => {
  it("leaves the parameters and the optimiser state of other phases bit for bit as they were", async () => {
    for (const optimizer of [sgd(), adam(), chain(clipByGlobalNorm(0.01), adam())]) {
      const { before, after } = await stepOf([phases[0]!], optimizer);
      expect(bits(after.params.right)).toEqual(bits(before.params.right));
      expect(bits(after.params.left)).not.toEqual(bits(before.params.left));
      expect(leaves<HostArray>(after.optimizer).every(({ size }) => size === 2)).toBe(true);
      expect(Object.keys(after.optimizer)).toEqual(["left"]);
    }
  });

  it("runs the phases in order, each on the parameters the one before left, and names their metrics", async () => {
    const { after, metrics } = await stepOf(phases, sgd());
    const [l, r] = [
      [0.5, -0.25],
      [0.125, 2],
    ];
    const left = gradientOf(
      [0, 1].map((j) => l[j]! + r[j]!),
      1,
    ).map((g, j) => l[j]! - 0.1 * g);
    const right = gradientOf(
      [0, 1].map((j) => left[j]! + r[j]!),
      -1,
    ).map((g, j) => r[j]! - 0.1 * g);
    const moved = [...toNumbers(after.params.left.w), ...toNumbers(after.params.right.w)];
    for (const [i, value] of [...left, ...right].entries()) expect(moved[i]).toBeCloseTo(value, 6);
    expect(Object.keys(metrics)).toEqual(["left/loss", "left/miss", "right/loss", "right/miss"]);
  });

  it("clips the gradient of a phase by its own norm", async () => {
    const { after } = await stepOf([phases[0]!], chain(clipByGlobalNorm(0.5), sgd()), 1);
    const moved = toNumbers(after.params.left.w).map((value, j) => value - [0.5, -0.25][j]!);
    expect(Math.hypot(...moved)).toBeCloseTo(0.5, 5);
  });

  it("takes the leaves a phase trains by their paths", () => {
    expect(Object.keys(trained(start(), phases[1]!))).toEqual(["right/w"]);
    expect(Object.keys(trained(start(), { ...phases[1]!, trains: () => true }))).toEqual(["left/w", "right/w"]);
  });

  it("trains both sides of a whole run, with optimiser state for each", async () => {
    const data = { dataset: tinyDataset({ shape: [2], values: "real" }), encoding: {} };
    const duel: AnyModel = {
      name: "duel",
      config: {},
      data: data.dataset.spec,
      conditional: false,
      init: () => start() as unknown as Params,
      functions: {},
      learning: { kind: "gradient", phases },
    };
    const events = await allEvents(duel, data, tinyTraining, { seed: 0, runtime });
    const { state } = ofType(events, "checkpoint").at(-1)!;
    expect(Object.keys(state.optimizer)).toEqual(["left", "right"]);
    expect(events.at(-1)).toMatchObject({ reason: "steps" });
  });
});

describe("the moving average", () => {
  it("is (1−d) Σ d^(t−i) θ_i / (1−d^t) of the parameters after each step", async () => {
    const data = { dataset: tinyDataset(), encoding: {} };
    const decay = 0.7;
    const config = { ...tinyTraining, ema: decay, learningRate: 0.05 };
    const events = await allEvents(vae({ latent: 2, hidden: [3] }, data.dataset.spec), data, config, {
      seed: 0,
      runtime,
      checkpointSeconds: 0,
    });
    const states = ofType(events, "checkpoint")
      .map(({ state }) => state)
      .filter(({ step }, i, all) => all.findIndex((s) => s.step === step) === i);
    for (const t of [1, 2, 5, 12]) {
      const flat = (tree: unknown) => leaves<HostArray>(tree).flatMap(toNumbers);
      const history = states.slice(0, t).map(({ params }) => flat(params));
      const total = 1 - decay ** t;
      flat(states[t - 1]!.ema).forEach((value, j) => {
        const expected =
          history.reduce((sum, values, i) => sum + (1 - decay) * decay ** (t - 1 - i) * values[j]!, 0) / total;
        expect(value).toBeCloseTo(expected, 5);
      });
    }
    expect(ema(decay).decay).toBe(decay);
  });
});
