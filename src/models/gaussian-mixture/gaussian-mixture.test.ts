import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { dataFolder, needsData } from "../../../tests/support/data.ts";
import { chiSquareScore, grid, SCORE_1_IN_1000, simpson } from "../../../tests/support/statistics.ts";
import { fittedTo, rowsOf, tableData } from "../../../tests/support/tables.ts";
import { allEvents, ofType } from "../../../tests/support/tiny.ts";
import { farthest, standardRows, type UciName } from "../../../tests/support/uci.ts";
import { HostArray } from "../../base/host.ts";
import { namedLeaves } from "../../base/tree.ts";
import type { Column } from "../../data/table/types.ts";
import { multivariateNormal } from "../../probability/multivariate/index.ts";
import { key, normal } from "../../random/index.ts";
import { referenceRuntime } from "../../runtime/index.ts";
import type { TrainState } from "../../training/index.ts";
import { bind } from "../bound.ts";
import type { Capabilities, Params } from "../contract.ts";
import { array, type CovarianceKind, componentsOf, type MixtureParams } from "./components.ts";
import { criteria, freeParameters } from "./criteria.ts";
import type { Fitting } from "./fitting.ts";
import { layoutOf } from "./layout.ts";
import { categoricalMixture, categoricalMixtureEntry, gaussianMixture, gaussianMixtureEntry } from "./mixture.ts";
import { gaussianMixtureOptions } from "./options.ts";
import { type Place, roundsOver } from "./rounds.ts";
import { held } from "./rows.ts";
import { addRows, emptyStatistics } from "./statistics.ts";
import { surveyed } from "./survey.ts";
import { maximiseBound } from "./variational.ts";

type Fit = {
  weights: number[];
  means: number[];
  covariances: number[];
  score: number[];
  bic: number;
  aic: number;
  bound: number;
};
const golden = JSON.parse(readFileSync(new URL("../../../tests/golden/mixtures.json", import.meta.url), "utf8")) as {
  mixture: Record<UciName, Record<CovarianceKind, Fit>>;
  variational: Record<string, Fit>;
};

const reals = (count: number): Column[] => Array.from({ length: count }, (_, i) => ({ name: `x${i}`, kind: "real" }));
const use = { key: key(1) };
const kinds: readonly CovarianceKind[] = ["full", "tied", "diagonal", "spherical"];

/** A fitting of K components to rows of real columns. */
function fittingOf(x: HostArray<"float64">, options: Record<string, unknown>) {
  const columns = reals(x.shape[1]!);
  const data = { shape: [columns.length], values: "table" as const, columns };
  const config = gaussianMixtureOptions.parse(options);
  return { name: "gaussian-mixture", layout: layoutOf("gaussian-mixture", data, { counts: false }), config, data };
}

/** The rounds of a fitting over rows. */
const roundsOf = async (fitting: Fitting, x: HostArray<"float64">) =>
  roundsOver(fitting, await surveyed(fitting, held(x.data, x.shape[1]!)));

/** The start of the golden values: rows 5, n//2 and n − 5 as means, unit covariances. */
function goldenStart(x: HostArray<"float64">, kind: CovarianceKind): Params {
  const [n, D] = x.shape as [number, number];
  const means = [5, Math.floor(n / 2), n - 5].flatMap((row) => [...x.data.slice(row * D, (row + 1) * D)]);
  const unit = Array.from({ length: D * D }, (_, i) => Number(i % (D + 1) === 0));
  const covariances = {
    full: array([3, D, D], Float64Array.from([...unit, ...unit, ...unit])),
    tied: array([D, D], Float64Array.from(unit)),
    diagonal: array([3, D], new Float64Array(3 * D).fill(1)),
    spherical: array([3], new Float64Array(3).fill(1)),
  }[kind];
  return {
    weights: array([3], new Float64Array(3).fill(1 / 3)),
    means: array([3, D], Float64Array.from(means)),
    covariances,
  };
}

