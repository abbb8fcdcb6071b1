import { SampoError, ShapeError, UsageError } from "../../base/errors.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import { fold, type Key } from "../../random/index.ts";
import { inverseCdf, uniforms64 } from "../tables/sample.ts";
import { coordinateNats } from "./coordinates.ts";
import { type Emission, type Outlook, stepsOf } from "./emission.ts";
import {
  advance,
  backward,
  type Chain,
  drawPath,
  type Filtered,
  forward,
  type ViterbiPath,
  viterbi,
} from "./forward.ts";
import { checkedLaw } from "./transition.ts";

/** What makes a hidden Markov model of K states. */
export interface HiddenMarkovParameters<E extends Emission = Emission> {
  /** p(state of the first step), K numbers. */
  readonly initial: ArrayLike<number>;
  /** p(next state | state), K rows of K numbers; zeros stay zero when fitted. */
  readonly transition: ArrayLike<number>;
  readonly emission: E;
}

/** States with the steps they show. */
export interface Drawn {
  readonly states: Int32Array;
  /** [T, dimension]. */
  readonly steps: Float64Array;
}

/** What comes after a sequence. */
export interface Prediction extends Outlook {
  /** p(next state | all steps). */
  readonly states: Float64Array;
  /** log p(next step | all steps) in nats. */
  logProb(step: ArrayLike<number>): number;
}

/**
 * A hidden Markov model: p(steps) = Σ over paths of p(z₁) ∏ p(zₜ | zₜ₋₁) ∏ p(step t | zₜ). Sequences are numbers, `dimension` of
 * the emission for each step; NaN is missing and exactly summed or integrated out.
 */
export interface HiddenMarkovModel<E extends Emission = Emission> extends Chain {
  readonly emission: E;
  /** Number of free parameters: transitions of zero count as fixed. */
  readonly freedom: number;
  /** log p(sequence) in nats; −∞ where it cannot happen. */
  logProb(sequence: ArrayLike<number>): number;
  /** log p(step t | steps before it) in nats, T numbers. */
  conditionals(sequence: ArrayLike<number>): Float64Array;
  /**
   * log p(number j of step t | steps before it, numbers before j in its own step) in nats, [T, dimension]: they sum to the
   * likelihood. NaN where a number is missing; 0 after the first that cannot happen.
   */
  coordinates(sequence: ArrayLike<number>): Float64Array;
  /** p(state of step t | steps to t), [T, K]. */
  filter(sequence: ArrayLike<number>): Float64Array;
  /** p(state of step t | all steps), [T, K]. */
  smooth(sequence: ArrayLike<number>): Float64Array;
  /** The most probable path with log p(path, sequence). */
  viterbi(sequence: ArrayLike<number>): ViterbiPath;
  /** A sequence of so many steps; sequence n of `samples` depends on (key, n) alone. */
  sample(key: Key, length: number): Drawn;
  samples(key: Key, count: number, length: number): Drawn[];
  /** The states, and what is missing of the steps, drawn from their exact joint posterior. */
  complete(sequence: ArrayLike<number>, key: Key): Drawn;
  /** The law of the step that comes next. */
  predict(sequence: ArrayLike<number>): Prediction;
  /** What the passes are made of: log bₜ(i), and the forward pass over them. */
  rated(sequence: ArrayLike<number>): { readonly logB: Float64Array; readonly filtered: Filtered };
}

/** What every part of a model knows. */
interface Parts<E extends Emission> {
  readonly chain: Chain;
  readonly emission: E;
}

/** A hidden Markov model of given probabilities. */
export function hiddenMarkovModel<E extends Emission>(given: HiddenMarkovParameters<E>): HiddenMarkovModel<E> {
  const { emission } = given;
  const chain = checkedChain(given);
  const parts = { chain, emission };
  return {
    ...chain,
    emission,
    freedom: freedomOf(chain) + emission.freedom,
    rated: (sequence) => rated(parts, sequence),
    logProb: (sequence) => {
      const { nats, impossible } = rated(parts, sequence).filtered;
      return impossible >= 0 ? Number.NEGATIVE_INFINITY : nats.reduce((a, b) => a + b, 0);
    },
    conditionals: (sequence) => rated(parts, sequence).filtered.nats,
    coordinates: (sequence) =>
      coordinateNats(chain, emission, stepsOf(sequence, emission.dimension), rated(parts, sequence).filtered),
    filter: (sequence) => {
      const { alpha, inLogs } = possible(parts, sequence);
      return inLogs ? alpha.map(Math.exp) : alpha;
    },
    smooth: (sequence) => backward(chain, possible(parts, sequence)),
    viterbi: (sequence) => viterbi(chain, emitted(emission, sequence)),
    sample: (key, length) => sample(parts, key, length),
    samples: (key, count, length) => Array.from({ length: count }, (_, i) => sample(parts, fold(key, i), length)),
    complete: (sequence, key) => complete(parts, sequence, key),
    predict: (sequence) => predict(parts, sequence),
  };
}

