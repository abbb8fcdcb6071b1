import { UsageError } from "../../base/errors.ts";
import { fold, type Key } from "../../random/index.ts";
import type { Target } from "../target.ts";
import { type Chain, type ChainSettings, chain } from "./chain.ts";
import type { Metric } from "./metric.ts";
import type { Asking } from "./phase.ts";

/** What every run of chains can be told. */
export interface ChainsOptions {
  readonly key: Key;
  /** 4 unless told otherwise: fewer make R-hat blind. */
  readonly chains?: number;
  /** Iterations that adapt step size and metric, and are thrown away: 1000 unless told otherwise. */
  readonly warmup?: number;
  /** Draws kept from each chain: 1000 unless told otherwise. */
  readonly draws?: number;
  /** The metric to learn: the variances of the coordinates ("diagonal", usual), their covariance, or none. */
  readonly metric?: Metric["kind"];
  /** Acceptance to aim at: 0.8; nearer to 1 makes smaller steps, the cure of divergences. */
  readonly targetAccept?: number;
  /** A starting point for every chain, instead of random ones. */
  readonly start?: readonly Float64Array[];
  /** Ends the run early, with an error. */
  readonly signal?: AbortSignal;
}

/** Options of the No-U-Turn sampler. */
export interface NutsOptions extends ChainsOptions {
  /** The trajectory has at most 2^maxDepth states: 10 unless told otherwise. */
  readonly maxDepth?: number;
}

/** Options of plain Hamiltonian Monte Carlo. */
export interface HmcOptions extends ChainsOptions {
  /** Mean integration time: π/2 unless told otherwise, a quarter of the period of a standard normal. */
  readonly time?: number;
}

/** Draws of several chains from one target. */
export interface Chains {
  readonly dimension: number;
  readonly draws: number;
  readonly chains: readonly Chain[];
  /** Sentences on what went wrong: divergences, trajectories cut short. None: nothing was seen. */
  readonly notes: readonly string[];
}

/** Draws from a target by the No-U-Turn sampler. The same key gives the same draws, chain by chain. */
export async function nuts(target: Target, { maxDepth = 10, ...options }: NutsOptions): Promise<Chains> {
  requireWhole(maxDepth, 1, 20, "maxDepth");
  return run(target, options, { kind: "nuts", maxDepth });
}

/** Draws from a target by Hamiltonian Monte Carlo with trajectories of random length. */
export async function hmc(target: Target, { time = Math.PI / 2, ...options }: HmcOptions): Promise<Chains> {
  if (!(time > 0 && Number.isFinite(time))) throw new UsageError(`The integration time is positive; got ${time}.`);
  return run(target, options, { kind: "hmc", time });
}

/** Throws unless a number is whole and within bounds. */
export function requireWhole(value: number, low: number, high: number, name: string): void {
  if (!(Number.isInteger(value) && value >= low && value <= high))
    throw new UsageError(`${name} is a whole number from ${low} to ${high}; got ${value}.`);
}

async function run(target: Target, options: ChainsOptions, kernel: ChainSettings["kernel"]): Promise<Chains> {
  const { key, chains = 4, warmup = 1000, draws = 1000, metric = "diagonal", targetAccept = 0.8 } = options;
  requireWhole(chains, 1, 1000, "chains");
  requireWhole(warmup, 0, 1e7, "warmup");
  requireWhole(draws, 1, 1e7, "draws");
  if (!(targetAccept > 0 && targetAccept < 1))
    throw new UsageError(`targetAccept is a mean acceptance between 0 and 1; got ${targetAccept}.`);
  const { start, signal } = options;
  if (start && (start.length !== chains || start.some(({ length }) => length !== target.dimension)))
    throw new UsageError(`start needs one point of ${target.dimension} numbers for each of ${chains} chains.`);
  const settings = { warmup, draws, metric, targetAccept, kernel };
  const computations = Array.from({ length: chains }, (_, i) =>
    chain(target.dimension, fold(key, i), start ? { ...settings, start: start[i]! } : settings),
  );
  const done = await answer(computations, target, signal);
  return { dimension: target.dimension, draws, chains: done, notes: notesOn(done, draws, kernel) };
}

/** Milliseconds of computing after which other work of the event loop gets a turn. */
const TURN = 50;

/** Answers what the chains ask for, all that wait at once, until every one has returned. */
async function answer<R>(computations: readonly Asking<R>[], target: Target, signal?: AbortSignal): Promise<R[]> {
  const results = new Array<R>(computations.length);
  let waiting = computations.map((computation, index) => ({ computation, index, next: computation.next() }));
  let since = performance.now();
  while (waiting.length > 0) {
    const points = waiting.map(({ next }) => next.value as Float64Array);
    const answers = target.evaluate(points);
    const evaluations = answers instanceof Promise ? await answers : answers;
    waiting = waiting.flatMap(({ computation, index }, i) => {
      const next = computation.next(evaluations[i]!);
      if (!next.done) return [{ computation, index, next }];
      results[index] = next.value;
      return [];
    });
    if (performance.now() - since < TURN) continue;
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    since = performance.now();
  }
  return results;
}

function notesOn(chains: readonly Chain[], draws: number, kernel: ChainSettings["kernel"]): string[] {
  const total = chains.length * draws;
  const count = (flags: (chain: Chain) => number) => chains.reduce((sum, one) => sum + flags(one), 0);
  const divergent = count((one) => one.divergent.reduce((sum, flag) => sum + flag, 0));
  const notes: string[] = [];
  if (divergent > 0)
    notes.push(
      `${divergent} of ${total} trajectories diverged: where they did, the draws miss part of the target; raise targetAccept, or write the model in another parametrisation (non-centred).`,
    );
  if (kernel.kind !== "nuts") return notes;
  const cut = count((one) => one.depth.filter((depth) => depth >= kernel.maxDepth).length);
  if (cut > 0)
    notes.push(
      `${cut} of ${total} trajectories reached the tree depth ${kernel.maxDepth}: the draws are right but correlated; raise maxDepth, or scale the parameters alike.`,
    );
  return notes;
}
