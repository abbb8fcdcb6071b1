import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { chiSquareScore, SCORE_1_IN_1000 } from "../../../tests/support/statistics.ts";
import { fittedTo } from "../../../tests/support/tables.ts";
import { namedLeaves } from "../../base/tree.ts";
import { openDataset } from "../../data/open.node.ts";
import type { DataSpec, Dataset } from "../../data/types.ts";
import { fold, key, normal, uniform } from "../../random/index.ts";
import { type CovarianceKind, componentsOf } from "./components.ts";
import { layoutOf } from "./layout.ts";
import { categoricalMixtureEntry, gaussianMixture, gaussianMixtureEntry } from "./mixture.ts";
import { responsibilities } from "./responsibilities.ts";
import { held, type Rows } from "./rows.ts";
import { sampled } from "./seeds.ts";
import { addRows, emptyStatistics } from "./statistics.ts";

const folder = mkdtempSync(join(tmpdir(), "mixtures-"));
afterAll(() => rmSync(folder, { recursive: true }));

const COUNT = 6500;

/** Rows of three kinds in a file: real numbers, a name and a count, some of them missing. */
function csv(name: string, plain: boolean): string {
  const [u, z] = [uniform(key(1), [COUNT]).data, normal(key(2), [COUNT, 3]).data];
  const rows = Array.from(u, (v, n) => {
    const kind = n % 3;
    const [a, b, c] = [z[3 * n]! + 4 * kind, z[3 * n]! * kind + z[3 * n + 1]!, z[3 * n + 2]!];
    const cells = [a, v < 0.1 ? "" : b, v > 0.95 ? "" : c, v < 0.2 ? "NA" : ["red", "green", "blue"][kind]];
    return (plain ? cells : [...cells, Math.floor(9 * v) + kind]).join(",");
  });
  const file = join(folder, name);
  writeFileSync(file, `a,b,c,colour${plain ? "" : ",count"}\n${rows.join("\n")}\n`);
  return file;
}

const open = async (file: string, memory?: number): Promise<Dataset> =>
  openDataset(file, { table: true, ...(memory ? { memory } : {}) });

describe("rows that are read in each round", () => {
  it.each([
    ["full covariances", gaussianMixtureEntry, { starts: 2, iterations: 6 }],
    ["diagonal covariances", gaussianMixtureEntry, { starts: 2, iterations: 6, covariance: "diagonal" }],
    ["variational Bayes", gaussianMixtureEntry, { iterations: 6, inference: "variational", covariance: "tied" }],
    ["a choice by BIC", gaussianMixtureEntry, { starts: 1, iterations: 6, select: "bic" }],
    ["a choice by validation", gaussianMixtureEntry, { starts: 1, iterations: 6, select: "validation" }],
    ["latent classes", categoricalMixtureEntry, { starts: 2, iterations: 6 }],
  ] as const)("give the fit of rows in memory, bit for bit: %s", async (_, entry, options) => {
    const file = csv(`${entry.name}.csv`, entry === gaussianMixtureEntry);
    const [plain, stored] = [await open(file), await open(file, 1e-4)];
    expect(plain.splits.train.stored).toBeUndefined();
    expect(stored.splits.train.stored).toBeDefined();
    expect(stored.splits.train.count).toBeGreaterThan(4000); // some readings
    const [one, other] = [
      await fittedTo(entry, { dataset: plain, encoding: {} }, options),
      await fittedTo(entry, { dataset: stored, encoding: {} }, options),
    ];
    expect(namedLeaves(other.on.params)).toEqual(namedLeaves(one.on.params));
  });
});

/** Rows with gaps of three real columns and a name, and some mixture of them. */
function given(kind: CovarianceKind) {
  const columns = [
    ...["a", "b", "c"].map((name) => ({ name, kind: "real" as const })),
    { name: "d", kind: "categorical" as const, levels: ["x", "y"] },
  ];
  const spec: DataSpec = { shape: [4], values: "table", columns };
  const [u, z] = [uniform(key(3), [300, 4]).data, normal(key(4), [300, 4]).data];
  const rows = Float64Array.from(z, (v, at) =>
    u[at]! < 0.1 ? Number.NaN : at % 4 === 3 ? Number(v > 0) : Math.fround(v),
  );
  const layout = layoutOf("gaussian-mixture", spec, { counts: false });
  const params = gaussianMixture({ covariance: kind, components: 4 }, spec).init(key(5));
  return { rows, layout, components: componentsOf("a mixture", layout, kind, params) };
}

describe("sums over rows", () => {
  it.each(["full", "diagonal"] as const)("are the same however rows are cut, bit for bit: %s", (kind) => {
    const { rows, layout, components } = given(kind);
    const sums = (step: number) => {
      const statistics = emptyStatistics(layout, kind, 4, new Float64Array(12).fill(0.1));
      for (let at = 0; at < rows.length; at += 4 * step) {
        const some = rows.slice(at, at + 4 * step);
        addRows(statistics, layout, kind, components, responsibilities(layout, components, some).shares, some);
      }
      return statistics;
    };
    const whole = sums(300);
    expect(whole.members.reduce((a, b) => a + b, 0)).toBeCloseTo(300, 9);
    for (const step of [1, 7, 100]) expect(sums(step)).toEqual(whole);
  });
});

describe("the sample that starts look at", () => {
  const layout = layoutOf(
    "categorical-mixture",
    { shape: [1], values: "table", columns: [{ name: "a", kind: "count" }] },
    { counts: true },
  );
  const all = Float64Array.from({ length: 1000 }, (_, n) => n);

  it("is drawn from all rows alike, the same however they come", async () => {
    const inPieces: Rows = {
      count: 1000,
      each: async (visit) => {
        for (let at = 0; at < 1000; at += 70) visit(all.subarray(at, at + 70));
      },
    };
    const tenths = new Array<number>(10).fill(0);
    const digits = new Array<number>(10).fill(0);
    for (let trial = 0; trial < 200; trial++) {
      const sample = await sampled(held(all, 1), layout, 30, fold(key(6), trial));
      expect(sample).toEqual(await sampled(inPieces, layout, 30, fold(key(6), trial)));
      expect(new Set(sample).size).toBe(30);
      for (const n of sample) {
        tenths[Math.floor(n / 100)]!++;
        digits[n % 10]!++;
      }
    }
    expect(tenths).toEqual(new Array<number>(10).fill(600));
    expect(chiSquareScore(digits, new Array<number>(10).fill(600))).toBeLessThan(SCORE_1_IN_1000);
  });

  it("is all rows where they are few", async () => {
    expect(await sampled(held(all, 1), layout, 1000, key(7))).toEqual(all);
    expect(await sampled(held(all, 1), layout, 5000, key(7))).toEqual(all);
  });
});
