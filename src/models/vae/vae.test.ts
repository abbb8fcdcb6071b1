import { describe, expect, it } from "vitest";
import { float32, HostArray, scalar, toNumbers } from "../../base/host.ts";
import { leaves, mapTree, withLeaves } from "../../base/tree.ts";
import type { DataSpec } from "../../data/types.ts";
import { gradients, type Tensor } from "../../graph/index.ts";
import { fold, key, normal, uniform } from "../../random/index.ts";
import { jit, referenceRuntime } from "../../runtime/index.ts";
import { bind } from "../bound.ts";
import type { Params } from "../contract.ts";
import { vae } from "./vae.ts";

const runtime = referenceRuntime();
const binary: DataSpec = { shape: [4], values: "binary" };
const tiny = { latent: 1, hidden: [5], activation: "tanh" };

/** A VAE whose weights are large enough that the latent matters. */
function make(options: Record<string, unknown> = tiny, data: DataSpec = binary, scale = 2) {
  const model = vae(options, data);
  const params = mapTree<HostArray, HostArray>(model.init(key(3)), (leaf, path) => {
    const noise = normal(fold(key(5), path), leaf.shape);
    return float32(
      toNumbers(leaf).map((value, i) => value * scale + 0.3 * noise.data[i]!),
      leaf.shape,
    );
  }) as unknown as Params;
  return { model, params, on: bind(runtime, params) };
}

/** All binary vectors of length 4. */
const states = float32(
  Array.from({ length: 64 }, (_, i) => ((i >> 2) >> (i & 3)) & 1),
  [16, 4],
);

/** Exact p(x) for every state: quadrature of Σ_z p(x|z) N(z; 0, 1) on a fine grid. */
async function exactProbabilities({ model, on }: ReturnType<typeof make>): Promise<Float64Array> {
  const steps = 1601;
  const width = 16 / (steps - 1);
  const z = float32(
    Array.from({ length: steps }, (_, i) => -8 + i * width),
    [steps, 1],
  );
  const means = await model.decode(on, z, { key: key(0) });
  const result = new Float64Array(16);
  for (let i = 0; i < steps; i++) {
    const density = (Math.exp(-0.5 * z.data[i]! ** 2) / Math.sqrt(2 * Math.PI)) * width;
    for (let s = 0; s < 16; s++) {
      let p = density;
      for (let d = 0; d < 4; d++)
        p *= states.data[s * 4 + d] === 1 ? means.data[i * 4 + d]! : 1 - means.data[i * 4 + d]!;
      result[s]! += p;
    }
  }
  return result;
}

