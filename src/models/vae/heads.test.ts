import { describe, expect, it } from "vitest";
import { requantized } from "../../base/bytes.ts";
import { float32, HostArray, toNumbers } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import { mapTree, namedLeaves } from "../../base/tree.ts";
import type { DataSpec } from "../../data/types.ts";
import type { Tensor } from "../../graph/index.ts";
import { fold, key, normal, uniform } from "../../random/index.ts";
import { jit, referenceRuntime } from "../../runtime/index.ts";
import { bind } from "../bound.ts";
import type { Params } from "../contract.ts";
import { gibbsSweep } from "./complete.ts";
import { headOf } from "./likelihood.ts";
import { networks } from "./network.ts";
import { resolveLikelihood, vaeOptions } from "./options.ts";
import { vae } from "./vae.ts";

const runtime = referenceRuntime();
const bytes: DataSpec = { shape: [1], values: "bytes" };

/** A one-pixel VAE whose decoder bends with z and whose encoder stays near the prior, and its parts. */
function make(options: Record<string, unknown>, data: DataSpec = bytes) {
  const all = { latent: 1, hidden: [4], activation: "tanh", ...options };
  const config = vaeOptions.parse(all);
  const model = vae(all, data);
  const params = mapTree<HostArray, HostArray>(model.init(key(2)), (leaf, path) =>
    float32(
      uniform(fold(key(9), path), leaf.shape).data.map(
        (value) => (path.startsWith("encoder") ? 0.3 : 2.4) * (value - 0.45),
      ),
      leaf.shape,
    ),
  ) as unknown as Params;
  const head = headOf(resolveLikelihood(config, data), data);
  const { decoder } = networks(config, data, head.outputs);
  return { config, model, params, head, decoder, on: bind(runtime, params) };
}

/** log p(x|z) for each z and each x in the plane [z, x], through the decoder and the head. */
async function conditional(
  { params, head, decoder }: ReturnType<typeof make>,
  z: readonly number[],
  x: readonly number[],
) {
  const run = jit(
    ((p: { decoder: unknown }, codes: Tensor, values: Tensor) => {
      const raw = decoder.apply(p.decoder as never, codes);
      return head.logProb(raw.reshape([z.length, 1, head.outputs, 1]), values);
    }) as never,
    runtime,
  ) as unknown as (...args: unknown[]) => Promise<HostArray<"float32">>;
  return (await run(params, float32(z, [z.length, 1]), float32(x, [1, x.length, 1]))).data;
}

/** log p(x₁, x₂|z) of two pixels for each z and each x₂ in the plane [z, x₂]. */
async function pairs(
  { params, head, decoder }: ReturnType<typeof make>,
  z: readonly number[],
  first: number,
  second: readonly number[],
) {
  const run = jit(
    ((p: { decoder: unknown }, codes: Tensor, values: Tensor) => {
      const raw = decoder.apply(p.decoder as never, codes);
      return head.logProb(raw.reshape([z.length, 1, head.outputs, 2]), values);
    }) as never,
    runtime,
  ) as unknown as (...args: unknown[]) => Promise<HostArray<"float32">>;
  const x = float32(
    second.flatMap((value) => [first, value]),
    [1, second.length, 2],
  );
  return (await run(params, float32(z, [z.length, 1]), x)).data;
}

const STEPS = 401;
const grid = Array.from({ length: STEPS }, (_, i) => -8 + (16 * i) / (STEPS - 1));
const prior = grid.map((z) => (Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)) * (16 / (STEPS - 1)));

/** p(x) for each x by quadrature over z. */
async function marginal(given: ReturnType<typeof make>, x: readonly number[]): Promise<number[]> {
  const logs = await conditional(given, grid, x);
  return x.map((_, j) => prior.reduce((sum, weight, i) => sum + weight * Math.exp(logs[i * x.length + j]!), 0));
}

