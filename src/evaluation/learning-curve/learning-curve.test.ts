import { describe, expect, it } from "vitest";
import { rowsOf, tableData } from "../../../tests/support/tables.ts";
import type { Column } from "../../data/table/types.ts";
import { logisticRegressionEntry } from "../../models/logistic-regression/logistic-regression.ts";
import { naiveBayesEntry } from "../../models/naive-bayes/naive-bayes.ts";
import { key, normal, uniform } from "../../random/index.ts";
import { referenceRuntime } from "../../runtime/index.ts";
import { bandOf, findCrossing } from "./crossing.ts";
import { type Learner, learningCurves } from "./learning-curve.ts";
import { checkSizes, curveSizes, drawnTest, nestedOrder } from "./subsets.ts";

describe("the sizes and subsets of a learning curve", () => {
  it("are evenly spaced in their logarithm, from two rows of each class on", () => {
    expect(curveSizes(10_000, 2, 4)).toEqual([10, 100, 1000, 10_000]);
    expect(curveSizes(400, 20, 3)).toEqual([40, 126, 400]);
    expect(curveSizes(12, 2, 10)).toEqual([10, 11, 12]);
  });

  it("are beginnings of one order that holds every known row once, two of each class first", () => {
    const labels = Int32Array.from({ length: 50 }, (_, n) => (n === 7 ? -1 : n < 45 ? 0 : 1 + (n % 2)));
    const order = nestedOrder(labels, 3, key(1));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n).filter((n) => n !== 7));
    expect([...order.slice(0, 6)].map((n) => labels[n]!).sort()).toEqual([0, 0, 1, 1, 2, 2]);
    expect(nestedOrder(labels, 3, key(2))).not.toEqual(order);
  });

  it("draw test rows apart from the others", () => {
    const { test, rest } = drawnTest(50, 0.3, key(3));
    expect(test.length).toBe(15);
    expect([...test, ...rest].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  it.each([
    [[2, 50], "begins with 4 rows, two of each class; 2 are too few"],
    [[10, 101], "There are 100 training rows"],
    [[10], "two sizes or more"],
    [[50, 10], "give them in order"],
  ])("are refused where they cannot be: %j", (sizes, sentence) => {
    expect(() => checkSizes(sizes, 100, 2)).toThrow(sentence);
  });
});

describe("a crossing", () => {
  const sizes = [10, 20, 40, 80, 160, 320];
  /** Repetitions of a curve through some means with noise of that size. */
  const around = (means: readonly number[], noise: number, seed: number) =>
    Array.from({ length: 25 }, (_, r) => {
      const z = normal(key(seed + 1000 * r), [means.length]).data;
      return means.map((mean, s) => mean + noise * z[s]!);
    });
  const flat = [0.3, 0.3, 0.3, 0.3, 0.3, 0.3];
  const falling = [0.5, 0.4, 0.32, 0.28, 0.25, 0.24];

  it("is found where the means meet, by the logarithm of rows, with an interval that holds it", () => {
    const exact = findCrossing(around(flat, 1e-6, 1), around(falling, 1e-6, 2), sizes, key(1)).crossing!;
    expect(exact.rows).toBeCloseTo(40 * Math.sqrt(2), 1); // 0.02 above at 40, 0.02 below at 80
    const found = findCrossing(around(flat, 0.03, 3), around(falling, 0.03, 4), sizes, key(1)).crossing!;
    expect(found.direction).toBe(1);
    expect(found.low).toBeLessThan(found.rows);
    expect(found.high).toBeGreaterThan(found.rows);
    expect(found.low).toBeGreaterThan(30);
    expect(found.high).toBeLessThan(110);
    expect(found.share).toBeGreaterThan(0.99);
    expect(findCrossing(around(falling, 0.03, 4), around(flat, 0.03, 3), sizes, key(1)).crossing!.direction).toBe(-1);
  });

  it("is not found among noise, nor where one is always better", () => {
    expect(findCrossing(around(flat, 0.05, 5), around(flat, 0.05, 600), sizes, key(1)).crossing).toBeUndefined();
    const lower = flat.map((mean) => mean - 0.1);
    expect(findCrossing(around(lower, 0.01, 7), around(flat, 0.01, 8), sizes, key(1))).toEqual({ better: 1 });
    expect(findCrossing(around(flat, 0.01, 7), around(lower, 0.01, 8), sizes, key(1))).toEqual({ better: -1 });
    const same = around(flat, 0.01, 7);
    expect(findCrossing(same, same, sizes, key(1))).toEqual({ better: 0 });
  });

  it("bands are Student t intervals", () => {
    const { mean, low, high } = bandOf([[1], [2], [4]]);
    expect(mean[0]).toBeCloseTo(7 / 3, 12);
    const half = (4.302652729911275 * Math.sqrt(7 / 3)) / Math.sqrt(3); // scipy.stats.t.ppf(0.975, 2)
    expect(high[0]! - mean[0]!).toBeCloseTo(half, 9);
    expect(mean[0]! - low[0]!).toBeCloseTo(half, 9);
  });
});

describe("learning curves", () => {
  const columns: Column[] = [
    ...["a", "b", "c", "d"].map((name): Column => ({ name, kind: "real" })),
    { name: "class", kind: "categorical", levels: ["no", "yes"] },
  ];
  /** Columns that hang together beyond the class: logistic regression has the truth in its reach, naive Bayes has not. */
  const rows = Array.from({ length: 500 }, (_, n) => {
    const z = normal(key(900 + n), [5]).data;
    const y = Number(uniform(key(5000 + n), [1]).data[0]! < 0.5);
    const shared = 1.5 * z[4]!;
    return [shared + z[0]! * 0.5 + y, shared + z[1]! * 0.5, shared + z[2]! * 0.5, z[3]! + 0.8 * y, y];
  });
  const data = tableData(columns, rowsOf(rows));
  const learner = (name: "naive-bayes" | "logistic-regression"): Learner => {
    const entry = name === "naive-bayes" ? naiveBayesEntry : logisticRegressionEntry;
    const { training } = entry.presets.small!;
    return { name, model: entry.make({}, data.dataset.spec) as Learner["model"], training };
  };
  const options = { repetitions: 6, seed: 1, runtime: referenceRuntime(), sizes: [6, 20, 80, 300], resplit: 0.3 };

  it("of naive Bayes and logistic regression fall, the same at every call, and logistic regression ends ahead", async () => {
    const learners = [learner("naive-bayes"), learner("logistic-regression")];
    const curves = await learningCurves(learners, data, options);
    expect(curves.testRows).toBe(450); // of three splits of 500 rows
    expect(curves.models.map(({ name }) => name)).toEqual(["naive-bayes", "logistic-regression"]);
    for (const { error, logLoss } of curves.models) {
      expect(error.mean[3]).toBeLessThan(error.mean[0]!);
      expect(logLoss.mean[3]).toBeLessThan(logLoss.mean[0]!);
    }
    const [bayes, logistic] = curves.models;
    expect(logistic!.error.high[3]).toBeLessThan(bayes!.error.low[3]!);
    expect(curves.crossings.map(({ figure }) => figure)).toEqual(["error", "logLoss"]);
    const alone = await learningCurves([learner("naive-bayes")], data, options);
    expect(alone.models[0]).toEqual(bayes);
    expect(alone.crossings).toEqual([]);
  });

  it("on the test split have no spread where all repetitions have all rows", async () => {
    const { models } = await learningCurves([learner("naive-bayes")], data, {
      repetitions: 2,
      seed: 1,
      runtime: referenceRuntime(),
      sizes: [10, 500],
    });
    expect(models[0]!.error.high[1]).toBeCloseTo(models[0]!.error.low[1]!, 12);
  });

  it("need a target, two repetitions, and say which model failed on how many rows", async () => {
    const one = { ...options, repetitions: 1 };
    await expect(learningCurves([learner("naive-bayes")], data, one)).rejects.toThrow("two repetitions or more");
    const { target: _, classes: __, ...spec } = data.dataset.spec;
    const untold = { ...data, dataset: { ...data.dataset, spec } };
    await expect(learningCurves([learner("naive-bayes")], untold, options)).rejects.toThrow("--target");
    const free = logisticRegressionEntry.make({ penalty: "none" }, data.dataset.spec) as Learner["model"];
    await expect(learningCurves([{ ...learner("logistic-regression"), model: free }], data, options)).rejects.toThrow(
      /^logistic-regression on 6 rows: The inputs separate/,
    );
  });
});
