import { UsageError } from "../../base/errors.ts";
import { fold, type Key } from "../../random/index.ts";
import type { DirectGiven, DirectStep, Examples, Params } from "../contract.ts";
import { eachChunk } from "../vectors.ts";
import { array, type Component, componentsOf, type MixtureParams } from "./components.ts";
import type { Layout } from "./layout.ts";
import { maximise } from "./maximise.ts";
import type { MixtureConfig } from "./options.ts";
import { clusters } from "./seeds.ts";
import { addRow, emptyStatistics, logJoint, needsMatrix, realsOf, type Statistics, share } from "./statistics.ts";
import { evidenceBound, expectedComponents, maximiseBound, type Posterior, type Prior } from "./variational.ts";

/** What is fitted. */
export interface Fitting {
  readonly name: string;
  readonly layout: Layout;
  readonly config: MixtureConfig;
}

/** Rounds after which starts are compared (Biernacki, Celeux & Govaert 2003). */
const TRIAL_ROUNDS = 10;
const MOST = 2 ** 28;

/** Where rounds stand: parameters, the posterior of variational Bayes, and what the last round found. */
interface Place {
  readonly params: Params;
  readonly posterior?: Posterior;
  /** Nats per example of the parameters before the last round (of variational Bayes, the bound after it). */
  readonly score: number;
}

/** A round: expectation by the parameters so far, then maximisation. */
type Round = (place: Pick<Place, "params" | "posterior">) => Place;

async function rowsOf(name: string, layout: Layout, examples: Examples): Promise<Float64Array> {
  const { width, space } = layout;
  if (examples.count * width > MOST)
    throw new UsageError(
      `${name} keeps all examples in memory, and ${examples.count} of ${width} numbers are too many: train on fewer (of a table by --random-rows).`,
    );
  const rows = new Float64Array(examples.count * width);
  await eachChunk(examples, (x, start) => rows.set(space ? space.open(x) : x.data, start * width));
  return rows;
}

/** Throws where a number is missing everywhere, or the same everywhere. */
function checkRows({ name, layout }: Fitting, rows: Float64Array): void {
  const { width } = layout;
  for (let place = 0; place < width; place++) {
    let at = place;
    while (at < rows.length && Number.isNaN(rows[at]!)) at += width;
    if (at >= rows.length)
      throw new UsageError(`${layout.label(place)} has no value in the training rows: ${layout.cure}.`);
    if (!layout.reals.includes(place)) continue;
    const value = rows[at]!;
    while (at < rows.length && (Number.isNaN(rows[at]!) || rows[at] === value)) at += width;
    if (at >= rows.length)
      throw new UsageError(
        `${layout.label(place)} is ${value} in every training example, so ${name} finds no density: ${layout.cure}.`,
      );
  }
}

/** What the components receive of all rows under their scores. */
export function expectation(
  { layout, config }: Fitting,
  components: readonly Component[],
  shift: Float64Array,
  rows: Float64Array,
): Statistics {
  const statistics = emptyStatistics(layout, config.covariance, components.length, shift);
  const shares = new Float64Array(components.length);
  const x = new Float64Array(layout.reals.length);
  for (let at = 0; at < rows.length; at += layout.width) {
    realsOf(layout, rows, at, x);
    logJoint(components, x, rows, at, shares);
    statistics.nats += share(shares);
    addRow(statistics, layout, config.covariance, components, shares, x, rows, at);
  }
  return statistics;
}

/** The round of expectation-maximisation or of variational Bayes over all rows. */
export function roundOver(fitting: Fitting, rows: Float64Array): Round {
  const { name, layout, config } = fitting;
  const D = layout.reals.length;
  const count = rows.length / layout.width;
  const prior = config.inference === "variational" ? priorOf(fitting, rows) : undefined;
  return ({ params, posterior }) => {
    const plain = componentsOf(name, layout, config.covariance, params);
    const shift = (params as unknown as MixtureParams).means?.data ?? new Float64Array(0);
    const components = prior && posterior ? expectedComponents(plain, posterior, D) : plain;
    const statistics = expectation(fitting, components, Float64Array.from(shift), rows);
    if (!prior) return { params: maximise(statistics, layout, config), score: statistics.nats / count };
    const next = maximiseBound(statistics, layout, config, prior);
    const { covariances } = next.params as unknown as MixtureParams;
    return { ...next, score: evidenceBound(statistics.entropy, next.posterior, covariances!, D, config.covariance) };
  };
}