describe.skipIf(dataFolder === undefined)(`mixtures beside scikit-learn${needsData}`, () => {
  it.each((["iris", "wine", "wdbc"] as const).flatMap((name) => kinds.map((kind) => [name, kind] as const)))(
    "25 rounds of EM on %s with %s covariances: weights, means, covariances, densities, BIC, AIC",
    async (name, kind) => {
      const x = standardRows(name);
      const fitting = fittingOf(x, { covariance: kind });
      const rounds = await roundsOf(fitting, x);
      let params = goldenStart(x, kind);
      for (let i = 0; i < 25; i++) ({ params } = await rounds.next({ params }));
      const { weights, means, covariances } = params as unknown as MixtureParams;
      const expected = golden.mixture[name][kind];
      expect(farthest(weights.data, expected.weights)).toBeLessThan(1e-9);
      expect(farthest(means!.data, expected.means)).toBeLessThan(1e-9);
      expect(farthest(covariances!.data, expected.covariances)).toBeLessThan(1e-9);
      const model = gaussianMixture({ covariance: kind }, fitting.data);
      const { nats } = await model.logProb(bind(referenceRuntime(), params), x, use);
      expect(farthest(nats.slice(0, 7), expected.score)).toBeLessThan(1e-9);
      const total = nats.reduce((sum, v) => sum + v, 0);
      const p = freeParameters(fitting.layout, fitting.config.covariance, 3);
      const { bic, aic } = criteria(total, p, x.shape[0]!);
      expect(bic).toBeCloseTo(expected.bic, 5);
      expect(aic).toBeCloseTo(expected.aic, 5);
    },
  );

  it.each(Object.keys(golden.variational))("30 rounds of variational Bayes: %s", async (title) => {
    const [name, prior, kind] = title.split(" ") as [UciName, string, string];
    const x = standardRows(name);
    const fitting = fittingOf(x, {
      components: 5,
      inference: "variational",
      covariance: kind === "diag" ? "diagonal" : kind,
      prior: prior === "dirichlet_process" ? "dirichlet-process" : "dirichlet",
      concentration: 0.1,
    });
    const { layout, config } = fitting;
    const [n, D] = x.shape as [number, number];
    const statistics = emptyStatistics(layout, config.covariance, 5, new Float64Array(5 * D));
    const shares = new Float64Array(n * 5);
    for (let i = 0; i < n; i++) shares[i * 5 + Math.floor((i * 5) / n)] = 1;
    addRows(statistics, layout, config.covariance, [], shares, x.data);
    const rounds = await roundsOf(fitting, x);
    let place: Place = { score: 0, ...maximiseBound(statistics, layout, config, rounds.prior!) };
    let before = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < 30; i++) {
      place = await rounds.next(place);
      if (kind !== "tied") expect(place.score).toBeGreaterThan(before - 0.01);
      before = place.score;
    }
    const { weights, means, covariances } = place.params as unknown as MixtureParams;
    const expected = golden.variational[title]!;
    expect(farthest(weights.data, expected.weights)).toBeLessThan(1e-8);
    expect(farthest(means!.data, expected.means)).toBeLessThan(1e-7);
    expect(farthest(covariances!.data, expected.covariances)).toBeLessThan(1e-7);
    expect(farthest([place.score], [expected.bound])).toBeLessThan(1e-8);
  });
});

/** Two clouds in the plane, one of them slanted. */
function clouds(count: number): number[][] {
  const z = normal(key(9), [count, 2]).data;
  return Array.from({ length: count }, (_, n) => {
    const [a, b] = [z[2 * n]!, z[2 * n + 1]!];
    return n % 3 === 0 ? [4 + 0.5 * a, -2 + b] : [a, 0.8 * a + 0.6 * b];
  });
}

