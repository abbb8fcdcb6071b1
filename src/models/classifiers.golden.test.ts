import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { dataFolder, needsData } from "../../tests/support/data.ts";
import { fittedTo } from "../../tests/support/tables.ts";
import { HostArray } from "../base/host.ts";
import { readTableFiles } from "../data/table/read.node.ts";
import { cellsOf } from "../data/table/rows.ts";
import type { Wishes } from "../data/table/wishes.ts";
import type { DataSpec, Split } from "../data/types.ts";
import { key } from "../random/index.ts";
import { type Capabilities, can, type ModelEntry } from "./contract.ts";
import { logisticRegressionEntry } from "./logistic-regression/logistic-regression.ts";
import type { LogisticParams } from "./logistic-regression/steps.ts";
import { naiveBayesEntry } from "./naive-bayes/naive-bayes.ts";

/** What scikit-learn found; scripts/golden/classifiers.py made it, the expression is beside each. */
interface Golden {
  readonly expression: string;
  readonly rows: readonly number[];
  readonly probabilities: readonly (readonly number[])[];
  readonly accuracy: number;
  readonly logLoss: number | null;
  readonly joint?: readonly (readonly number[])[];
  readonly weight?: readonly number[];
  readonly bias?: readonly number[];
}

const golden = JSON.parse(
  readFileSync(new URL("../../tests/golden/classifiers.json", import.meta.url), "utf8"),
) as Record<
  "gaussian" | "multinomial" | "complement" | "bernoulli" | "categorical" | "logistic" | "lasso",
  Record<string, Golden>
>;

/** A set: its training file and, where it has one, its test file; the number of its target, and columns to leave out. */
const sets: Readonly<Record<string, { files: string[]; target: number; drop?: string[]; names?: true }>> = {
  iris: { files: ["iris.csv"], target: 5 },
  wine: { files: ["wine.csv"], target: 14 },
  wdbc: { files: ["wdbc.data"], target: 2, drop: ["1"] },
  spambase: { files: ["spambase.data"], target: 58 },
  optdigits: { files: ["optdigits.tra", "optdigits.tes"], target: 65 },
  "breast-cancer": { files: ["breast-cancer.csv"], target: 10, names: true },
};

/** All rows of a set (those without gaps) as training rows; as test rows those of its second file, if any. */
async function world(name: string, kind: "real" | "count") {
  const { files, target, drop, names } = sets[name]!;
  const columns: Wishes = names ? {} : { "*": { kind }, [String(target)]: { kind: "categorical" } };
  const paths = files.map((file) => path.join(dataFolder!, "uci", file));
  const read = await readTableFiles(paths, { header: false, columns, target: String(target), drop: drop ?? [] });
  const { table, counts } = read;
  const whole = Array.from({ length: table.count }, (_, n) => n).filter(
    (n) => !table.missing.some((gaps) => gaps?.[n]),
  );
  const [first] = counts as [number];
  const train = whole.filter((n) => n < first);
  const test = files.length > 1 ? whole.filter((n) => n >= first) : train;
  const split = (rows: number[]): Split => ({ count: rows.length, x: cellsOf(table, rows) });
  const spec: DataSpec = {
    shape: [table.columns.length],
    values: "table",
    columns: table.columns,
    target: read.target!,
    classes: table.columns[read.target!]!.levels!,
  };
  const few = split(test.slice(0, 1));
  const splits = { train: split(train), valid: few, test: split(test) };
  const x = new HostArray("float64", [test.length, table.columns.length], Float64Array.from(splits.test.x));
  return { data: { dataset: { name, spec, splits, protocol: "", hash: "" }, encoding: {} }, test: x };
}

/** The largest difference of two lists, relative to the size of numbers above one. */
function difference(found: ArrayLike<number>, expected: readonly number[]): number {
  expect(found.length).toBe(expected.length);
  return expected.reduce(
    (most, value, i) => Math.max(most, Math.abs(found[i]! - value) / Math.max(1, Math.abs(value))),
    0,
  );
}

/** Intercepts of a softmax are known up to a number added to all. */
function aroundMean(bias: ArrayLike<number>): number[] {
  const list = Array.from(bias);
  const mean = list.reduce((a, b) => a + b, 0) / list.length;
  return list.length === 1 ? list : list.map((value) => value - mean);
}

