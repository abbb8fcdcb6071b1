import { describe, expect, it } from "vitest";
import { rowsOf, tableData } from "../../../tests/support/tables.ts";
import { allEvents, bits, ofType } from "../../../tests/support/tiny.ts";
import { full, type HostArray } from "../../base/host.ts";
import { namedLeaves } from "../../base/tree.ts";
import type { Column } from "../../data/table/types.ts";
import { key, normal } from "../../random/index.ts";
import { referenceRuntime } from "../../runtime/index.ts";
import { decodeState, encodeState, type TrainState } from "../../training/index.ts";
import { bind } from "../bound.ts";
import type { AnyModel, Capabilities, DirectGiven, DirectLearning, DirectStep } from "../contract.ts";
import { categoricalMixtureEntry, gaussianMixtureEntry } from "./mixture.ts";

const columns: Column[] = [
  { name: "a", kind: "real" },
  { name: "b", kind: "real" },
  { name: "c", kind: "categorical", levels: ["x", "y"] },
];
const z = normal(key(9), [120, 2]).data;
const rows = Array.from({ length: 120 }, (_, n) => [z[2 * n]! + 5 * (n % 2), n % 9 ? z[2 * n + 1]! : null, n % 2]);
const x = rowsOf(rows);
const table = tableData(columns, x);
const examples = { count: 120, read: async (start: number, end: number) => rowsOf(rows.slice(start, end)) };
const runtime = referenceRuntime();

/** What a fit tells from the beginning on, or from where it was stopped. */
async function told({ learning }: AnyModel, resume?: DirectGiven["resume"]): Promise<DirectStep[]> {
  const all: DirectStep[] = [];
  const given = { train: examples, valid: examples, key: key(4), runtime, ...(resume ? { resume } : {}) };
  for await (const step of (learning as DirectLearning).fit(given)) all.push(step);
  return all;
}

/** Where a fit stood, as its checkpoint gives it back. */
function checkpointed({ params, state }: DirectStep, step: number): NonNullable<DirectGiven["resume"]> {
  const whole: TrainState = {
    ...{ params, optimizer: state!, step, key: key(0), stale: 0, seconds: 0 },
    cursor: { epoch: step, position: 0 },
  };
  const read = decodeState(encodeState(whole, "m"), { params: {}, optimizer: {} }, "m", "a file", "names");
  return { step, params: read.params, state: read.optimizer };
}

/** Leaves by name, whatever order they stand in. */
const leavesOf = ({ params, state }: DirectStep) =>
  namedLeaves<HostArray>({ params, state })
    .map(({ path, leaf }) => `${path} ${bits(leaf)}`)
    .sort();

const cases = [
  ["EM with four starts", gaussianMixtureEntry, { components: 3, starts: 4, iterations: 8, tolerance: 1e-3 }],
  ["one start", gaussianMixtureEntry, { components: 2, starts: 1, iterations: 4, tolerance: 0 }],
  ["variational Bayes", gaussianMixtureEntry, { components: 3, starts: 2, iterations: 5, inference: "variational" }],
  ["a choice by BIC", gaussianMixtureEntry, { components: 3, starts: 2, iterations: 5, select: "bic" }],
  [
    "a choice by validation",
    categoricalMixtureEntry,
    { components: 2, starts: 2, iterations: 4, select: "validation" },
  ],
] as const;