describe("a mixture of normals", () => {
  const rows = clouds(240);
  const table = tableData(reals(2), rowsOf(rows));

  it.each(kinds)("with %s covariances: EM never lowers the likelihood, with gaps neither", async (covariance) => {
    for (const gaps of [0, 5]) {
      const x = rowsOf(rows.map((row, n) => (gaps && n % gaps === 0 ? [row[0]!, null] : row)));
      const fitting = fittingOf(x, { covariance, regularisation: 0 });
      const rounds = await roundsOf(fitting, x);
      let place: Place = { score: Number.NEGATIVE_INFINITY, params: goldenStart(rowsOf(rows), covariance) };
      for (let i = 0; i < 40; i++) {
        const next = await rounds.next(place);
        expect(next.score).toBeGreaterThan(place.score - 1e-12);
        place = next;
      }
    }
  });

  it("has a density that integrates to one, and draws that follow it", async () => {
    const { model, on } = await fittedTo(gaussianMixtureEntry, table, { components: 2 });
    const { sample, logProb } = model as unknown as Capabilities;
    const line = grid(-8, 10, 181);
    const points = rowsOf(line.flatMap((a) => line.map((b) => [a, b])));
    const { nats } = await logProb(on, points, use);
    const density = line.map((_, i) => simpson([...nats.slice(i * 181, (i + 1) * 181)].map(Math.exp), -8, 10));
    expect(simpson(density, -8, 10)).toBeCloseTo(1, 5);
    const drawn = await sample(on, { count: 2000, key: key(3) });
    const bins = [-7, -1, 0, 1, 3, 9];
    const count = (low: number, high: number) =>
      [...Array(2000).keys()].filter((n) => drawn.data[2 * n]! >= low && drawn.data[2 * n]! < high).length;
    const marginal = await logProb(on, rowsOf(grid(-7, 9, 1601).map((a) => [a, null])), use);
    const mass = (low: number, high: number) =>
      simpson([...marginal.nats.slice((low + 7) * 100, (high + 7) * 100 + 1)].map(Math.exp), low, high);
    const pairs = bins.slice(1).map((high, i) => [bins[i]!, high] as const);
    const expected = pairs.map(([low, high]) => 2000 * mass(low, high));
    expect(expected.reduce((a, b) => a + b, 0)).toBeCloseTo(2000, 0);
    expect(
      chiSquareScore(
        pairs.map(([low, high]) => count(low, high)),
        expected,
      ),
    ).toBeLessThan(SCORE_1_IN_1000);
  });

  it("fills gaps as the closed form of one component says", async () => {
    const { model, on } = await fittedTo(gaussianMixtureEntry, table, { components: 1, regularisation: 0 });
    const { means, covariances } = on.params as unknown as MixtureParams;
    const law = multivariateNormal({ mean: means!.data, covariance: { rows: 2, columns: 2, data: covariances!.data } });
    const given = law.conditional({ 0: 1.5 });
    const count = 4000;
    const x = rowsOf(Array.from({ length: count }, () => [1.5, null]));
    const seen = new HostArray(
      "float32",
      [count, 2],
      Float32Array.from({ length: 2 * count }, (_, i) => 1 - (i % 2)),
    );
    const filled = await (model as unknown as Capabilities).complete(on, x, seen, use);
    const values = Array.from({ length: count }, (_, n) => filled.data[2 * n + 1]!);
    const mean = values.reduce((a, b) => a + b, 0) / count;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / count;
    const sigma = Math.sqrt(given.covariance().data[0]!);
    expect(Math.abs(mean - given.mean[0]!) / (sigma / Math.sqrt(count))).toBeLessThan(3.5);
    expect(variance / sigma ** 2).toBeCloseTo(1, 1);
  });

  it("finds two components by BIC where there are two, and empties those it does not need by variational Bayes", async () => {
    const chosen = await fittedTo(gaussianMixtureEntry, table, { components: 5, select: "bic" });
    expect((chosen.on.params as unknown as MixtureParams).weights.size).toBe(2);
    const bayes = await fittedTo(gaussianMixtureEntry, table, {
      components: 6,
      inference: "variational",
      concentration: 0.01,
    });
    const { weights } = bayes.on.params as unknown as MixtureParams;
    expect([...weights.data].filter((weight) => weight > 0.05).length).toBe(2);
  });

  it.each([
    ["EM", {}],
    ["variational Bayes", { inference: "variational", covariance: "tied" }],
    ["a choice by BIC", { select: "bic" }],
  ])("goes on after a stop as if there had been none, bit for bit: %s", async (_, options) => {
    const model = gaussianMixtureEntry.make(
      gaussianMixtureOptions.parse({ components: 3, starts: 2, iterations: 8, tolerance: 0, ...options }),
      table.dataset.spec,
    );
    const run = async (more: object, resume?: TrainState) => {
      const training = { ...gaussianMixtureEntry.presets.small!.training, ...more };
      const how = { seed: 3, runtime: referenceRuntime(), ...(resume ? { resume } : {}) };
      return ofType(await allEvents(model, table, training, how), "checkpoint").at(-1)!.state;
    };
    const whole = await run({});
    const first = await run({ steps: 2 });
    expect(first.step).toBe(2);
    const resumed = await run({}, first);
    expect(resumed.step).toBe(whole.step);
    expect(namedLeaves(resumed.params)).toEqual(namedLeaves(whole.params));
    expect(namedLeaves(resumed.optimizer)).toEqual(namedLeaves(whole.optimizer));
  });

  it("tells classes apart that it has seen as a column", async () => {
    const columns: Column[] = [...reals(2), { name: "cloud", kind: "categorical", levels: ["a", "b"] }];
    const labelled = tableData(columns, rowsOf(rows.map((row, n) => [...row, n % 3 === 0 ? 1 : 0])));
    const { model, on } = await fittedTo(gaussianMixtureEntry, labelled, { components: 2 });
    const { data } = await (model as unknown as Capabilities).classify(
      on,
      rowsOf([
        [4, -2, null],
        [0, 0, 1],
      ]),
      use,
    );
    expect(data[1]).toBeGreaterThan(Math.log(0.95));
    expect(data[2]).toBeGreaterThan(Math.log(0.95));
  });

  it.each([
    [
      "a constant column",
      [
        [1, 2],
        [2, 2],
        [4, 2],
        [0, 2],
      ],
      {},
      /"x1" is 2 in every training example.*--drop/,
    ],
    [
      "an empty column",
      [
        [1, null],
        [2, null],
        [4, null],
      ],
      {},
      /"x1" has no value in the training rows.*--drop/,
    ],
    [
      "fewer rows than components",
      [
        [1, 2],
        [2, 1],
      ],
      {},
      /3 components needs at least as many.*components=1/,
    ],
    [
      "a singular covariance",
      [
        [1, 2],
        [2, 4],
        [3, 6],
        [5, 10],
        [6, 12],
      ],
      { components: 1, regularisation: 0 },
      /covariance of component 1 .* is singular.*add a small number/,
    ],
  ] as const)("refuses %s in one sentence", async (_, given, options, sentence) => {
    const data = tableData(reals(2), rowsOf(given as never));
    await expect(fittedTo(gaussianMixtureEntry, data, options)).rejects.toThrow(sentence);
  });

  it("refuses a variance of 0 in one sentence", () => {
    const { layout } = fittingOf(rowsOf(rows), {});
    const start = goldenStart(rowsOf(rows), "diagonal") as unknown as Record<"weights" | "means", HostArray>;
    const params = { ...start, covariances: array([3, 2], Float64Array.of(1, 1, 1, 0, 1, 1)) };
    expect(() => componentsOf("gaussian-mixture", layout, "diagonal", params)).toThrow(
      /variance of component 2 .* is 0.*regularisation=1e-6/,
    );
  });
});

