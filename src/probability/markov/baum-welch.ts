import { DataError, SampoError, UsageError } from "../../base/errors.ts";
import { type Emission, NEVER } from "./emission.ts";
import { backward } from "./forward.ts";
import { type HiddenMarkovModel, hiddenMarkovModel } from "./hidden-markov.ts";

/** When expectation-maximisation ends, and what is imagined beside the data. */
export interface BaumWelchOptions {
  /** It has converged when a round gains less than this in nats, of all sequences together (1e-4). */
  readonly tolerance?: number;
  /** The most rounds (500). */
  readonly rounds?: number;
  /** Imagined first states and transitions, each of those that are possible (0). */
  readonly pseudocounts?: { readonly initial?: number; readonly transition?: number };
  /** Called after each round with what it maximises. */
  readonly progress?: (objective: number, round: number) => void;
}

/** A fitted model and how it got there. */
export interface BaumWelchFit<E extends Emission = Emission> {
  readonly model: HiddenMarkovModel<E>;
  /** log p of all sequences under the model, in nats. */
  readonly logLikelihood: number;
  /** The same with the logarithm of the priors: what never decreases. */
  readonly objective: number;
  readonly rounds: number;
  readonly converged: boolean;
  /** The objective before each round, and of the model that is given back. */
  readonly trace: readonly number[];
}

/** What a round adds up. */
export interface ChainSums {
  /** Posterior probabilities of first states, K numbers. */
  readonly initial: Float64Array;
  /** Expected numbers of transitions, [K, K]. */
  readonly pairs: Float64Array;
}

/** Adds what a sequence says under a model; gives its log p in nats. Throws where it has probability zero. */
export function expectation(
  model: HiddenMarkovModel,
  sequence: Float64Array,
  { initial, pairs }: ChainSums,
  emission: { add(steps: Float64Array, posterior: Float64Array): void },
  name = "A sequence",
): number {
  const { filtered } = model.rated(sequence);
  if (filtered.impossible >= 0)
    throw new SampoError(
      `${name} has probability zero under the model at its step ${filtered.impossible}: begin from probabilities above 0, or use pseudocounts.`,
    );
  const posterior = backward(model, filtered, pairs);
  for (let i = 0; i < model.states; i++) initial[i]! += posterior[i]!;
  emission.add(sequence, posterior);
  return filtered.nats.reduce((a, b) => a + b, 0);
}

/** Shares of expected counts with pseudocounts where a probability is possible; laws without any count stay as they are. */
export function maximisedRows(
  before: Float64Array,
  counts: Float64Array,
  width: number,
  pseudocount = 0,
): Float64Array {
  const result = before.slice();
  for (let row = 0; row < before.length; row += width) {
    let total = 0;
    for (let j = row; j < row + width; j++) if (before[j]! > 0) total += counts[j]! + pseudocount;
    if (total < NEVER) continue;
    for (let j = row; j < row + width; j++) result[j] = before[j]! > 0 ? (counts[j]! + pseudocount) / total : 0;
  }
  return result;
}

/** Pseudocounts times log p of what is possible. */
export function logChainPrior(
  { initial, transition }: Pick<HiddenMarkovModel, "initial" | "transition">,
  { initial: first = 0, transition: moves = 0 }: NonNullable<BaumWelchOptions["pseudocounts"]>,
): number {
  const sum = (law: Float64Array, weight: number) =>
    weight === 0 ? 0 : law.reduce((total, p) => (p > 0 ? total + weight * Math.log(p) : total), 0);
  return sum(initial, first) + sum(transition, moves);
}

function checkedPseudocounts(pseudocounts: NonNullable<BaumWelchOptions["pseudocounts"]>): void {
  for (const [name, value] of Object.entries(pseudocounts))
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
      throw new UsageError(`Pseudocounts are numbers from 0 on; ${name} is ${value}.`);
}

/**
 * Baum-Welch: expectation-maximisation over many sequences from a start (Baum, Petrie, Soules & Weiss 1970). Every round
 * raises log p(sequences) + log prior, or leaves it; what is impossible at the start stays so.
 */
export function baumWelch<E extends Emission>(
  start: HiddenMarkovModel<E>,
  sequences: readonly ArrayLike<number>[],
  { tolerance = 1e-4, rounds: most = 500, pseudocounts = {}, progress }: BaumWelchOptions = {},
): BaumWelchFit<E> {
  if (sequences.length === 0) throw new DataError("Baum-Welch learns from at least one sequence; got none.");
  checkedPseudocounts(pseudocounts);
  const all = sequences.map((sequence) => Float64Array.from(sequence));
  const n = start.states;
  const trace: number[] = [];
  let model = start;
  for (let round = 0; ; round++) {
    const sums: ChainSums = { initial: new Float64Array(n), pairs: new Float64Array(n * n) };
    const emission = model.emission.sums();
    let logLikelihood = 0;
    all.forEach((sequence, i) => {
      logLikelihood += expectation(model, sequence, sums, emission, `Sequence ${i}`);
    });
    const objective = logLikelihood + logChainPrior(model, pseudocounts) + model.emission.logPrior();
    const gain = objective - (trace.at(-1) ?? Number.NEGATIVE_INFINITY);
    trace.push(objective);
    progress?.(objective, round);
    const converged = gain < tolerance;
    if (converged || round === most) return { model, logLikelihood, objective, rounds: round, converged, trace };
    model = hiddenMarkovModel({
      initial: maximisedRows(model.initial, sums.initial, n, pseudocounts.initial),
      transition: maximisedRows(model.transition, sums.pairs, n, pseudocounts.transition),
      emission: emission.solve() as E,
    });
  }
}
