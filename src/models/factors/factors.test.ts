import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { dataFolder, needsData } from "../../../tests/support/data.ts";
import { grid, simpson } from "../../../tests/support/statistics.ts";
import { fittedTo, rowsOf, tableData } from "../../../tests/support/tables.ts";
import { allEvents, ofType, tinyDataset } from "../../../tests/support/tiny.ts";
import { farthest, standardRows, type UciName } from "../../../tests/support/uci.ts";
import { HostArray } from "../../base/host.ts";
import type { Column } from "../../data/table/types.ts";
import { multiplyTransposed, square } from "../../numeric/linear/index.ts";
import { multivariateNormal } from "../../probability/multivariate/index.ts";
import { fold, key, normal, uniform } from "../../random/index.ts";
import { referenceRuntime } from "../../runtime/index.ts";
import { bind } from "../bound.ts";
import type { Capabilities, ModelEntry } from "../contract.ts";
import { momentsOf } from "../gaussian/moments.ts";
import { vectorSpace } from "../vectors.ts";
import { factorAnalysisEntry } from "./factor-analysis.ts";
import { icaEntry } from "./ica.ts";
import type { FactorParams } from "./linear-gaussian.ts";
import { explainedShares, matrixFrom, type PcaParams, pcaEntry } from "./pca.ts";
import { probabilisticPcaEntry } from "./probabilistic-pca.ts";

type Golden = Record<UciName, Record<string, number[]> & { noise: number; loss: number }>;
const golden = JSON.parse(readFileSync(new URL("../../../tests/golden/mixtures.json", import.meta.url), "utf8")) as {
  pca: Golden;
  ppca: Golden;
  factor: Golden;
  ica: Golden;
};

type Rows = HostArray<"float64">;
const reals = (count: number): Column[] => Array.from({ length: count }, (_, i) => ({ name: `x${i}`, kind: "real" }));
const learned = (entry: ModelEntry, x: Rows, options: Record<string, unknown> = {}) =>
  fittedTo(entry, tableData(reals(x.shape[1]!), x), options);
const use = { key: key(1) };
const head = (x: Rows, count: number): Rows =>
  new HostArray("float64", [count, x.shape[1]!], x.data.slice(0, count * x.shape[1]!));
const paramsAs = <P>({ on }: Awaited<ReturnType<typeof learned>>) => on.params as unknown as P;

describe.skipIf(dataFolder === undefined)(`factors beside scikit-learn${needsData}`, () => {
  const names = ["iris", "wine", "wdbc"] as const;

  it.each(names)("PCA of %s: components with signs, variances, shares, codes; whitened codes", async (name) => {
    const x = standardRows(name);
    const fitted = await learned(pcaEntry, x, { components: 3 });
    const { components, variances } = paramsAs<PcaParams>(fitted);
    const expected = golden.pca[name];
    expect(farthest(components.data, expected.components!)).toBeLessThan(1e-10);
    expect(farthest(variances.data, expected.variances!)).toBeLessThan(1e-12);
    expect(farthest(explainedShares(fitted.on.params), expected.shares!)).toBeLessThan(1e-12);
    const { encode } = fitted.model as unknown as Capabilities;
    expect(farthest((await encode(fitted.on, head(x, 5), use)).data, expected.codes!)).toBeLessThan(1e-10);
    const white = await learned(pcaEntry, x, { components: 3, whiten: true });
    const codes = (await (white.model as unknown as Capabilities).encode(white.on, head(x, 5), use)).data;
    const scaled = expected.codes!.map((code, at) => code / Math.sqrt(variances.data[at % 3]!));
    expect(farthest(codes, scaled)).toBeLessThan(1e-10);
  });

  it.each(names)("probabilistic PCA of %s: densities and noise", async (name) => {
    const x = standardRows(name);
    const { model, on } = await learned(probabilisticPcaEntry, x, { components: 3 });
    const { nats } = await (model as unknown as Capabilities).logProb(on, head(x, 7), use);
    expect(farthest(nats, golden.ppca[name].score!)).toBeLessThan(1e-9);
    expect((on.params as unknown as FactorParams).noise.data[0]).toBeCloseTo(golden.ppca[name].noise, 12);
  });

  it.each(names)("factor analysis of %s: noise and densities after 200 rounds", async (name) => {
    const x = standardRows(name);
    const { model, on } = await learned(factorAnalysisEntry, x, { tolerance: 0, iterations: 200 });
    const { logProb } = model as unknown as Capabilities;
    expect(farthest((await logProb(on, head(x, 7), use)).nats, golden.factor[name].score!)).toBeLessThan(1e-8);
    expect(
      farthest((on.params as unknown as FactorParams).noise.data, golden.factor[name].noise as never),
    ).toBeLessThan(1e-6);
  });

  it.each(names)("FastICA of %s: sources up to order and sign", async (name) => {
    const x = standardRows(name);
    const fitted = await learned(icaEntry, x, { tolerance: 1e-12, iterations: 5000 });
    const { unmixing } = paramsAs<{ unmixing: Rows }>(fitted);
    const D = x.shape[1]!;
    const wanted = golden.ica[name].components!;
    for (const k of [0, 1]) {
      const own = [...unmixing.data.slice(k * D, (k + 1) * D)];
      const off = [0, 1].flatMap((j) =>
        [1, -1].map((sign) =>
          farthest(
            own,
            wanted.slice(j * D, (j + 1) * D).map((v) => sign * v),
          ),
        ),
      );
      expect(Math.min(...off)).toBeLessThan(1e-5);
    }
  });
});