describe("latent classes", () => {
  const columns: Column[] = [
    { name: "colour", kind: "categorical", levels: ["red", "green", "blue"] },
    { name: "size", kind: "ordinal", levels: ["small", "large"] },
    { name: "visits", kind: "count" },
    { name: "weight", kind: "real" },
  ];
  const z = normal(key(4), [300]).data;
  const rows = Array.from({ length: 300 }, (_, n) =>
    n % 2 ? [0, n % 14 === 1 ? 1 : 0, n % 3, z[n]!] : [n % 10 ? 2 : 1, 1, 10 + (n % 5), 5 + z[n]!],
  );
  const table = tableData(columns, rowsOf(rows));

  it("find two kinds of rows in a mixed table; their likelihood sums to one over levels and counts, and rises", async () => {
    const { model, on } = await fittedTo(categoricalMixtureEntry, table, { components: 2 });
    const { logProb, encode } = model as unknown as Capabilities;
    const { shape, data } = await encode(on, rowsOf(rows) as HostArray<"float64">, use);
    expect(shape).toEqual([300, 2]);
    expect(Math.abs(data[0]! - data[3]!)).toBeLessThan(1e-3); // the first row is of one kind, the second of the other
    const { weights } = on.params as unknown as MixtureParams;
    expect(Math.abs(weights.data[0]! - 0.5)).toBeLessThan(0.05);
    const all = [0, 1, 2].flatMap((colour) =>
      [0, 1].flatMap((size) => Array.from({ length: 60 }, (_, visits) => [colour, size, visits, null])),
    );
    const { nats } = await logProb(on, rowsOf(all), use);
    expect(nats.reduce((sum, v) => sum + Math.exp(v), 0)).toBeCloseTo(1, 9);
  });

  it("are for tables only", () => {
    expect(() => categoricalMixture({}, { shape: [3], values: "real" })).toThrow("models rows of a table");
    expect(() => gaussianMixture({}, { shape: [3], values: "binary" })).toThrow("take bernoulli-mixture");
    expect(() => gaussianMixture({}, { shape: [1], values: "table", columns: [{ name: "a", kind: "count" }] })).toThrow(
      '"a" is count',
    );
  });
});