/** Mean and covariance (divided by n − 1) of all rows, which variational Bayes takes as the prior. */
export function priorOf({ layout, config }: Fitting, rows: Float64Array): Prior {
  const one = { ...config, regularisation: 0 };
  const D = layout.reals.length;
  const count = rows.length / layout.width;
  const statistics = emptyStatistics(layout, config.covariance, 1, firstOf(layout, rows));
  const x = new Float64Array(D);
  for (let at = 0; at < rows.length; at += layout.width) {
    realsOf(layout, rows, at, x);
    if (!x.some(Number.isNaN)) addRow(statistics, layout, config.covariance, [], Float64Array.of(1), x, rows, at);
  }
  const { means, covariances } = maximise(statistics, layout, one) as unknown as MixtureParams;
  return {
    mean: means!.data,
    covariance: covariances!.data.map((value) => (value * count) / (count - 1)),
    concentration: config.concentration ?? 1 / config.components,
  };
}

/** The first known real numbers, which sums may be taken about. */
function firstOf(layout: Layout, rows: Float64Array): Float64Array {
  return Float64Array.from(layout.reals, (place) => {
    let at = place;
    while (Number.isNaN(rows[at]!)) at += layout.width;
    return rows[at]!;
  });
}

/** Parameters from clusters of rows: each row belongs to one; gaps are left out, column by column. */
function startOf(fitting: Fitting, rows: Float64Array, K: number, key: Key, round: Round): Place {
  const { layout, config } = fitting;
  const nearest = clusters(rows, layout, K, key);
  const first = firstOf(layout, rows);
  const D = layout.reals.length;
  const shift = Float64Array.from({ length: K * D }, (_, at) => first[at % D]!);
  const statistics = emptyStatistics(layout, config.covariance, K, shift);
  const x = new Float64Array(D);
  const middle = columnMeans(layout, rows);
  for (let at = 0, n = 0; at < rows.length; at += layout.width, n++) {
    realsOf(layout, rows, at, x);
    for (let i = 0; i < D; i++) if (Number.isNaN(x[i]!)) x[i] = middle[i]!;
    const shares = new Float64Array(K);
    shares[nearest[n]!] = 1;
    addRow(statistics, layout, config.covariance, [], shares, x, rows, at);
  }
  if (config.inference === "em") return round({ params: settled(maximise(statistics, layout, config), fitting, rows) });
  const prior = priorOf(fitting, rows);
  return round(maximiseBound(statistics, layout, config, prior));
}

/** A start in which no variance is so small that a component holds on to a few equal rows. */
function settled(params: Params, { layout, config }: Fitting, rows: Float64Array): Params {
  const { covariances } = params as unknown as MixtureParams;
  if (!covariances) return params;
  const D = layout.reals.length;
  const variances = columnVariances(layout, rows);
  const { data } = covariances;
  if (config.covariance === "spherical") {
    const floor = 1e-3 * (variances.reduce((a, b) => a + b, 0) / D);
    data.forEach((value, k) => {
      data[k] = Math.max(value, floor);
    });
    return params;
  }
  const matrix = needsMatrix(config.covariance);
  const blocks = data.length / (matrix ? D * D : D);
  for (let k = 0; k < blocks; k++)
    for (let i = 0; i < D; i++) {
      const at = matrix ? (k * D + i) * D + i : k * D + i;
      if (data[at]! < 1e-3 * variances[i]!) data[at] = data[at]! + 1e-3 * variances[i]!;
    }
  return params;
}

function columnMeans(layout: Layout, rows: Float64Array): Float64Array {
  return Float64Array.from(layout.reals, (place) => {
    let [seen, total] = [0, 0];
    for (let at = place; at < rows.length; at += layout.width)
      if (!Number.isNaN(rows[at]!)) {
        seen++;
        total += rows[at]!;
      }
    return total / seen;
  });
}

function columnVariances(layout: Layout, rows: Float64Array): Float64Array {
  const means = columnMeans(layout, rows);
  return Float64Array.from(layout.reals, (place, i) => {
    let [seen, total] = [0, 0];
    for (let at = place; at < rows.length; at += layout.width)
      if (!Number.isNaN(rows[at]!)) {
        seen++;
        total += (rows[at]! - means[i]!) ** 2;
      }
    return total / seen;
  });
}

/** The best of some starts after a few rounds. */
function bestStart(fitting: Fitting, rows: Float64Array, K: number, key: Key, round: Round): Place {
  let best: Place | undefined;
  for (let trial = 0; trial < fitting.config.starts; trial++) {
    let place = startOf(fitting, rows, K, fold(key, trial), round);
    for (let i = 1; i < TRIAL_ROUNDS && fitting.config.starts > 1; i++) place = round(place);
    if (!best || place.score > best.score) best = place;
  }
  return best!;
}

