import { SampoError, UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import type { Dataset, Split } from "../../data/types.ts";
import { bind } from "../../models/bound.ts";
import type { AnyModel, Capabilities, Params, TrainingConfig } from "../../models/contract.ts";
import { fold, type Key, key as keyOf } from "../../random/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type TrainingData, train } from "../../training/index.ts";
import { type Band, bandOf, type CrossingFound, findCrossing } from "./crossing.ts";
import { checkSizes, curveSizes, drawnTest, nestedOrder } from "./subsets.ts";

/** A model that takes part, and how it is trained. */
export interface Learner {
  readonly name: string;
  readonly model: AnyModel & Pick<Capabilities, "classify">;
  readonly training: TrainingConfig;
}

/** How learning curves are made. */
export interface LearningCurveOptions {
  /** Numbers of training rows; 10 of them up to all when left out. */
  readonly sizes?: readonly number[];
  /** Random orders of the training rows whose beginnings are the subsets. */
  readonly repetitions: number;
  readonly seed: number;
  readonly runtime: Runtime;
  /** Share of all rows that each repetition draws anew to test on; when left out all test on the test split. */
  readonly resplit?: number;
  readonly progress?: (fraction: number, what: string) => void;
  readonly signal?: AbortSignal;
}

/** One model's curves: share of wrong classes, and mean −log p(true class | inputs) in nats. */
export interface LearnedCurve {
  readonly name: string;
  readonly error: Band;
  readonly logLoss: Band;
}

/** Two models' crossing by one figure. */
export interface PairCrossing extends CrossingFound {
  readonly first: string;
  readonly second: string;
  readonly figure: "error" | "logLoss";
}

/** Learning curves of several models on the same subsets and the same test rows. */
export interface LearningCurves {
  readonly target: string;
  readonly sizes: readonly number[];
  readonly repetitions: number;
  readonly testRows: number;
  /** Whether every repetition has test rows of its own. */
  readonly resplit: boolean;
  readonly models: readonly LearnedCurve[];
  readonly crossings: readonly PairCrossing[];
}

/** Probabilities below this count as this in log-losses, as in scikit-learn's `log_loss`. */
export const SMALLEST = Number.EPSILON;
const SIZES = 10;

type Figures = { readonly error: number[][]; readonly logLoss: number[][] };

/**
 * Trains every model on nested random subsets of growing size, the same for all, and measures it on the same test rows:
 * figure 1 of Ng & Jordan (2001), "On discriminative vs. generative classifiers".
 */
export async function learningCurves(
  learners: readonly Learner[],
  { dataset }: TrainingData,
  options: LearningCurveOptions,
): Promise<LearningCurves> {
  const { repetitions, resplit } = options;
  const { classes, target, columns } = dataset.spec;
  if (!classes || target === undefined || !columns)
    throw new UsageError("A learning curve needs a target column with classes: name it with --target.");
  if (repetitions < 2) throw new UsageError("A learning curve with a confidence band needs two repetitions or more.");
  const rounds = Array.from({ length: repetitions }, (_, r) => roundOf(dataset, r, options));
  const least = rounds.reduce((most, { order }) => Math.min(most, order.length), Number.POSITIVE_INFINITY);
  const sizes = options.sizes ?? curveSizes(least, classes.length, SIZES);
  checkSizes(sizes, least, classes.length);
  const figures = learners.map((): Figures => ({ error: [], logLoss: [] }));
  for (const [r, { pool, order, test }] of rounds.entries()) {
    for (const one of figures) for (const list of [one.error, one.logLoss]) list.push([]);
    for (const [s, size] of sizes.entries()) {
      const split = picked(pool, order.subarray(0, size), columns.length);
      for (const [i, learner] of learners.entries()) {
        options.progress?.((r * sizes.length + s) / (repetitions * sizes.length), `${learner.name} on ${size} rows`);
        const found = await measured(learner, { dataset, split, test, seed: options.seed + r }, options);
        figures[i]!.error[r]!.push(found.error);
        figures[i]!.logLoss[r]!.push(found.logLoss);
      }
    }
  }
  const models = learners.map(({ name }, i) => ({
    name,
    error: bandOf(figures[i]!.error),
    logLoss: bandOf(figures[i]!.logLoss),
  }));
  const crossings = pairs(learners.length).flatMap(([a, b]) =>
    (["error", "logLoss"] as const).map((figure) => ({
      first: learners[a]!.name,
      second: learners[b]!.name,
      figure,
      ...findCrossing(figures[a]![figure], figures[b]![figure], sizes, fold(keyOf(options.seed), "bootstrap")),
    })),
  );
  return {
    target: columns[target]!.name,
    sizes,
    repetitions,
    testRows: rounds[0]!.test.shape[0]!,
    resplit: resplit !== undefined,
    models,
    crossings,
  };
}

const pairs = (count: number): [number, number][] =>
  Array.from({ length: count }, (_, a) => a).flatMap((a) =>
    Array.from({ length: count - a - 1 }, (_, i): [number, number] => [a, a + 1 + i]),
  );

/** The rows of one repetition: where subsets are taken from, in which order, and what is tested on. */
function roundOf({ spec, splits }: Dataset, r: number, { seed, resplit }: LearningCurveOptions) {
  if (splits.train.stored)
    throw new UsageError(
      "Learning curves draw subsets of rows in memory, and this table is too large for it: take --random-rows 100000, say.",
    );
  const random: Key = fold(fold(keyOf(seed), "learning-curve"), r);
  const width = spec.columns!.length;
  const labelled = (split: Split) =>
    Int32Array.from({ length: split.count }, (_, n) => {
      const level = split.x[n * width + spec.target!]!;
      return Number.isNaN(level) ? -1 : level;
    });
  let [pool, rows, held] = [splits.train, undefined as Uint32Array | undefined, splits.test];
  if (resplit !== undefined) {
    pool = joined([splits.train, splits.valid, splits.test]);
    const { test, rest } = drawnTest(pool.count, resplit, random);
    held = picked(pool, test, width);
    rows = rest;
  }
  const labels = labelled(pool);
  if (rows) {
    const open = new Set(rows);
    for (let n = 0; n < labels.length; n++) if (!open.has(n)) labels[n] = -1;
  }
  const known = labelled(held);
  const tested = Uint32Array.from(known.keys()).filter((n) => known[n]! >= 0);
  if (tested.length === 0) throw new UsageError("No test row has a known class.");
  const { x } = picked(held, tested, width);
  const test = new HostArray("float64", [tested.length, width], Float64Array.from(x));
  return { pool, order: nestedOrder(labels, spec.classes!.length, random), test };
}

function joined(splits: readonly Split[]): Split {
  const all = new Float64Array(splits.reduce((sum, { x }) => sum + x.length, 0));
  let at = 0;
  for (const { x } of splits) {
    all.set(x, at);
    at += x.length;
  }
  return { count: splits.reduce((sum, { count }) => sum + count, 0), x: all };
}

function picked({ x }: Split, rows: Uint32Array, width: number): Split {
  const chosen = new (x.constructor as Float64ArrayConstructor)(rows.length * width);
  for (let n = 0; n < rows.length; n++)
    for (let i = 0; i < width; i++) chosen[n * width + i] = x[rows[n]! * width + i]!;
  return { count: rows.length, x: chosen };
}

interface Part {
  readonly dataset: Dataset;
  readonly split: Split;
  readonly test: HostArray<"float64">;
  readonly seed: number;
}

/** Fits a model to a subset and measures it on the test rows. */
async function measured(learner: Learner, part: Part, options: LearningCurveOptions) {
  try {
    const params = await fitted(learner, part, options);
    const { test, dataset, seed } = part;
    const { data } = await learner.model.classify(bind(options.runtime, params), test, { key: keyOf(seed) });
    return judged(data, test, dataset);
  } catch (error) {
    if (!(error instanceof SampoError)) throw error;
    throw new UsageError(`${learner.name} on ${part.split.count} rows: ${error.message}`);
  }
}

async function fitted(
  { model, training }: Learner,
  part: Part,
  { runtime, signal }: LearningCurveOptions,
): Promise<Params> {
  const { dataset, split, seed } = part;
  const { valid } = dataset.splits;
  const width = dataset.spec.columns!.length;
  const few = picked(
    valid,
    Uint32Array.from({ length: Math.min(valid.count, 200) }, (_, n) => n),
    width,
  );
  const data = { dataset: { ...dataset, splits: { ...dataset.splits, train: split, valid: few } }, encoding: {} };
  let params: Params | undefined;
  for await (const event of train(model, data, training, { seed, runtime, ...(signal ? { signal } : {}) })) {
    if (event.type === "checkpoint") params = event.state.params;
    if (event.type === "end" && event.reason === "interrupted")
      throw new SampoError("The learning curve was interrupted; nothing was written.");
  }
  return params!;
}

/** Share of wrong classes, and mean −log of the true class's probability. */
function judged(logs: Float64Array, test: HostArray<"float64">, { spec }: Dataset) {
  const classes = spec.classes!.length;
  const [count, width] = test.shape as [number, number];
  let [wrong, nats] = [0, 0];
  for (let n = 0; n < count; n++) {
    const truth = test.data[n * width + spec.target!]!;
    const row = logs.subarray(n * classes, (n + 1) * classes);
    if (row.some((log, y) => log > row[truth]! || (log === row[truth] && y < truth))) wrong++;
    nats -= Math.max(Math.log(SMALLEST), row[truth]!);
  }
  return { error: wrong / count, logLoss: nats / count };
}