function checkedChain<E extends Emission>({ emission, ...given }: HiddenMarkovParameters<E>): Chain {
  const n = emission.states;
  const initial = checkedLaw(given.initial, "The initial states of a hidden Markov model");
  if (initial.length !== n || given.transition.length !== n * n)
    throw new ShapeError(
      `${n} states have ${n} initial probabilities and ${n} x ${n} transitions; got ${initial.length} and ${given.transition.length} numbers.`,
    );
  const transition = Float64Array.from(given.transition);
  for (let i = 0; i < n; i++) {
    const row = transition.subarray(i * n, (i + 1) * n);
    row.set(checkedLaw(row, `The transitions from state ${i}`));
  }
  return { states: n, initial, transition };
}

/** log bₜ(i), [T, K]. */
function emitted(emission: Emission, sequence: ArrayLike<number>): Float64Array {
  const steps = stepsOf(sequence, emission.dimension);
  const logB = new Float64Array((steps.length / emission.dimension) * emission.states);
  emission.logProb(steps, logB);
  return logB;
}

function rated({ chain, emission }: Parts<Emission>, sequence: ArrayLike<number>) {
  const logB = emitted(emission, sequence);
  return { logB, filtered: forward(chain, logB) };
}

/** The forward pass over a sequence that can happen; throws where it cannot. */
function possible(parts: Parts<Emission>, sequence: ArrayLike<number>): Filtered {
  const { filtered } = rated(parts, sequence);
  if (filtered.impossible >= 0)
    throw new SampoError(
      `The sequence has probability zero: its step ${filtered.impossible} cannot follow those before it in any state; fit with pseudocounts above 0.`,
    );
  return filtered;
}

/** Step after step: one uniform for the state, those of the emission for what it shows. */
function sample({ chain, emission }: Parts<Emission>, key: Key, length: number): Drawn {
  if (!Number.isSafeInteger(length) || length < 1)
    throw new UsageError(`A sequence has a whole number of steps from 1 on; got ${length}.`);
  const { states: n, initial, transition } = chain;
  const { dimension, words } = emission;
  const u = uniforms64(key, length * (1 + words));
  const states = new Int32Array(length);
  const steps = new Float64Array(length * dimension).fill(Number.NaN);
  for (let t = 0; t < length; t++) {
    const own = u.subarray(t * (1 + words), (t + 1) * (1 + words));
    states[t] = t === 0 ? inverseCdf(initial, own[0]!) : inverseCdf(transition, own[0]!, states[t - 1]! * n, n);
    emission.fill(states[t]!, steps.subarray(t * dimension, (t + 1) * dimension), opened(own.subarray(1)));
  }
  return { states, steps };
}

/** The path from its posterior, then what each state shows of the gaps. */
function complete(parts: Parts<Emission>, sequence: ArrayLike<number>, key: Key): Drawn {
  const { emission } = parts;
  const { dimension, words } = emission;
  const steps = stepsOf(sequence, dimension).slice();
  const length = steps.length / dimension;
  const u = uniforms64(key, length * (1 + words));
  const states = drawPath(parts.chain, possible(parts, steps), u.subarray(0, length));
  for (let t = 0; t < length; t++) {
    const own = u.subarray(length + t * words, length + (t + 1) * words);
    emission.fill(states[t]!, steps.subarray(t * dimension, (t + 1) * dimension), opened(own));
  }
  return { states, steps };
}

function predict(parts: Parts<Emission>, sequence: ArrayLike<number>): Prediction {
  const { chain, emission } = parts;
  const { alpha, inLogs } = possible(parts, sequence);
  const last = alpha.subarray(alpha.length - chain.states);
  const states = advance(chain, inLogs ? last.map(Math.exp) : last);
  return {
    states,
    ...emission.outlook(states),
    logProb: (step) => logSumExp(emitted(emission, step).map((log, i) => log + Math.log(states[i]!))),
  };
}

/** Uniforms of [0, 1) as ones of the open interval. */
const opened = (u: Float64Array) => u.map((value) => Math.min(value + 2 ** -54, 1 - 2 ** -53));

/** Probabilities that are not fixed at zero, less one for each law. */
function freedomOf({ states: n, initial, transition }: Chain): number {
  const free = (law: Float64Array) => Math.max(0, law.filter((p) => p > 0).length - 1);
  let sum = free(initial);
  for (let i = 0; i < n; i++) sum += free(transition.subarray(i * n, (i + 1) * n));
  return sum;
}
