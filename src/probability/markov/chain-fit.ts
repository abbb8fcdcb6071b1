import { DataError, UsageError } from "../../base/errors.ts";
import { chiSquare } from "../univariate/index.ts";
import {
  contextAt,
  contextName,
  contextsOf,
  type MarkovChain,
  markovChain,
  numbered,
  type StateSequence,
} from "./chain.ts";

/** How a chain is fitted. */
export interface ChainFitOptions {
  /** Names of the states; those that occur, sorted, when left out. */
  readonly states?: readonly string[];
  /** 1 when left out. */
  readonly order?: number;
  /**
   * Imagined observations beside those counted: one number for every transition (0 when left out), or K numbers in the
   * order of the states, a Dirichlet law's parameters.
   */
  readonly smoothing?: number | ArrayLike<number>;
}

/** The names that occur in sequences, sorted. */
function occurring(sequences: readonly StateSequence[]): string[] {
  const seen = new Set<string>();
  for (const sequence of sequences)
    for (let t = 0; t < sequence.length; t++) {
      if (typeof sequence[t] === "number")
        throw new UsageError("Sequences of state numbers need the names of the states: give them as `states`.");
      seen.add(sequence[t] as string);
    }
  return [...seen].sort();
}

function checked(sequences: readonly StateSequence[], least: number): void {
  if (sequences.length === 0) throw new DataError("A Markov chain is fitted to at least one sequence; got none.");
  const short = sequences.findIndex(({ length }) => length < least);
  if (short >= 0)
    throw new DataError(
      `Sequence ${short} has ${sequences[short]!.length} states, and this order needs at least ${least}; leave it out or lower the order.`,
    );
}

function smoothingOf(size: number, smoothing: number | ArrayLike<number>): Float64Array {
  const prior = typeof smoothing === "number" ? new Float64Array(size).fill(smoothing) : Float64Array.from(smoothing);
  const wrong = prior.find((a) => !(a >= 0 && a < Number.POSITIVE_INFINITY));
  if (prior.length !== size || wrong !== undefined)
    throw new UsageError(
      `Smoothing is one number from 0 on, or one for each of the ${size} states; got ${wrong ?? `${prior.length} numbers`}.`,
    );
  return prior;
}

/** How often each state follows each context, from place `from` of every sequence on. */
function countTransitions(all: readonly Int32Array[], size: number, order: number, from = order): Float64Array {
  const counts = new Float64Array(contextsOf(size, order) * size);
  for (const sequence of all)
    for (let t = from; t < sequence.length; t++) counts[contextAt(sequence, t, size, order) * size + sequence[t]!]!++;
  return counts;
}

/** Rows of shares (n + α)/Σ(n + α); throws for a context without a count and without smoothing. */
function shares(states: readonly string[], order: number, counts: Float64Array, prior: Float64Array): Float64Array {
  const size = states.length;
  const imagined = prior.reduce((a, b) => a + b, 0);
  const result = counts.slice();
  for (let row = 0; row < counts.length; row += size) {
    const own = result.subarray(row, row + size);
    const total = own.reduce((a, b) => a + b, 0) + imagined;
    if (total === 0)
      throw new DataError(
        `Nothing ever follows "${contextName(states, order, row / size)}" in the sequences, so its transitions are unknown: fit with smoothing above 0.`,
      );
    for (let j = 0; j < size; j++) own[j] = (own[j]! + prior[j]!) / total;
  }
  return result;
}

/** The chain of largest likelihood, or with smoothing the posterior mean of its probabilities. First states are smoothed alike. */
export function fitMarkovChain(sequences: readonly StateSequence[], options: ChainFitOptions = {}): MarkovChain {
  const { order = 1, smoothing = 0 } = options;
  checked(sequences, Math.max(1, order));
  const states = options.states ?? occurring(sequences);
  const prior = smoothingOf(states.length, smoothing);
  const all = sequences.map((sequence) => numbered(states, sequence));
  const transition = shares(states, order, countTransitions(all, states.length, order), prior);
  return markovChain({ states, order, initial: firstShares(all, states.length, order, prior), transition });
}