/** Rows of four numbers on two factors with noise. */
function plane(count: number, seed = 2): Rows {
  const z = normal(key(seed), [count, 6]).data;
  return rowsOf(
    Array.from({ length: count }, (_, n) => {
      const [a, b, ...e] = z.slice(6 * n, 6 * n + 6);
      return [a! + 0.3 * e[0]!, a! - b! + 0.3 * e[1]!, 2 * b! + 0.3 * e[2]!, 5 + a! + b! + 0.3 * e[3]!];
    }),
  );
}

describe("principal components", () => {
  it("take examples back from all their codes, exactly", async () => {
    const x = plane(50);
    for (const whiten of [false, true]) {
      const { model, on } = await learned(pcaEntry, x, { components: 4, whiten });
      const { encode, decode } = model as unknown as Capabilities;
      expect(farthest((await decode(on, await encode(on, x, use), use)).data, x.data)).toBeLessThan(1e-12);
    }
  });

  it("of images of bytes are those of vectors, and codes are float32", async () => {
    const dataset = tinyDataset({ shape: [1, 8, 8], values: "bytes" });
    const model = pcaEntry.make({ components: 3 }, dataset.spec);
    const runtime = referenceRuntime();
    const events = await allEvents(
      model,
      { dataset, encoding: {} },
      { batchSize: 8, validateEvery: 1 },
      { seed: 1, runtime },
    );
    const on = bind(runtime, ofType(events, "checkpoint").at(-1)!.state.params);
    const { x } = dataset.splits.train;
    const vectors = rowsOf(
      Array.from({ length: 45 }, (_, n) => Array.from(x.slice(64 * n, 64 * n + 64), (byte) => Math.fround(byte / 255))),
    );
    const same = await learned(pcaEntry, vectors, { components: 3 });
    expect(
      farthest((on.params as unknown as PcaParams).components.data, paramsAs<PcaParams>(same).components.data),
    ).toBeLessThan(1e-9);
    const codes = await (model as unknown as Capabilities).encode(
      on,
      new HostArray("float32", [45, 1, 8, 8], Float32Array.from(vectors.data)),
      use,
    );
    expect(codes.dtype).toBe("float32");
    expect(codes.shape).toEqual([45, 3]);
  });

  it("add up large covariances through the engine as on the host, to rounding of float32", async () => {
    const [count, D] = [2100, 60];
    const z = normal(key(6), [count, D]).data.map((v, at) => v * (1 + (at % D) / D));
    const spec = { shape: [D], values: "real" as const };
    const train = {
      count,
      read: async (start: number, end: number) =>
        new HostArray("float32", [end - start, D], z.slice(start * D, end * D)),
    };
    const { covariance, mean } = await momentsOf(
      "pca",
      vectorSpace("pca", spec, { density: false }),
      { train, runtime: referenceRuntime() },
      0,
    );
    for (const [i, j] of [
      [0, 0],
      [3, 59],
      [25, 17],
    ] as const) {
      let sum = 0;
      for (let n = 0; n < count; n++) sum += (z[n * D + i]! - mean[i]!) * (z[n * D + j]! - mean[j]!);
      expect(covariance.data[i * D + j]).toBeCloseTo(sum / count, 6);
      expect(covariance.data[j * D + i]).toBe(covariance.data[i * D + j]);
    }
  });
});

