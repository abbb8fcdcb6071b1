import { describe, expect, it } from "vitest";
import { finiteDifferences } from "../../../tests/support/statistics.ts";
import { fittedTo, rowsOf, tableData } from "../../../tests/support/tables.ts";
import { allEvents, ofType } from "../../../tests/support/tiny.ts";
import type { HostArray } from "../../base/host.ts";
import type { Column } from "../../data/table/types.ts";
import { key, normal } from "../../random/index.ts";
import { referenceRuntime } from "../../runtime/index.ts";
import { type Capabilities, can, capabilityNames } from "../contract.ts";
import { logisticRegressionEntry } from "./logistic-regression.ts";
import { logisticLoss } from "./loss.ts";
import type { LogisticParams } from "./steps.ts";

const real = (name: string): Column => ({ name, kind: "real" });
const target: Column = { name: "class", kind: "categorical", levels: ["no", "yes"] };
const three: Column = { name: "class", kind: "categorical", levels: ["a", "b", "c"] };
const columns = [real("x"), real("y"), target];
const use = { key: key(1) };
type Rows = readonly (readonly (number | null)[])[];

/** Two clouds that overlap, far from the origin and of different widths. */
function clouds(count: number, classes = 2): number[][] {
  const z = normal(key(5), [count, 2]).data;
  return Array.from({ length: count }, (_, n) => {
    const y = n % classes;
    return [100 + 3 * z[2 * n]! + 2 * y, 0.1 * z[2 * n + 1]! - 0.05 * y, y];
  });
}

const learned = (list: readonly Column[], rows: Rows, options = {}) =>
  fittedTo(logisticRegressionEntry, tableData(list, rowsOf(rows)), options);
const paramsOf = ({ on }: Awaited<ReturnType<typeof learned>>) => on.params as unknown as LogisticParams;
const shares = async ({ model, on }: Awaited<ReturnType<typeof learned>>, rows: Rows) =>
  (await (model as unknown as Capabilities).classify(on, rowsOf(rows) as HostArray<"float64">, use)).data.map(Math.exp);

describe("the logistic loss", () => {
  it.each([
    ["two classes", 1],
    ["four classes", 4],
  ])("of %s has the gradient of finite differences, far out too", (_, outputs) => {
    const features = 3;
    const x = Float64Array.from(normal(key(2), [12, features]).data);
    const labels = Uint16Array.from({ length: 12 }, (__, n) => n % Math.max(2, outputs));
    const { objective } = logisticLoss({ x, labels, features, outputs, ridge: Float64Array.of(0.1, 0, 2) });
    const size = (features + 1) * outputs;
    for (const scale of [0.5, 8]) {
      const point = Array.from(normal(key(3), [size]).data, (z) => scale * z);
      const gradient = new Float64Array(size);
      objective(Float64Array.from(point), gradient);
      const at = (moved: readonly number[]) => objective(Float64Array.from(moved), new Float64Array(size));
      const expected = finiteDifferences(at, point);
      for (let i = 0; i < size; i++) expect(gradient[i]).toBeCloseTo(expected[i]!, 6);
    }
  });

  it("of two classes is that of a softmax of two, and stays finite at any distance", () => {
    const problem = { x: Float64Array.of(2, -1), labels: Uint16Array.of(1, 0), features: 1 };
    const one = logisticLoss({ ...problem, outputs: 1 }).objective(Float64Array.of(0.7, 0.2), new Float64Array(2));
    const two = logisticLoss({ ...problem, outputs: 2 }).objective(
      Float64Array.of(0, 0.7, 0, 0.2),
      new Float64Array(4),
    );
    expect(one).toBeCloseTo(two, 14);
    const far = new Float64Array(2);
    expect(logisticLoss({ ...problem, outputs: 1 }).objective(Float64Array.of(-1e6, 0), far)).toBeCloseTo(1.5e6, 3);
    expect([...far].every(Number.isFinite)).toBe(true);
  });
});