/** Shares of the first k states; the prior of a run of states is the product of those of each. */
function firstShares(all: readonly Int32Array[], size: number, order: number, prior: Float64Array): Float64Array {
  const contexts = contextsOf(size, order);
  const imagined = prior.reduce((a, b) => a + b, 0);
  const first = Float64Array.from({ length: contexts }, (_, c) => {
    if (imagined === 0) return 0;
    let share = imagined;
    for (let t = 0; t < order; t++) share *= prior[Math.floor(c / size ** t) % size]! / imagined;
    return share;
  });
  for (const sequence of all) first[contextAt(sequence, order, size, order)]!++;
  const total = first.reduce((a, b) => a + b, 0);
  return first.map((value) => value / total);
}

/** What one order says about sequences. */
export interface OrderScore {
  readonly order: number;
  /** log-likelihood of all states that the highest order can predict, in nats, at the order's own maximum. */
  readonly logLikelihood: number;
  /** Kᵏ (K − 1). */
  readonly freedom: number;
  readonly aic: number;
  readonly bic: number;
}

/** Orders compared on the same states. */
export interface OrderSelection {
  readonly scores: readonly OrderScore[];
  /** The orders of the least criterion. */
  readonly byAic: number;
  readonly byBic: number;
  /** Number of states predicted. */
  readonly count: number;
}

/**
 * Orders 0 to `most` compared by −2 log L + 2 m (Akaike 1974; Tong 1975 for chains) and −2 log L + m log n (Schwarz 1978;
 * Katz 1981), all on the states after the first `most` of each sequence.
 */
export function selectOrder(
  sequences: readonly StateSequence[],
  most: number,
  options: Pick<ChainFitOptions, "states"> = {},
): OrderSelection {
  checked(sequences, most + 1);
  const states = options.states ?? occurring(sequences);
  const all = sequences.map((sequence) => numbered(states, sequence));
  const count = all.reduce((sum, { length }) => sum + length - most, 0);
  const scores = Array.from({ length: most + 1 }, (_, order): OrderScore => {
    const logLikelihood = maximum(countTransitions(all, states.length, order, most), states.length);
    const freedom = contextsOf(states.length, order) * (states.length - 1);
    const aic = 2 * freedom - 2 * logLikelihood;
    return { order, logLikelihood, freedom, aic, bic: freedom * Math.log(count) - 2 * logLikelihood };
  });
  const least = (of: (score: OrderScore) => number) => scores.reduce((a, b) => (of(b) < of(a) ? b : a)).order;
  return { scores, byAic: least(({ aic }) => aic), byBic: least(({ bic }) => bic), count };
}

/** Σ n log(n / its row's sum). */
function maximum(counts: Float64Array, size: number): number {
  let sum = 0;
  for (let row = 0; row < counts.length; row += size) {
    const own = counts.subarray(row, row + size);
    const total = own.reduce((a, b) => a + b, 0);
    for (const n of own) if (n > 0) sum += n * Math.log(n / total);
  }
  return sum;
}

/** A likelihood-ratio test of a lower order against a higher one. */
export interface OrderTest {
  /** 2 (log L of the higher − log L of the lower order). */
  readonly statistic: number;
  readonly freedom: number;
  readonly pValue: number;
}

/** Whether an order suffices against a higher one: twice the gain in log-likelihood against χ² (Bartlett 1951; Hoel 1954). */
export function orderTest(
  sequences: readonly StateSequence[],
  order: number,
  against = order + 1,
  options: Pick<ChainFitOptions, "states"> = {},
): OrderTest {
  if (!(order < against)) throw new UsageError(`An order is tested against a higher one; got ${order} and ${against}.`);
  const { scores } = selectOrder(sequences, against, options);
  const [low, high] = [scores[order]!, scores[against]!];
  const statistic = Math.max(0, 2 * (high.logLikelihood - low.logLikelihood));
  const freedom = high.freedom - low.freedom;
  return { statistic, freedom, pValue: freedom === 0 ? 1 : chiSquare({ freedom }).survival(statistic) };
}