describe.each([probabilisticPcaEntry, factorAnalysisEntry])("$title", (entry) => {
  it("is the normal law with covariance W Wᵀ + Ψ: densities, marginals, conditionals", async () => {
    const x = plane(300);
    const { model, on } = await learned(entry, x);
    const { logProb, complete } = model as unknown as Capabilities;
    const { mean, weights, noise } = on.params as unknown as FactorParams;
    const product = multiplyTransposed(matrixFrom(weights), matrixFrom(weights));
    const law = multivariateNormal({
      mean: mean.data,
      covariance: square(4, (i, j) => product.data[4 * i + j]! + (i === j ? noise.data[i]! : 0)),
    });
    const { nats } = await logProb(on, head(x, 5), use);
    for (let n = 0; n < 5; n++) expect(nats[n]).toBeCloseTo(law.logProb(x.data.slice(4 * n, 4 * n + 4)), 10);
    const gap = await logProb(
      on,
      rowsOf([
        [0.5, null, -1, null],
        [null, null, null, null],
      ]),
      use,
    );
    expect(gap.nats[0]).toBeCloseTo(law.marginal([0, 2]).logProb([0.5, -1]), 10);
    expect(gap.nats[1]).toBeCloseTo(0, 12);
    const given = law.conditional({ 0: 0.5, 2: -1 });
    const count = 4000;
    const rows = rowsOf(Array.from({ length: count }, () => [0.5, null, -1, null]));
    const seen = new HostArray(
      "float32",
      [count, 4],
      Float32Array.from({ length: 4 * count }, (_, i) => 1 - (i % 2)),
    );
    const filled = await complete(on, rows, seen, use);
    const covariance = given.covariance().data;
    const off = (n: number, j: number) => filled.data[4 * n + 1 + 2 * j]! - given.mean[j]!;
    const average = (f: (n: number) => number) =>
      Array.from({ length: count }, (_, n) => f(n)).reduce((a, b) => a + b, 0) / count;
    for (const j of [0, 1]) {
      const deviation = Math.sqrt(covariance[3 * j]!);
      expect(Math.abs(average((n) => off(n, j))) / (deviation / Math.sqrt(count))).toBeLessThan(3.5);
      expect(average((n) => off(n, j) ** 2) / covariance[3 * j]!).toBeCloseTo(1, 1);
    }
    const correlation = covariance[1]! / Math.sqrt(covariance[0]! * covariance[3]!);
    const found = average((n) => off(n, 0) * off(n, 1)) / Math.sqrt(covariance[0]! * covariance[3]!);
    expect(Math.abs(found - correlation)).toBeLessThan(0.06);
  });

  it("never loses likelihood from round to round, and its marginal density integrates to one", async () => {
    const x = plane(200, 8);
    const data = tableData(reals(4), x);
    const model = entry.make(entry.options.parse({}), data.dataset.spec);
    const runtime = referenceRuntime();
    const given = {
      train: {
        count: 200,
        read: async (start: number, end: number) =>
          new HostArray("float64", [end - start, 4], x.data.slice(4 * start, 4 * end)),
      },
      valid: { count: 0, read: async () => x },
      key: key(1),
      runtime,
    };
    if (model.learning.kind !== "direct") throw new Error("not direct");
    let before = Number.POSITIVE_INFINITY;
    let on = bind(runtime, {});
    for await (const { metrics, params } of model.learning.fit(given)) {
      expect(metrics!.loss).toBeLessThan(before + 1e-12);
      before = metrics!.loss!;
      on = on.with(params);
    }
    const line = grid(-12, 14, 601);
    const { nats } = await (model as unknown as Capabilities).logProb(
      on,
      rowsOf(line.map((v) => [null, null, null, v])),
      use,
    );
    expect(simpson([...nats].map(Math.exp), -12, 14)).toBeCloseTo(1, 5);
  });
});

