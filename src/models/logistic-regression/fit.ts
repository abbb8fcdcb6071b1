import { SampoError, UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { type Iterate, lbfgsSearch, owlqnSearch, type Pair, type SearchOptions } from "../../numeric/optimize/index.ts";
import type { DirectGiven, DirectStep, Examples, Params } from "../contract.ts";
import type { Features } from "./features.ts";
import { type Loss, logisticLoss, type Problem } from "./loss.ts";
import type { LogisticConfig } from "./options.ts";

/** What is fitted. */
export interface Fitting {
  readonly features: Features;
  readonly width: number;
  readonly target: { readonly place: number; readonly name: string; readonly classes: readonly string[] };
  readonly columnNames: readonly string[];
  readonly config: LogisticConfig;
}

/** Weights [F, K] and intercepts [K] for features as they are, and the features' means in training, which stand for gaps. */
export interface LogisticParams {
  readonly weight: HostArray<"float64">;
  readonly bias: HostArray<"float64">;
  readonly mean: HostArray<"float64">;
}

const CHUNK = 4096;
/** Most features of all rows together: what one array holds. */
const MOST = 2 ** 31;

/** The training rows as features of mean 0 and deviation 1 (those of levels stay 0 and 1), with what that took. */
interface Prepared {
  readonly x: Float64Array;
  readonly labels: Uint16Array;
  /** The classes that occur, as places among all classes. */
  readonly present: readonly number[];
  readonly mean: Float64Array;
  readonly centre: Float64Array;
  readonly scale: Float64Array;
}

async function prepared(train: Examples, fitting: Fitting): Promise<Prepared> {
  const { features, width, target } = fitting;
  const size = features.names.length;
  if (train.count * size > MOST)
    throw new UsageError(
      `logistic-regression keeps all rows in memory, and ${train.count} rows of ${size} features are too many: train on fewer with --random-rows.`,
    );
  const all = new Float64Array(train.count * size);
  const classes = new Uint16Array(train.count);
  let rows = 0;
  for (let start = 0; start < train.count; start += CHUNK) {
    const { data } = await train.read(start, Math.min(train.count, start + CHUNK));
    for (let at = 0; at < data.length; at += width) {
      const y = data[at + target.place]!;
      if (Number.isNaN(y)) continue;
      features.write(data, at, all, rows * size);
      classes[rows++] = y;
    }
  }
  const x = all.subarray(0, rows * size);
  const present = target.classes.map((_, y) => y).filter((y) => classes.subarray(0, rows).includes(y));
  if (present.length < 2)
    throw new UsageError(
      `logistic-regression tells classes apart, and the training rows ${present.length === 0 ? `have no value of "${target.name}"` : `all have "${target.name}" = ${target.classes[present[0]!]}`}.`,
    );
  const labels = classes.subarray(0, rows).map((y) => present.indexOf(y));
  return { x, labels, present, ...standardized(x, rows, fitting) };
}

/** Brings numbers to mean 0 and deviation 1 in place; gaps become the mean. */
function standardized(x: Float64Array, rows: number, { features, columnNames }: Fitting) {
  const size = features.names.length;
  const mean = new Float64Array(size);
  const centre = new Float64Array(size);
  const scale = new Float64Array(size).fill(1);
  for (let f = 0; f < size; f++) {
    let [count, at, squares] = [0, 0, 0];
    for (let n = 0; n < rows; n++) {
      const value = x[n * size + f]!;
      if (Number.isNaN(value)) continue;
      const delta = value - at;
      at += delta / ++count;
      squares += delta * (value - at);
    }
    if (count === 0)
      throw new UsageError(
        `The column "${columnNames[features.column[f]!]}" has no value in the training rows with a known class: leave it out with --drop.`,
      );
    mean[f] = at;
    if (features.numeric[f]) {
      centre[f] = at;
      const deviation = Math.sqrt(squares / count);
      scale[f] = deviation > 1e-12 * Math.abs(at) ? deviation : 1;
    }
    for (let n = 0; n < rows; n++) {
      const value = x[n * size + f]!;
      x[n * size + f] = Number.isNaN(value) ? (mean[f]! - centre[f]!) / scale[f]! : (value - centre[f]!) / scale[f]!;
    }
  }
  return { mean, centre, scale };
}

/**
 * Minimises C Σ loss + penalty by L-BFGS, with an L1 penalty by OWL-QN, telling every iteration. The search moves in features
 * of mean 0 and deviation 1, which is the same problem better conditioned; the penalty is on the coefficients of those
 * features, or of the features as they are without `standardize`. Intercepts are free.
 */
export async function* fitLogistic(fitting: Fitting, { train, resume }: DirectGiven): AsyncGenerator<DirectStep> {
  const { features, config, target } = fitting;
  const ready = await prepared(train, fitting);
  const { scale, labels, x, present } = ready;
  const size = features.names.length;
  const outputs = target.classes.length === 2 ? 1 : present.length;
  const strength = 1 / (config.C * labels.length);
  const ridge = scale.map((deviation) => (config.standardize ? strength : strength / deviation ** 2));
  const problem: Problem = {
    x,
    labels,
    features: size,
    outputs,
    ...(config.penalty === "l2" ? { ridge } : {}),
  };
  const loss = logisticLoss(problem);
  const before = resume && positionOf(resume);
  const options: SearchOptions = {
    tolerance: config.tolerance,
    iterations: Number.POSITIVE_INFINITY,
    memory: config.memory,
    ...(before ? { resume: before } : {}),
  };
  const start = before?.x ?? new Float64Array((size + 1) * outputs);
  const search =
    config.penalty === "l1"
      ? owlqnSearch(loss.objective, lassoWeights(ready, strength, outputs, config), start, options)
      : lbfgsSearch(loss.objective, start, options);
  const watch = watching(fitting, loss, problem);
  for (;;) {
    const { value: place, done } = search.next();
    if (!done || place.iteration === 0) yield told(place, ready, fitting, outputs);
    if (done) {
      if (place.reason === "line-search" && place.slope > 1e-4)
        throw new SampoError(
          `logistic-regression cannot go on: no step makes the loss smaller, at a slope of ${place.slope}.`,
        );
      watch(place, true);
      return;
    }
    watch(place, false);
  }
}

/** The threshold of each coordinate for an L1 penalty; 0 for intercepts. */
function lassoWeights({ scale }: Prepared, strength: number, outputs: number, { standardize }: LogisticConfig) {
  const weights = new Float64Array((scale.length + 1) * outputs);
  for (let i = 0; i < scale.length * outputs; i++)
    weights[i] = standardize ? strength : strength / scale[Math.floor(i / outputs)]!;
  return weights;
}

/** Throws where coefficients grow without bound: without a penalty, if the inputs tell (some) classes apart perfectly. */
function watching({ config, target }: Fitting, loss: Loss, { x, features, outputs }: Problem) {
  if (config.penalty !== "none") return () => {};
  const cure = "train with --set penalty=l2, or drop the column that tells them apart";
  let earlier: Float64Array | undefined;
  return ({ x: point, slope }: Iterate, ended: boolean) => {
    if (loss.margin() > 0)
      throw new UsageError(
        `The inputs separate the classes of "${target.name}" perfectly, so without a penalty the coefficients grow without bound: ${cure}.`,
      );
    if (slope > 100 * config.tolerance) earlier = point;
    if (!ended || !earlier) return;
    const moved = point.map((value, i) => value - earlier![i]!);
    if (largestScore(x, moved, features, outputs) > 0.5)
      throw new UsageError(
        `The inputs separate some rows of a class of "${target.name}" perfectly, so without a penalty coefficients grow without bound: ${cure}.`,
      );
  };
}

/** The largest |x·w_k + b_k| over rows and outputs. */
function largestScore(x: Float64Array, point: Float64Array, features: number, outputs: number): number {
  let most = 0;
  for (let at = 0; at < x.length; at += features)
    for (let k = 0; k < outputs; k++) {
      let score = point[features * outputs + k]!;
      for (let f = 0; f < features; f++) score += x[at + f]! * point[f * outputs + k]!;
      most = Math.max(most, Math.abs(score));
    }
  return most;
}

/** An iterate as a step: coefficients for features as they are, and what the search needs to go on. */
function told(
  { x: point, value, slope, pairs }: Iterate,
  ready: Prepared,
  { features, target }: Fitting,
  outputs: number,
): DirectStep {
  const { mean, centre, scale, present } = ready;
  const size = features.names.length;
  const all = target.classes.length === 2 ? 1 : target.classes.length;
  const weight = new Float64Array(size * all);
  const bias = new Float64Array(all).fill(all === 1 ? 0 : Number.NEGATIVE_INFINITY);
  for (let k = 0; k < outputs; k++) {
    const place = all === 1 ? 0 : present[k]!;
    let intercept = point[size * outputs + k]!;
    for (let f = 0; f < size; f++) {
      const w = point[f * outputs + k]! / scale[f]!;
      weight[f * all + place] = w;
      intercept -= w * centre[f]!;
    }
    bias[place] = intercept;
  }
  const params: LogisticParams = {
    weight: new HostArray("float64", [size, all], weight),
    bias: new HostArray("float64", [all], bias),
    mean: new HostArray("float64", [size], mean),
  };
  return { params: params as unknown as Params, state: stateOf(point, pairs), metrics: { loss: value, slope } };
}

const stateOf = (point: Float64Array, pairs: readonly Pair[]): Params => {
  const stacked = (of: (pair: Pair) => Float64Array) => {
    const data = new Float64Array(pairs.length * point.length);
    pairs.forEach((pair, i) => {
      data.set(of(pair), i * point.length);
    });
    return new HostArray("float64", [pairs.length, point.length], data);
  };
  return {
    point: new HostArray("float64", [point.length], point),
    steps: stacked(({ step }) => step),
    changes: stacked(({ change }) => change),
  };
};

function positionOf({ step, state }: NonNullable<DirectGiven["resume"]>) {
  const { point, steps, changes } = (state ?? {}) as { readonly [name: string]: HostArray<"float64"> };
  if (!point || !steps || !changes) return undefined;
  const row = (array: HostArray<"float64">, i: number) => array.data.slice(i * point.size, (i + 1) * point.size);
  const pairs = Array.from({ length: steps.shape[0]! }, (_, i) => ({ step: row(steps, i), change: row(changes, i) }));
  return { x: point.data, pairs, iteration: step };
}