describe("bytes as a discretised logistic", () => {
  const one = make({});
  const values = Array.from({ length: 256 }, (_, k) => k / 255);

  it("have probabilities that sum to one, and logProb approaches them from below", async () => {
    const exact = await marginal(one, values);
    expect(exact.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    const few = values.filter((_, k) => k % 8 === 0);
    const rated = async (importance: number) =>
      (await one.model.logProb(one.on, float32(few, [32, 1]), { key: key(3), importance })).nats;
    const gaps = (nats: Float64Array) => nats.map((value, i) => Math.log(exact[8 * i]!) - value);
    const mean = (list: Float64Array) => list.reduce((a, b) => a + b) / 32;
    const many = mean(gaps(await rated(12_000)));
    expect(Math.abs(many)).toBeLessThan(0.06);
    expect(mean(gaps(await rated(1)))).toBeGreaterThan(many);
  });

  it("are drawn with those probabilities, on the grid (mean within 5 standard errors)", async () => {
    const exact = await marginal(one, values);
    const x = await one.model.sample(one.on, { count: 5000, key: key(3) });
    for (const value of x.data) expect(Math.abs(255 * value - Math.round(255 * value))).toBeLessThan(1e-3);
    const mean = exact.reduce((sum, p, k) => sum + p * values[k]!, 0);
    const variance = exact.reduce((sum, p, k) => sum + p * (values[k]! - mean) ** 2, 0);
    const found = toNumbers(x).reduce((sum, value) => sum + value, 0) / 5000;
    expect(Math.abs(found - mean)).toBeLessThan(5 * Math.sqrt(variance / 5000));
  });
});

describe("bytes as dequantised normals", () => {
  const one = make({ likelihood: "gaussian" });
  const POINTS = 33;
  /** Places inside the bin of byte k, ends included. */
  const inside = (k: number) => Array.from({ length: POINTS }, (_, i) => (k + i / (POINTS - 1)) / 256);
  const average = (list: readonly number[]) =>
    list.reduce((sum, value, i) => sum + value * (i === 0 || i === POINTS - 1 ? 0.5 : 1), 0) / (POINTS - 1);

  it("ask for dequantised data and give back bytes", async () => {
    expect(one.model.encoding).toEqual({ dequantize: true });
    const x = await one.model.sample(one.on, { count: 500, key: key(3) });
    for (const value of x.data) expect(Math.abs(255 * value - Math.round(255 * value))).toBeLessThan(1e-3);
  });

  it("have a bound below the probability of the byte: E log p(x + u) ≤ log P(x), in nats with the bin width", async () => {
    let gap = 0;
    for (const k of [0, 60, 128, 200, 255]) {
      const densities = await marginal(one, inside(k)); // already times the bin width 1/256
      const probability = average(densities);
      const bound = average(densities.map(Math.log));
      expect(bound).toBeLessThanOrEqual(Math.log(probability) + 1e-9);
      gap += Math.log(probability) - bound;
      const y = float32(inside(k), [POINTS, 1]);
      const { nats } = await one.model.logProb(one.on, y, { key: key(5), importance: 2000 });
      expect(Math.abs(average([...nats]) - bound)).toBeLessThan(0.1);
    }
    expect(gap).toBeGreaterThan(0);
  });

  it("have probabilities that sum to one over all bytes and what lies outside", async () => {
    const edges = Array.from({ length: 1501 }, (_, i) => -15 + i / 50);
    const total = (await marginal(one, edges)).reduce((sum, p) => sum + (256 * p) / 50, 0);
    expect(total).toBeCloseTo(1, 2);
  });
});

describe("completion of real numbers", () => {
  it("stays finite from far off, with an encoder and a decoder that magnify", async () => {
    const model = vae({ latent: 2, hidden: [16], activation: "relu" }, { shape: [3], values: "real" });
    const params = mapTree<HostArray, HostArray>(model.init(key(1)), (leaf, path) =>
      normal(fold(key(5), path), leaf.shape),
    ) as unknown as Params;
    const x = float32(
      Float32Array.from({ length: 150 }, (_, i) => (i % 3 === 0 ? 50 : Number.NaN)),
      [50, 3],
    );
    const observed = float32(
      Float32Array.from({ length: 150 }, (_, i) => Number(i % 3 === 0)),
      [50, 3],
    );
    const { data } = await model.complete(bind(runtime, params), x, observed, { key: key(2), sweeps: 40 });
    expect(data.every(Number.isFinite)).toBe(true);
  });
});

describe("completion of dequantised bytes", () => {
  const two: DataSpec = { shape: [2], values: "bytes" };
  const one = make({ likelihood: "gaussian" }, two);
  const N = 2000;
  const seen = 0.3;
  const x = float32(
    Array.from({ length: 2 * N }, (_, i) => (i % 2 === 0 ? seen : Number.NaN)),
    [N, 2],
  );
  const mask = float32(
    Array.from({ length: 2 * N }, (_, i) => 1 - (i % 2)),
    [N, 2],
  );

  it("goes on from numbers between the bytes, as the model was trained on, and gives bytes", async () => {
    const parts = { nets: networks(one.config, two, 2), head: one.head, data: two, latent: 1, classes: 0 };
    const sweep = gibbsSweep(parts);
    const inputs = {
      x: float32([seen, 0.5], [1, 2]),
      observed: float32([1, 0], [1, 2]),
      z: float32([0], [1, 1]),
      noise: float32([0.1], [1, 1]),
      pixels: float32([0.2, 0.0123], [1, 2]),
      accept: float32([0.5], [1]),
    };
    const drawn = (await one.on.run(sweep, inputs)).x!.data;
    expect(drawn[0]).toBe(Math.fround(seen));
    expect(Math.abs(255 * drawn[1]! - Math.round(255 * drawn[1]!))).toBeGreaterThan(1e-3);
    const { data: done } = await one.model.complete(one.on, x, mask, { key: key(6), sweeps: 2 });
    for (let i = 1; i < 2 * N; i += 2) expect(Math.abs(255 * done[i]! - Math.round(255 * done[i]!))).toBeLessThan(1e-3);
  });

  it("draws bytes with the conditional probabilities of quadrature (mean within 5 standard errors)", async () => {
    const points = Array.from({ length: 801 }, (_, i) => -6 + i / 50);
    const logs = await pairs(one, grid, seen, points);
    const weights = points.map((_, j) =>
      prior.reduce((sum, p, i) => sum + p * Math.exp(logs[i * points.length + j]!), 0),
    );
    const total = weights.reduce((a, b) => a + b);
    const byte = points.map((y) => requantized(y));
    const mean = byte.reduce((sum, b, j) => sum + (b * weights[j]!) / total, 0);
    const variance = byte.reduce((sum, b, j) => sum + ((b - mean) ** 2 * weights[j]!) / total, 0);
    const { data: done } = await one.model.complete(one.on, x, mask, { key: key(7), sweeps: 40 });
    let found = 0;
    for (let i = 1; i < 2 * N; i += 2) found += done[i]! / N;
    expect(Math.abs(found - mean)).toBeLessThan(5 * Math.sqrt(variance / N) + 0.005);
  });
});

describe("real numbers as normals", () => {
  it("agree exactly with the closed form of a linear model whose encoder is the posterior, for any number of samples", async () => {
    const real: DataSpec = { shape: [2], values: "real" };
    const model = vae({ latent: 1, hidden: [] }, real);
    const [w, b, logStd] = [
      [1.5, -0.5],
      [0.3, 1],
      [-0.2, 0.4],
    ] as const;
    const precision = w.map((_, i) => Math.exp(-2 * logStd[i]!));
    const variance = 1 / (1 + w.reduce((sum, wi, i) => sum + wi * wi * precision[i]!, 0));
    const slope = w.map((wi, i) => variance * wi * precision[i]!);
    const values: Record<string, number[]> = {
      "encoder/0/weight": [slope[0]!, 0, slope[1]!, 0],
      "encoder/0/bias": [-slope.reduce((sum, s, i) => sum + s * b[i]!, 0), Math.log(variance)],
      "decoder/0/weight": [...w, 0, 0],
      "decoder/0/bias": [...b, ...logStd],
    };
    const initial = model.init(key(0));
    expect(
      namedLeaves(initial)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(Object.keys(values).sort());
    const params = mapTree<HostArray, HostArray>(initial, (leaf, path) =>
      float32(values[path]!, leaf.shape),
    ) as unknown as Params;
    const x = [
      [0, 0],
      [2, -1],
      [-1.5, 3],
    ] as const; // prettier-ignore
    const exact = x.map(([p, q]) => {
      const [a, c, d] = [w[0] ** 2 + Math.exp(2 * logStd[0]), w[0] * w[1], w[1] ** 2 + Math.exp(2 * logStd[1])];
      const det = a * d - c * c;
      const [u, v] = [p - b[0], q - b[1]];
      return -Math.log(2 * Math.PI) - 0.5 * Math.log(det) - (0.5 * (d * u * u - 2 * c * u * v + a * v * v)) / det;
    });
    for (const importance of [1, 7, 130]) {
      const { nats, kind } = await model.logProb(bind(runtime, params), float32(x.flat(), [3, 2]), {
        key: key(1),
        importance,
      });
      expect(kind).toBe("lower-bound");
      for (const [i, value] of exact.entries()) expect(nats[i]).toBeCloseTo(value, 4);
    }
  });
});

describe("a model that has learnt nothing", () => {
  it.each([
    ["mlp", [2], 8],
    ["conv", [1, 8, 8], 1],
  ] as const)(
    "of network %s gives standardised numbers an ordinary likelihood, whatever the seed",
    async (network, shape, most) => {
      const model = vae({ network, channels: [8] }, { shape, values: "real" });
      const size = sizeOf(shape);
      const x = normal(key(20), [50, ...shape]);
      for (const seed of [0, 1, 2, 3]) {
        const { nats } = await model.logProb(bind(runtime, model.init(key(seed))), x, { key: key(21) });
        const mean = nats.reduce((sum, value) => sum + value / nats.length, 0);
        expect(mean / size).toBeGreaterThan(-2 * most);
      }
    },
  );
});

describe("labels", () => {
  const labelled: DataSpec = { shape: [1], values: "bytes", classes: ["a", "b"] };

  it("are asked for by every use of a conditional model, and change what it says", async () => {
    const { model, on } = make({ conditional: true }, labelled);
    const x = float32([0.2, 0.2], [2, 1]);
    const mask = new HostArray("float32", [2, 1], Float32Array.of(0, 1));
    const bare = { key: key(0) };
    const uses = [
      () => model.logProb(on, x, bare),
      () => model.encode(on, x, bare),
      () => model.decode(on, x, bare),
      () => model.sample(on, { ...bare, count: 2 }),
      () => model.complete(on, x, mask, { ...bare, sweeps: 1 }),
    ];
    for (const use of uses) await expect(use()).rejects.toThrow(/conditioned on labels: give one for each example/);
    await expect(model.logProb(on, x, { ...bare, labels: [0] })).rejects.toThrow(/1 labels for 2 examples/);
    const { nats } = await model.logProb(on, x, { ...bare, labels: [0, 1], importance: 500 });
    expect(Math.abs(nats[0]! - nats[1]!)).toBeGreaterThan(0.01);
    const done = await model.complete(on, x, mask, { ...bare, labels: [0, 1], sweeps: 2 });
    expect(done.data[1]).toBe(x.data[1]);
  });

  it("and numbers of importance samples that are no numbers are refused", async () => {
    const { model, on } = make({});
    for (const importance of [0, -1, 2.5])
      await expect(model.logProb(on, float32([0], [1, 1]), { key: key(0), importance })).rejects.toThrow(
        /whole number from 1 on/,
      );
  });
});