async function compared(entry: ModelEntry, set: string, kind: "real" | "count", options: object, expected: Golden) {
  const { data, test } = await world(set, kind);
  const { model, on } = await fittedTo(entry, data, options as Readonly<Record<string, unknown>>);
  const { spec } = data.dataset;
  const [width, classes] = [spec.columns!.length, spec.classes!.length];
  const { data: logs } = await (model as unknown as Capabilities).classify(on, test, { key: key(0) });
  const shares = logs.map(Math.exp);
  let [right, nats] = [0, 0];
  for (let n = 0; n < test.shape[0]!; n++) {
    const row = logs.subarray(n * classes, (n + 1) * classes);
    const truth = test.data[n * width + spec.target!]!;
    if (row.indexOf(Math.max(...row)) === truth) right++;
    nats -= row[truth]! / test.shape[0]!;
  }
  const own = expected.rows.flatMap((n) => [...shares.subarray(n * classes, (n + 1) * classes)]);
  const found: Record<string, number> = {
    probabilities: difference(own, expected.probabilities.flat()),
    accuracy: Math.abs(right / test.shape[0]! - expected.accuracy),
  };
  if (expected.logLoss !== null) found.logLoss = Math.abs(nats / expected.logLoss - 1);
  if (can(model, "logProb") && expected.joint) {
    const said = expected.rows.flatMap((n) =>
      spec.classes!.flatMap((_, y) =>
        [...test.data.subarray(n * width, (n + 1) * width)].map((value, i) => (i === spec.target ? y : value)),
      ),
    );
    const x = new HostArray("float64", [said.length / width, width], Float64Array.from(said));
    const { nats: joint } = await model.logProb(on, x, { key: key(0) });
    const level = expected.joint.flat();
    found.joint = difference(joint, level);
  }
  if (expected.weight) {
    const { weight, bias } = on.params as unknown as LogisticParams;
    found.weights = difference(weight.data, expected.weight);
    found.intercepts = difference(aroundMean(bias.data), aroundMean(expected.bias!));
  }
  return found;
}

const close = (found: Record<string, number>, tolerance: number) => {
  for (const [what, value] of Object.entries(found)) expect(value, what).toBeLessThan(tolerance);
};

describe.skipIf(dataFolder === undefined)(`naive Bayes is scikit-learn's to 1e-9${needsData}`, () => {
  it.each([
    ["gaussian", "iris", "real", {}],
    ["gaussian", "wine", "real", {}],
    ["gaussian", "wdbc", "real", {}],
    ["gaussian", "spambase", "real", { fitPrior: false, varSmoothing: 1e-6 }],
    ["gaussian", "optdigits", "real", { varSmoothing: 1e-3 }],
    ["bernoulli", "spambase", "real", {}],
    ["bernoulli", "optdigits", "count", { alpha: 0.1, threshold: 7 }],
    ["categorical", "breast-cancer", "real", { alpha: 0.7, fitPrior: false }],
    ["multinomial", "spambase", "real", {}],
    ["complement", "optdigits", "count", {}],
  ] as const)("%s on %s", async (likelihood, set, kind, options) => {
    close(await compared(naiveBayesEntry, set, kind, { likelihood, ...options }, golden[likelihood][set]!), 1e-9);
  });

  it("normed complement on optdigits", async () => {
    const options = { likelihood: "complement", alpha: 0.3, norm: true };
    close(await compared(naiveBayesEntry, "optdigits", "count", options, golden.complement.normed!), 1e-9);
  });

  it("multinomial on optdigits; densities also count how long rows are", async () => {
    const options = { likelihood: "multinomial", alpha: 0.5 };
    const { joint, ...rest } = await compared(
      naiveBayesEntry,
      "optdigits",
      "count",
      options,
      golden.multinomial.optdigits!,
    );
    close(rest, 1e-9);
    expect(joint).toBeGreaterThan(0);
  });
});

describe.skipIf(dataFolder === undefined)(`logistic regression is scikit-learn's to 1e-6${needsData}`, () => {
  it.each([
    ["logistic", "iris", { standardize: false }],
    ["logistic", "wine", { C: 10 }],
    ["logistic", "wdbc", {}],
    ["logistic", "spambase", { C: 0.3 }],
    ["logistic", "optdigits", { C: 0.01 }],
    ["logistic", "breast-cancer", { C: 2 }],
    ["lasso", "wdbc", { penalty: "l1" }],
    ["lasso", "iris", { penalty: "l1", C: 0.5 }],
    ["lasso", "breast-cancer", { penalty: "l1", C: 0.4 }],
  ] as const)("%s on %s", async (which, set, options) => {
    close(
      await compared(logisticRegressionEntry, set, "real", { tolerance: 1e-10, ...options }, golden[which][set]!),
      1e-6,
    );
  });
});