describe("a fit of a mixture", () => {
  it.each(cases)(
    "stopped anywhere, in its starts too, and resumed tells what one that never stopped does, bit for bit: %s",
    async (_, entry, options) => {
      const model = entry.make(entry.options.parse(options), table.dataset.spec);
      const whole = await told(model);
      expect(whole.filter(({ partial }) => partial).length).toBeGreaterThan(options.starts);
      let step = 0;
      for (const [at, place] of whole.entries()) {
        if (!place.partial) step++;
        const rest = await told(model, checkpointed(place, step));
        expect(rest.length).toBe(whole.length - at - 1);
        expect(rest.map(leavesOf)).toEqual(whole.slice(at + 1).map(leavesOf));
        expect(rest.map(({ metrics }) => metrics)).toEqual(whole.slice(at + 1).map(({ metrics }) => metrics));
      }
    },
  );

  it("has all rounds of all starts within its first step", async () => {
    const model = gaussianMixtureEntry.make({ components: 3, starts: 4, iterations: 1 }, table.dataset.spec);
    const whole = await told(model);
    expect(whole.map(({ partial }) => partial === true)).toEqual([...new Array<boolean>(4 * 11).fill(true), false]);
    const done = whole.map((each) => each.done!);
    expect(done).toEqual([...done].sort((a, b) => a - b));
  });

  it("by selection tells the criterion of each number of components beside the loss, and what it chose", async () => {
    const model = gaussianMixtureEntry.make({ components: 4, select: "bic" }, table.dataset.spec);
    const events = await allEvents(model, table, { batchSize: 100, validateEvery: 10 }, { seed: 1, runtime });
    const steps = ofType(events, "progress").filter(({ partial }) => !partial);
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    const bics = steps.map(({ metrics }) => metrics.bic!);
    const best = bics.indexOf(Math.min(...bics)) + 1;
    expect(steps.at(-1)!.metrics.components).toBe(best);
    const { params } = ofType(events, "checkpoint").at(-1)!.state;
    const { nats } = await (model as unknown as Capabilities).logProb(bind(runtime, params), x, { key: key(0) });
    const total = nats.reduce((a, b) => a + b, 0);
    expect(steps.at(-1)!.metrics.loss).toBeCloseTo(-total / 120, 12);
    const free = best - 1 + best * (2 + 3 + 1);
    expect(model.freeParameters!(params)).toBe(free);
    expect(bics[best - 1]).toBeCloseTo(-2 * total + free * Math.log(120), 9);
    expect(ofType(events, "start")[0]!.parameters).toBe(0);
    const end = ofType(events, "end")[0]!;
    expect(end.outcome).toEqual({
      text: `${best} components, BIC ${bics[best - 1]!.toFixed(1)}`,
      figures: { components: best, bic: bics[best - 1] },
    });
    expect(end.message).toBe(`Fitted in 4 steps: ${end.outcome!.text}.`);
  });

  it("without selection says what BIC and AIC its last parameters have", async () => {
    const model = gaussianMixtureEntry.make({ components: 2 }, table.dataset.spec);
    const last = (await told(model)).at(-1)!;
    const { nats } = await (model as unknown as Capabilities).logProb(bind(runtime, last.params), x, { key: key(0) });
    const total = nats.reduce((a, b) => a + b, 0);
    expect(last.outcome!.figures.bic).toBeCloseTo(-2 * total + 13 * Math.log(120), 9);
    expect(last.outcome!.figures.aic).toBeCloseTo(-2 * total + 26, 9);
  });
});

describe("what a mixture has learnt", () => {
  it("is told as weights, means and deviations, rates and probabilities of levels", () => {
    const own: Column[] = [...columns, { name: "d", kind: "count" }];
    const model = categoricalMixtureEntry.make({ components: 2 }, { shape: [4], values: "table", columns: own });
    const array = (shape: number[], ...values: number[]) => {
      const made = full("float64", shape, 0);
      made.data.set(values);
      return made;
    };
    const params = {
      weights: array([2], 0.25, 0.75),
      means: array([2, 2], 1, 2, 3, 4),
      covariances: array([2, 2], 4, 9, 16, 25),
      levels: [array([2, 2], 0.1, 0.9, 0.3, 0.7)],
      rates: array([2, 1], 5, 6),
    };
    const tables = model.learnt!(params);
    expect(tables.map(({ title, rows }) => [title, rows])).toEqual([
      ["Components", [["weight", 0.25, 0.75]]],
      [
        "Numbers",
        [
          ["a, mean", 1, 3],
          ["a, standard deviation", 2, 4],
          ["b, mean", 2, 4],
          ["b, standard deviation", 3, 5],
        ],
      ],
      ["Counts", [["d", 5, 6]]],
      [
        "Levels",
        [
          ["c = x", 0.1, 0.3],
          ["c = y", 0.9, 0.7],
        ],
      ],
    ]);
    for (const { head, rows } of tables) for (const row of rows) expect(row.length).toBe(head.length);
    expect(model.freeParameters!(params)).toBe(1 + 2 * (2 + 2 + 1 + 1));
  });

  it("takes standard deviations from every kind of covariances", () => {
    const spec = { shape: [2], values: "table" as const, columns: columns.slice(0, 2) };
    const array = (shape: number[], ...values: number[]) => {
      const made = full("float64", shape, 0);
      made.data.set(values);
      return made;
    };
    const kinds = {
      full: array([2, 2, 2], 1, 0.5, 0.5, 4, 9, 1, 1, 16),
      tied: array([2, 2], 1, 0.5, 0.5, 4),
      diagonal: array([2, 2], 1, 4, 9, 16),
      spherical: array([2], 1, 9),
    };
    const expected = { full: [1, 3, 2, 4], tied: [1, 1, 2, 2], diagonal: [1, 3, 2, 4], spherical: [1, 3, 1, 3] };
    for (const covariance of ["full", "tied", "diagonal", "spherical"] as const) {
      const model = gaussianMixtureEntry.make({ components: 2, covariance }, spec);
      const params = { weights: array([2], 0.5, 0.5), means: array([2, 2]), covariances: kinds[covariance] };
      const deviations = model.learnt!(params)[1]!.rows.filter(([name]) => name.endsWith("deviation"));
      expect(deviations.flatMap(([, ...cells]) => cells)).toEqual(expected[covariance]);
    }
  });
});