describe("logistic regression", () => {
  it("classifies and can do nothing else", async () => {
    const { model } = await learned(columns, clouds(20));
    expect(capabilityNames.filter((name) => can(model, name))).toEqual(["classify"]);
  });

  it("is at the minimum of the penalised problem in the units asked for", async () => {
    const rows = clouds(60);
    for (const standardize of [true, false]) {
      const { weight, bias } = paramsOf(await learned(columns, rows, { C: 0.5, standardize, tolerance: 1e-11 }));
      const deviation = [0, 1].map((i) => {
        const values = rows.map((row) => row[i]!);
        const mean = values.reduce((a, b) => a + b, 0) / 60;
        return standardize ? Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 60) : 1;
      });
      const slopes = [0, 0, 0];
      for (const [a, b, y] of rows as [number, number, number][]) {
        const z = a * weight.data[0]! + b * weight.data[1]! + bias.data[0]!;
        const miss = 1 / (1 + Math.exp(-z)) - y;
        [a, b, 1].forEach((value, i) => {
          slopes[i]! += 0.5 * miss * value;
        });
      }
      expect(slopes[0]! + weight.data[0]! * deviation[0]! ** 2).toBeCloseTo(0, 6);
      expect(slopes[1]! + weight.data[1]! * deviation[1]! ** 2).toBeCloseTo(0, 6);
      expect(slopes[2]).toBeCloseTo(0, 8);
    }
  });

  it("takes a gap as the mean of the column, and a constant column as nothing", async () => {
    const rows = clouds(30).map(([x, y, c], n) => [n % 5 === 0 ? null : x!, y!, 7, c!]);
    const fitted = await learned([real("x"), real("y"), real("seven"), target], rows);
    const mean = paramsOf(fitted).mean.data[0]!;
    expect(paramsOf(fitted).weight.data[2]).toBe(0);
    const [gap, filled] = [await shares(fitted, [[null, 0.1, 7, null]]), await shares(fitted, [[mean, 0.1, 7, null]])];
    expect(gap).toEqual(filled);
  });

  it("gives a 0 or 1 to each level, one in all to two levels, and leaves out classes without rows", async () => {
    const names = (name: string, ...levels: string[]): Column => ({ name, kind: "categorical", levels });
    const rows = Array.from({ length: 40 }, (_, n) => [n % 3, Math.floor(n / 3) % 2, n % 7 < 3 ? 0 : 2]);
    const fitted = await learned([names("size", "s", "m", "l"), names("hot", "no", "yes"), three], rows);
    expect(paramsOf(fitted).weight.shape).toEqual([4, 3]);
    const found = await shares(fitted, [[0, 1, null]]);
    expect(found[1]).toBe(0);
    expect(found[0]! + found[2]!).toBeCloseTo(1, 14);
  });

  it("has coefficients of exactly zero under a strong L1 penalty, none under a weak one", async () => {
    const rows = clouds(60).map(([x, y, c], n) => [x!, y!, Math.sin(9 * n), c!]);
    const list = [real("x"), real("y"), real("noise"), target];
    const [strong, weak] = await Promise.all([0.05, 50].map((C) => learned(list, rows, { penalty: "l1", C })));
    expect([...paramsOf(strong!).weight.data].filter((w) => w === 0).length).toBeGreaterThan(0);
    expect([...paramsOf(weak!).weight.data].every((w) => w !== 0)).toBe(true);
  });

  it.each(["l2", "l1"])("stopped and resumed gives the numbers of a fit that never stopped (%s)", async (penalty) => {
    const data = tableData([real("x"), real("y"), three], rowsOf(clouds(45, 3)));
    const model = logisticRegressionEntry.make({ penalty }, data.dataset.spec);
    const { training } = logisticRegressionEntry.presets.small!;
    const options = { seed: 1, runtime: referenceRuntime() };
    const last = async (steps: number | undefined, more = {}) =>
      ofType(
        await allEvents(model, data, { ...training, ...(steps ? { steps } : {}) }, { ...options, ...more }),
        "checkpoint",
      ).at(-1)!.state;
    const whole = await last(undefined);
    const resumed = await last(undefined, { resume: await last(4) });
    expect(resumed.step).toBe(whole.step);
    expect(resumed.params).toEqual(whole.params);
  });

  it.each([
    [
      "perfectly",
      [
        [1, 0],
        [2, 0],
        [3, 1],
        [4, 1],
      ],
      'separate the classes of "class" perfectly',
    ],
    [
      "in part",
      [
        [0, 0],
        [0, 1],
        [0, 0],
        [0, 1],
        [1, 1],
        [1, 1],
      ],
      'separate some rows of a class of "class" perfectly',
    ],
  ] as const)(
    "says that coefficients grow without bound where inputs separate classes %s",
    async (_, rows, sentence) => {
      await expect(learned([real("x"), target], rows, { penalty: "none" })).rejects.toThrow(sentence);
      await learned([real("x"), target], rows);
    },
  );

  it("converges without a penalty where classes overlap", async () => {
    const rows = clouds(60);
    const fitted = await learned(columns, rows, { penalty: "none" });
    const found = await shares(fitted, rows);
    const mean = rows.reduce((sum, _, n) => sum + found[2 * n + 1]!, 0) / 60;
    expect(mean).toBeCloseTo(0.5, 7);
  });

  it.each([
    [
      "one class in the data",
      [real("x"), { ...target, levels: ["no"] }],
      [[1, 0]],
      'the target "class" has one value only, no.',
    ],
    [
      "one class in training",
      [real("x"), target],
      [
        [1, 0],
        [2, 0],
      ],
      'the training rows all have "class" = no.',
    ],
    [
      "a column without a value",
      [real("x"), real("y"), target],
      [
        [1, null, 0],
        [2, null, 1],
      ],
      'The column "y" has no value in the training rows',
    ],
    ["nothing to learn from", [target], [[0], [1]], "needs columns beside the target"],
    [
      "numbers as a target",
      [real("x"), real("y")],
      [
        [0, 1],
        [1, 2],
      ],
      'predicts classes, and the target "y" is real',
    ],
  ] as const)("says in one sentence what cannot be learned: %s", async (_, list, rows, sentence) => {
    await expect(async () => learned(list as readonly Column[], rows)).rejects.toThrow(sentence);
  });
});
