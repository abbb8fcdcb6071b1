import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { dataFolder, needsData } from "../../tests/support/data.ts";
import { catalogue } from "./catalogue.ts";
import { describeDataset } from "./describe.ts";
import { fetchDataset } from "./files.node.ts";
import { openDataset } from "./open.node.ts";

const env = { SAMPO_DATA: dataFolder, SAMPO_CACHE: path.join(tmpdir(), "sampo-none") };
const open = (name: string, options = {}) => openDataset(name, options, { env });

describe.skipIf(dataFolder === undefined)(`published data sets${needsData}`, () => {
  test("mnist: counts, classes and the mean of all 60,000 training images", async () => {
    const data = await open("mnist");
    const { train, valid, test: last } = describeDataset(data).splits;
    expect([train.count, valid.count, last.count]).toEqual([50_000, 10_000, 10_000]);
    expect((5 * train.mean + valid.mean) / 6 / 255).toBeCloseTo(0.13066, 5);
    expect([...data.splits.test.labels!.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
    expect(data.spec).toMatchObject({ shape: [1, 28, 28], values: "bytes", classes: { length: 10 } });
    expect(last.classCounts).toMatchObject({ "0": 980, "1": 1135 });
  });

  test("mnist-binarized: published means and labels", async () => {
    const data = await open("mnist-binarized");
    const { train, valid, test: last } = describeDataset(data).splits;
    expect([train.mean, valid.mean, last.mean].map((mean) => mean.toFixed(5))).toEqual([
      "0.13056",
      "0.13113",
      "0.13251",
    ]);
    expect([data.spec.values, data.splits.train.labels!.length]).toEqual(["binary", 50_000]);
    expect(data.protocol).toContain("fixed binarisation");
  });

  test("fashion-mnist has names for its classes; cifar10 says that it is a subset", async () => {
    const fashion = await open("fashion-mnist");
    expect(describeDataset(fashion).splits.test.classCounts).toMatchObject({ "T-shirt/top": 1000, "ankle boot": 1000 });
    const cifar = await open("cifar10");
    expect(cifar.spec).toMatchObject({ shape: [3, 32, 32], classes: { 8: "ship" } });
    expect([cifar.splits.train.count + cifar.splits.valid.count, cifar.splits.test.count]).toEqual([10_000, 1000]);
    expect(cifar.protocol).toContain("SUBSET");
  });

  test("faces: frey is shuffled by the seed, olivetti split by people", async () => {
    const frey = await open("frey");
    expect([frey.splits.train.count, frey.splits.valid.count, frey.splits.test.count]).toEqual([1565, 200, 200]);
    expect(describeDataset(frey).splits.train).toMatchObject({ min: 8, max: 238 });
    const again = await open("frey");
    const other = await open("frey", { seed: 1 });
    expect(again.hash).toBe(frey.hash);
    expect(other.hash).not.toBe(frey.hash);
    const olivetti = await open("olivetti");
    expect(new Set(olivetti.splits.test.labels)).toEqual(new Set([35, 36, 37, 38, 39]));
  });

  test("omniglot-small comes in two sizes", async () => {
    const small = await open("omniglot-small");
    expect([small.spec.shape, small.spec.values, small.spec.classes!.length]).toEqual([[1, 28, 28], "bytes", 242]);
    const large = await open("omniglot-small", { size: 105 });
    expect([large.spec.shape, large.spec.values, large.splits.test.count]).toEqual([[1, 105, 105], "binary", 3120]);
    await expect(open("omniglot-small", { size: 64 })).rejects.toThrow(/sizes 28 and 105/);
  });

  test("optdigits and the density sets have the published means", async () => {
    const optdigits = describeDataset(await open("optdigits"));
    expect(optdigits.splits.test.mean).toBeCloseTo((4.8842 * 255) / 16, 0);
    expect(optdigits.splits.test.classCounts).toMatchObject({ "0": 178, "9": 180 });
    const ones = { nltcs: 0.332, plants: 0.18, baudio: 0.199, jester: 0.608, mushrooms: 0.188, dna: 0.253 };
    for (const [name, expected] of Object.entries(ones)) {
      const { splits } = describeDataset(await open(name));
      const total = Object.values(splits).reduce((sum, split) => sum + split.count, 0);
      const mean = Object.values(splits).reduce((sum, split) => sum + (split.mean * split.count) / total, 0);
      expect(mean, name).toBeCloseTo(expected, 2);
    }
  });

  test("tables are standardised on train unless told otherwise", async () => {
    const iris = describeDataset(await open("iris"));
    expect(iris.splits.train.mean).toBeCloseTo(0, 5);
    expect(iris.splits.train.deviation).toBeCloseTo(1, 5);
    expect(iris.classes).toEqual(["Iris-setosa", "Iris-versicolor", "Iris-virginica"]);
    const raw = await open("iris", { standardize: false });
    const mean = [raw.splits.train, raw.splits.valid, raw.splits.test].flatMap((split) => [...split.x]);
    expect(mean.reduce((a, b) => a + b) / 600).toBeCloseTo((5.8433 + 3.054 + 3.7587 + 1.1987) / 4, 4);
    const shapes = {
      wine: 13,
      wdbc: 30,
      spambase: 57,
      pima: 8,
      ionosphere: 34,
      "winequality-red": 11,
      "winequality-white": 11,
      parkinsons: 20,
    };
    for (const [name, columns] of Object.entries(shapes))
      expect((await open(name)).spec.shape, name).toEqual([columns]);
    await expect(open("iris", { binarize: "static" })).rejects.toThrow(/Only bytes can be binarised/);
  });

  test("binarisation is applied once, deferred, or by threshold", async () => {
    const [frey, fixed, dynamic, cut] = await Promise.all(
      [undefined, "static", "dynamic", "threshold"].map((binarize) => open("frey", { ...(binarize && { binarize }) })),
    );
    expect([frey, fixed, dynamic, cut].map((data) => data!.spec.values)).toEqual([
      "bytes",
      "binary",
      "bytes",
      "binary",
    ]);
    expect(describeDataset(fixed!).splits.train.mean).toBeCloseTo(describeDataset(frey!).splits.train.mean / 255, 2);
    expect(dynamic!.hash).toBe(frey!.hash);
    expect(cut!.splits.test.x[0]).toBe(frey!.splits.test.x[0]! >= 128 ? 1 : 0);
    expect([fixed!.protocol, dynamic!.protocol, cut!.protocol].map((text) => /Binarised \S+/.exec(text)![0])).toEqual([
      "Binarised once:",
      "Binarised dynamically:",
      "Binarised by",
    ]);
  });

  test("all required files are found where the catalogue says, so there is nothing to fetch", async () => {
    for (const entry of catalogue.filter(({ name }) => name !== "cifar10"))
      expect(await fetchDataset(entry, env), entry.name).toBe(0);
  });

  test("a file of another content under a published name is refused", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "sampo-changed-"));
    mkdirSync(path.join(folder, "uci"));
    const iris = readFileSync(path.join(dataFolder!, "uci/iris.csv"), "utf8");
    writeFileSync(path.join(folder, "uci/iris.csv"), iris.replace("5.1", "5.2"));
    await expect(openDataset("iris", {}, { env: { ...env, SAMPO_DATA: folder } })).rejects.toThrow(
      /iris\.csv is not the published file/,
    );
    rmSync(folder, { recursive: true });
  });
});