describe("likelihood", () => {
  const small = make();

  it("sums to one, and the importance-weighted bound approaches it from below", async () => {
    const exact = await exactProbabilities(small);
    expect(exact.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    const average = async (importance: number, repeats: number) => {
      const sums = new Float64Array(16);
      for (let r = 0; r < repeats; r++) {
        const { nats } = await small.model.logProb(small.on, states, { key: fold(key(1), r), importance });
        nats.forEach((value, i) => {
          sums[i]! += value / repeats;
        });
      }
      return sums;
    };
    const [elbo, iw50, converged] = [await average(1, 200), await average(50, 20), await average(40_000, 1)];
    const gap = (bound: Float64Array) => exact.reduce((sum, p, i) => sum + p * (Math.log(p) - bound[i]!), 0);
    expect(gap(elbo)).toBeGreaterThan(gap(iw50));
    expect(gap(iw50)).toBeGreaterThan(-0.01);
    expect(Math.abs(gap(converged))).toBeLessThan(0.02);
    expect(converged.reduce((sum, nats) => sum + Math.exp(nats), 0)).toBeCloseTo(1, 1);
  });

  it("does not depend on which other examples are evaluated beside one, nor on the number of blocks", async () => {
    const { model, on } = small;
    const all = await model.logProb(on, states, { key: key(2), importance: 250 });
    const again = await model.logProb(on, states, { key: key(2), importance: 250 });
    expect(all.nats).toEqual(again.nats);
    expect(all).toMatchObject({ kind: "lower-bound", via: "importance-weighted bound, 250 samples" });
  });
});

describe("objective", () => {
  const feed = (model: ReturnType<typeof vae>, batch = 6) => ({
    x: float32(uniform(key(7), [batch, 4]).data.map(Math.round), [batch, 4]),
    noise: { latent: normal(key(8), [batch, model.config.latent as number]) },
    scalars: { beta: scalar(0.7) },
  });
  const phaseOf = (model: ReturnType<typeof vae>) => {
    if (model.learning.kind !== "gradient") throw new Error("a VAE learns by gradient");
    return model.learning.phases[0]!;
  };

  for (const options of [
    tiny,
    { ...tiny, latent: 2, kl: "monte-carlo" },
    { ...tiny, latent: 2, freeBits: 0.2 },
    { ...tiny, activation: "softplus", hidden: [4, 3] },
  ])
    it(`has the gradient that finite differences give: ${JSON.stringify(options)}`, async () => {
      const { model, params } = make(options);
      const phase = phaseOf(model);
      const inputs = feed(model);
      const value = jit<[], never>(
        ((p: never, i: never) => phase.loss(p, i).loss) as never,
        referenceRuntime({ keepDouble: true }),
      ) as never as (p: Params, i: unknown) => Promise<HostArray>;
      const slope = jit<[], never>(
        ((p: never, i: never) => gradients(phase.loss(p, i).loss, leaves<Tensor>(p))) as never,
        runtime,
      ) as never as (p: Params, i: unknown) => Promise<HostArray[]>;
      const found = await slope(params, inputs);
      const flat = leaves<HostArray<"float32">>(params);
      const step = 2 ** -7;
      for (let l = 0; l < flat.length; l++) {
        const at = Math.floor(flat[l]!.size / 2);
        const shifted = async (by: number) => {
          const data = flat[l]!.data.slice();
          data[at]! += by;
          const moved = flat.map((leaf, i) => (i === l ? new HostArray("float32", leaf.shape, data) : leaf));
          return Number((await value(withLeaves(params, moved) as Params, inputs)).data[0]);
        };
        const expected = ((await shifted(step)) - (await shifted(-step))) / (2 * step);
        expect(Number(found[l]!.data[at])).toBeCloseTo(expected, 3);
      }
    });

  it("has a Monte-Carlo KL whose mean is the closed form", async () => {
    const closed = make({ ...tiny, latent: 2 });
    const sampled = make({ ...tiny, latent: 2, kl: "monte-carlo" });
    const kl = async ({ model, params }: typeof closed, seed: number) => {
      const phase = phaseOf(model);
      const run = jit<[], never>(((p: never, i: never) => phase.loss(p, i).metrics.kl) as never, runtime) as never as (
        p: Params,
        i: unknown,
      ) => Promise<HostArray>;
      const repeated = float32(
        Array.from({ length: 4000 * 4 }, (_, i) => i & 1),
        [4000, 4],
      );
      return Number(
        (
          await run(params, {
            x: repeated,
            noise: { latent: normal(key(seed), [4000, 2]) },
            scalars: { beta: scalar(1) },
          })
        ).data[0],
      );
    };
    const exact = await kl(closed, 1);
    expect(exact).toBeGreaterThan(0.05);
    expect(Math.abs((await kl(sampled, 2)) - exact)).toBeLessThan(0.1 * exact + 0.05);
  });
});

describe("sampling", () => {
  it("draws states with the model's own probabilities (chi-square, false alarm below 1 in 1000)", async () => {
    const small = make();
    const exact = await exactProbabilities(small);
    const count = 20_000;
    const x = await small.model.sample(small.on, { count, key: key(11) });
    const seen = new Float64Array(16);
    for (let i = 0; i < count; i++) {
      const state = [0, 1, 2, 3].reduce((sum, d) => sum + x.data[i * 4 + d]! * 2 ** d, 0);
      seen[state]! += 1;
    }
    const chi = exact.reduce((sum, p, s) => sum + (seen[s]! - count * p) ** 2 / (count * p), 0);
    expect(chi).toBeLessThan(37.7);
  });

  it("gives the same samples whatever the number drawn with them", async () => {
    const { model, on } = make();
    const many = await model.sample(on, { count: 1203, key: key(12) });
    const few = await model.sample(on, { count: 7, key: key(12) });
    expect(many.data.slice(0, 28)).toEqual(few.data);
  });
});

describe("completion", () => {
  it("leaves what was observed untouched and draws the rest from the exact conditional", async () => {
    const small = make();
    const exact = await exactProbabilities(small);
    const count = 4000;
    const pattern = [1, 0, 0, 1];
    const x = float32(
      Array.from({ length: count * 4 }, (_, i) => (pattern[i & 3] ? 1 : Number.NaN)),
      [count, 4],
    );
    const mask = float32(
      Array.from({ length: count * 4 }, (_, i) => pattern[i & 3]!),
      [count, 4],
    );
    const done = await small.model.complete(small.on, x, mask, { key: key(13), sweeps: 60 });
    const seen = new Float64Array(4);
    for (let i = 0; i < count; i++) {
      expect([done.data[i * 4], done.data[i * 4 + 3]]).toEqual([1, 1]);
      seen[done.data[i * 4 + 1]! + 2 * done.data[i * 4 + 2]!]! += 1;
    }
    const joint = [0, 1, 2, 3].map((s) => exact[1 + 8 + 2 * (s & 1) + 4 * (s >> 1)]!);
    const total = joint.reduce((a, b) => a + b);
    const chi = joint.reduce((sum, p, s) => sum + (seen[s]! - (count * p) / total) ** 2 / ((count * p) / total), 0);
    expect(chi).toBeLessThan(16.3);
  });

  it("refuses a mask of another shape", async () => {
    const { model, on } = make();
    const mask = float32(new Float32Array(8), [2, 4]);
    await expect(model.complete(on, states, mask, { key: key(0) })).rejects.toThrow(/mask has shape \[2, 4\]/);
  });
});

describe("configuration", () => {
  it("refuses a decoder that is no distribution over the data", () => {
    expect(() => vae({ likelihood: "bernoulli" }, { shape: [4], values: "bytes" })).toThrow(/binarise the data/);
    expect(() => vae({ likelihood: "gaussian" }, binary)).toThrow(/use bernoulli/);
    expect(() => vae({ conditional: true }, binary)).toThrow(/needs labels/);
    expect(() => vae({ network: "conv" }, { shape: [1, 27, 28], values: "binary" })).toThrow(/divisible by 4/);
  });
});
