import { SampoError } from "../../base/errors.ts";
import { fold, type Key, uniform } from "../../random/index.ts";
import { Uniforms } from "../uniforms.ts";
import { DualAveraging, Moments, slowWindows } from "./adaptation.ts";
import { hmcTransition } from "./hmc.ts";
import { type Metric, unitMetric } from "./metric.ts";
import { nutsTransition, type Transition } from "./nuts.ts";
import type { Asking, Phase } from "./phase.ts";
import { reasonableStep, refreshed } from "./step-size.ts";

/** How a chain moves. */
export interface ChainSettings {
  readonly warmup: number;
  readonly draws: number;
  /** The metric that warm-up learns. */
  readonly metric: Metric["kind"];
  /** The mean acceptance that warm-up brings about by the step size. */
  readonly targetAccept: number;
  readonly kernel:
    | { readonly kind: "nuts"; readonly maxDepth: number }
    | { readonly kind: "hmc"; readonly time: number };
  /** Where to begin; else uniform on (−2, 2) in each coordinate. */
  readonly start?: Float64Array;
}

/** What one chain brought, warm-up left out. */
export interface Chain {
  /** [draws · dimension] by rows. */
  readonly positions: Float64Array;
  readonly logDensity: Float64Array;
  readonly energy: Float64Array;
  readonly acceptance: Float64Array;
  readonly leapfrogs: Int32Array;
  readonly depth: Uint8Array;
  readonly divergent: Uint8Array;
  readonly step: number;
  readonly metric: Metric;
  readonly warmupLeapfrogs: number;
}

/** What the keys of a chain are for. */
const Purpose = { start: 0, step: 1, momentum: 2, path: 3 } as const;
const MOST_STARTS = 100;

const finite = (value: number, gradient: Float64Array) => Number.isFinite(value) && gradient.every(Number.isFinite);

function* begin(dimension: number, key: Key, given: Float64Array | undefined): Asking<Phase> {
  const momentum = new Float64Array(dimension);
  for (let trial = 0; trial < (given ? 1 : MOST_STARTS); trial++) {
    const position = given?.slice() ?? Float64Array.from(uniform(fold(key, trial), [dimension]).data, (u) => 4 * u - 2);
    const { value, gradient } = yield position;
    if (finite(value, gradient)) return { position, momentum, value, gradient };
  }
  const where = given ? "at the starting point given" : `at any of ${MOST_STARTS} random points in (-2, 2)`;
  throw new SampoError(
    `The log density or its gradient is not finite ${where}: check the data and the priors, or give a starting point.`,
  );
}

/** A whole chain as a computation that asks for log densities: start, warm-up with adaptation, draws. */
export function* chain(dimension: number, key: Key, settings: ChainSettings): Asking<Chain> {
  const keys = Object.fromEntries(Object.entries(Purpose).map(([name, tag]) => [name, fold(key, tag)]));
  const phase = yield* begin(dimension, keys.start!, settings.start);
  const walker = new Walker(phase, keys.momentum!, keys.path!, settings);
  const warmupLeapfrogs = yield* warmUp(walker, keys.step!, settings);
  const record = emptyChain(dimension, settings.draws);
  for (let i = 0; i < settings.draws; i++) write(record, i, dimension, yield* walker.walk());
  return { ...record, step: walker.step, metric: walker.metric, warmupLeapfrogs };
}

/** The state of a chain: where it is, and how it steps. */
class Walker {
  phase: Phase;
  step = 1;
  metric: Metric = unitMetric();
  private readonly momentum: Key;
  private readonly path: Key;
  private readonly kernel: ChainSettings["kernel"];
  private iteration = 0;

  constructor(phase: Phase, momentum: Key, path: Key, { kernel }: ChainSettings) {
    this.phase = phase;
    this.momentum = momentum;
    this.path = path;
    this.kernel = kernel;
  }

  *walk(): Asking<Transition> {
    const iteration = this.iteration++;
    const start = refreshed(this.phase, this.metric, fold(this.momentum, iteration));
    const uniforms = new Uniforms(fold(this.path, iteration));
    const { kernel, step, metric } = this;
    const transition =
      kernel.kind === "nuts"
        ? yield* nutsTransition(start, step, metric, uniforms, kernel.maxDepth)
        : yield* hmcTransition(start, step, metric, uniforms, kernel.time);
    this.phase = transition.phase;
    return transition;
  }
}

/** Adapts step size and metric as Stan does; returns the number of leapfrog steps it took. */
function* warmUp(walker: Walker, key: Key, { warmup, metric, targetAccept }: ChainSettings): Asking<number> {
  const windows = slowWindows(warmup);
  const fresh = () => new Moments(walker.phase.position.length, metric === "dense");
  let moments = fresh();
  let restarts = 0;
  function* averaging(): Asking<DualAveraging> {
    walker.step = yield* reasonableStep(walker.phase, walker.metric, walker.step, fold(key, restarts++));
    return new DualAveraging(targetAccept, walker.step);
  }
  let averager = yield* averaging();
  let leapfrogs = 0;
  for (let t = 0; t < warmup; t++) {
    walker.step = averager.step;
    const transition = yield* walker.walk();
    leapfrogs += transition.leapfrogs;
    averager.update(transition.acceptance);
    if (metric === "unit" || t < windows.first || t >= windows.last) continue;
    moments.add(walker.phase.position);
    if (!windows.ends.has(t)) continue;
    walker.metric = moments.metric() ?? walker.metric;
    moments = fresh();
    averager = yield* averaging();
  }
  walker.step = averager.average;
  return leapfrogs;
}

function emptyChain(dimension: number, draws: number): Omit<Chain, "step" | "metric" | "warmupLeapfrogs"> {
  return {
    positions: new Float64Array(draws * dimension),
    logDensity: new Float64Array(draws),
    energy: new Float64Array(draws),
    acceptance: new Float64Array(draws),
    leapfrogs: new Int32Array(draws),
    depth: new Uint8Array(draws),
    divergent: new Uint8Array(draws),
  };
}

function write(record: ReturnType<typeof emptyChain>, i: number, dimension: number, transition: Transition): void {
  record.positions.set(transition.phase.position, i * dimension);
  record.logDensity[i] = transition.phase.value;
  record.energy[i] = transition.energy;
  record.acceptance[i] = transition.acceptance;
  record.leapfrogs[i] = transition.leapfrogs;
  record.depth[i] = transition.depth;
  record.divergent[i] = Number(transition.divergent);
}