describe("independent components", () => {
  it("find mixed sources again, up to order and sign, and mix them back", async () => {
    const count = 1500;
    const u = uniform(fold(key(3), "u"), [count, 2]).data;
    const sources = Array.from({ length: count }, (_, n) => [
      Math.sqrt(12) * (u[2 * n]! - 0.5),
      -Math.log(1 - u[2 * n + 1]!) - 1,
    ]);
    const x = rowsOf(sources.map(([a, b]) => [a! + 0.5 * b!, 0.4 * a! - b!]));
    const { model, on } = await learned(icaEntry, x);
    const { encode, decode } = model as unknown as Capabilities;
    const codes = await encode(on, x, use);
    const along = (k: number, s: number) =>
      Math.abs(sources.reduce((sum, source, n) => sum + codes.data[2 * n + k]! * source[s]!, 0) / count);
    expect(along(0, 1)).toBeGreaterThan(0.97); // the exponential one is farther from normal
    expect(along(1, 0)).toBeGreaterThan(0.97);
    expect(farthest((await decode(on, codes, use)).data, x.data)).toBeLessThan(1e-10);
  });
});

describe("one clear sentence", () => {
  const line = rowsOf(Array.from({ length: 20 }, (_, n) => [n, 2 * n, -n]));
  const constant = rowsOf(Array.from({ length: 20 }, (_, n) => [n, 7, (n * n) % 5]));
  const empty = rowsOf(Array.from({ length: 20 }, (_, n) => [n, null, (n * n) % 5]));
  const few = rowsOf([
    [1, 2, 3],
    [2, 1, 5],
  ]);
  it.each([
    ["probabilistic PCA of a line", probabilisticPcaEntry, line, {}, /vary in 2 directions only.*fewer components/],
    [
      "factor analysis of a constant column",
      factorAnalysisEntry,
      constant,
      {},
      /"x1" is 7 in every training example.*--drop/,
    ],
    ["PCA of an empty column", pcaEntry, empty, {}, /takes no gaps, and the column "x1" is missing in row 1/],
    [
      "PCA of two rows",
      pcaEntry,
      few,
      { components: 3 },
      /at most 1 components here \(there are 2 training examples\)/,
    ],
    ["PCA of more components than columns", pcaEntry, line, { components: 4 }, /an example has 3 numbers/],
    ["ICA of a line", icaEntry, line, {}, /fewer than 2 directions/],
  ] as const)("for %s", async (_, entry, x, options, sentence) => {
    await expect(async () => learned(entry, x, options)).rejects.toThrow(sentence);
  });
});

it.each([
  ["factor-analysis", 6, 2, 6 + 12 - 1 + 6],
  ["probabilistic-pca", 6, 2, 6 + 12 - 1 + 1],
  ["factor-analysis", 3, 2, 3 + 6], // those of a normal law
  ["probabilistic-pca", 3, 2, 3 + 6],
] as const)("%s of %i numbers and %i factors has %i independent parameters", (name, size, components, expected) => {
  const columns = Array.from({ length: size }, (_, i) => ({ name: `x${i}`, kind: "real" as const }));
  const entry = name === "factor-analysis" ? factorAnalysisEntry : probabilisticPcaEntry;
  const model = entry.make({ components }, { shape: [size], values: "table", columns });
  expect(model.freeParameters!(model.init(key(1)))).toBe(expected);
});