/** Independent numbers among the parameters of a mixture of K components. */
export function freeParameters(layout: Layout, { covariance }: Pick<MixtureConfig, "covariance">, K: number): number {
  const D = layout.reals.length;
  const triangle = (D * (D + 1)) / 2;
  const spread = { full: K * triangle, tied: triangle, diagonal: K * D, spherical: K }[covariance];
  const levels = layout.levels.reduce((sum, { size }) => sum + K * (size - 1), 0);
  return K - 1 + K * D + (D > 0 ? spread : 0) + levels + K * layout.counts.length;
}

function nats(fitting: Fitting, params: Params, rows: Float64Array): number {
  const { layout, config, name } = fitting;
  const components = componentsOf(name, layout, config.covariance, params);
  const [scores, x] = [new Float64Array(components.length), new Float64Array(layout.reals.length)];
  let total = 0;
  for (let at = 0; at < rows.length; at += layout.width) {
    realsOf(layout, rows, at, x);
    logJoint(components, x, rows, at, scores);
    total += share(scores);
  }
  return total;
}

/** Fits a mixture: starts, then rounds until one gains too little; or one number of components after the other. */
export async function* fitMixture(fitting: Fitting, given: DirectGiven): AsyncGenerator<DirectStep> {
  const { name, layout, config } = fitting;
  const rows = await rowsOf(name, layout, given.train);
  checkRows(fitting, rows);
  if (given.train.count < config.components)
    throw new UsageError(
      `${name} with ${config.components} components needs at least as many training examples, and there are ${given.train.count}: train with --set components=${Math.max(1, Math.floor(given.train.count / 5))}.`,
    );
  if (config.select !== "none") return yield* selecting(fitting, given, rows);
  const round = roundOver(fitting, rows);
  let place: Place | undefined = given.resume && resumed(given.resume);
  let before =
    (given.resume?.state as { score?: { data: ArrayLike<number> } } | undefined)?.score?.data[0] ??
    Number.NEGATIVE_INFINITY;
  for (let i = given.resume?.step ?? 0; i < config.iterations; i++) {
    const next: Place = place ? round(place) : bestStart(fitting, rows, config.components, given.key, round);
    const converged = next.score - before < config.tolerance;
    before = next.score;
    place = next;
    yield told(place, i + 1, config.iterations);
    if (converged) return;
  }
}

const told = ({ params, posterior, score }: Place, step: number, most: number): DirectStep => ({
  params,
  state: { ...(posterior ? { posterior: posterior as unknown as Params } : {}), score: single(score) },
  metrics: { loss: -score },
  done: step / most,
});

function resumed({ params, state }: NonNullable<DirectGiven["resume"]>): Place {
  const { posterior } = (state ?? {}) as { posterior?: Posterior };
  return { params, score: Number.NEGATIVE_INFINITY, ...(posterior ? { posterior } : {}) };
}

/** Numbers of components from 1 on, each fitted to the end; what stands is always the best so far. */
async function* selecting(fitting: Fitting, given: DirectGiven, rows: Float64Array): AsyncGenerator<DirectStep> {
  const { name, layout, config } = fitting;
  const held = config.select === "validation" ? await rowsOf(name, layout, given.valid) : rows;
  if (held.length === 0)
    throw new UsageError(`${name} has no validation examples to select by: take --set select=bic.`);
  const before = given.resume?.state as { best?: { data: ArrayLike<number> } } | undefined;
  let best = given.resume && before?.best ? { params: given.resume.params, score: before.best.data[0]! } : undefined;
  for (let K = 1 + (given.resume?.step ?? 0); K <= config.components; K++) {
    const own = { ...fitting, config: { ...config, components: K } };
    const params = settledFit(own, rows, fold(given.key, `components ${K}`));
    const count = rows.length / layout.width;
    const total = nats(own, params, held);
    const p = freeParameters(layout, config, K);
    const score =
      config.select === "validation" ? -total : -2 * total + p * (config.select === "bic" ? Math.log(count) : 2);
    if (!best || score < best.score) best = { params, score };
    const components = (best.params as unknown as MixtureParams).weights.size;
    yield {
      params: best.params,
      state: { best: single(best.score) },
      metrics: { loss: best.score, [config.select]: score, components },
      done: K / config.components,
    };
  }
}

function settledFit(fitting: Fitting, rows: Float64Array, key: Key): Params {
  const { config } = fitting;
  const round = roundOver(fitting, rows);
  let place = bestStart(fitting, rows, config.components, key, round);
  for (let i = 1; i < config.iterations; i++) {
    const next = round(place);
    const gain = next.score - place.score;
    place = next;
    if (gain < config.tolerance) break;
  }
  return place.params;
}

const single = (value: number) => array([], Float64Array.of(value));
