import { ShapeError, UsageError } from "../../base/errors.ts";
import type { Key } from "../../random/index.ts";
import { inverseCdf, uniforms64 } from "../tables/sample.ts";
import { stationaryLaw } from "./stationary.ts";
import { checkedLaw, checkedStates, stateNumber, type Transition, transitionOf } from "./transition.ts";

/** States by name or by number. */
export type StateSequence = ArrayLike<string | number>;

/** What makes a chain of order k over K states. */
export interface MarkovChainParameters {
  readonly states: readonly string[];
  /** How many states the next one depends on; 1 when left out. */
  readonly order?: number;
  /** Probabilities of the first k states, Kᵏ numbers, the last state varying fastest; equal when left out. */
  readonly initial?: ArrayLike<number>;
  /** p(next | the k before it): Kᵏ rows of K numbers, row by row, rows in the order of `initial`. */
  readonly transition: ArrayLike<number>;
}

/** A Markov chain of order k: p(x₁ … x_T) = p(x₁ … x_k) ∏ₜ p(xₜ | xₜ₋ₖ … xₜ₋₁). */
export interface MarkovChain {
  readonly states: readonly string[];
  readonly order: number;
  readonly initial: Float64Array;
  readonly transition: Float64Array;
  /** Number of free probabilities in the transitions, Kᵏ (K − 1). */
  readonly freedom: number;
  /** p(next | the last k states), K numbers. */
  next(context: StateSequence): Float64Array;
  /** log p of a sequence in nats; −∞ where it cannot happen. */
  logProb(sequence: StateSequence): number;
  /** log p of what follows the first `given` states (k when left out) given those. */
  logProbAfter(sequence: StateSequence, given?: number): number;
  /** States drawn one after the other by inverse CDF: sequence n depends on (key, n) alone. */
  sample(key: Key, count: number, length: number): Int32Array[];
  /** The chain of order 1 over the last k states, whose transitions all analysis of order k comes down to. */
  lifted(): Transition;
  /** Long-run shares of the states; throws where they depend on the start. */
  stationary(): Float64Array;
}

/** The most contexts whose transitions are kept as a table. */
const MOST_ENTRIES = 2 ** 26;

/** Kᵏ; refuses an order whose table would not fit. */
export function contextsOf(states: number, order: number): number {
  if (!Number.isSafeInteger(order) || order < 0)
    throw new UsageError(`The order of a Markov chain is a whole number from 0 on; got ${order}.`);
  const contexts = states ** order;
  if (contexts * states > MOST_ENTRIES)
    throw new UsageError(
      `A chain of order ${order} over ${states} states has ${contexts * states} transitions, and ${MOST_ENTRIES} are the most; choose a lower order.`,
    );
  return contexts;
}

/** The numbers of a sequence's states. */
export function numbered(states: readonly string[], sequence: StateSequence): Int32Array {
  const known = new Map(states.map((name, i) => [name, i]));
  return Int32Array.from({ length: sequence.length }, (_, t) => {
    const state = sequence[t]!;
    return known.get(state as string) ?? stateNumber(states, state);
  });
}

/** A Markov chain of given probabilities. */
export function markovChain({ states, order = 1, initial, transition }: MarkovChainParameters): MarkovChain {
  checkedStates(states);
  const size = states.length;
  const contexts = contextsOf(size, order);
  if (transition.length !== contexts * size)
    throw new ShapeError(
      `A chain of order ${order} over ${size} states has ${contexts} x ${size} transitions; got ${transition.length} numbers.`,
    );
  const nameOf = (context: number) => contextName(states, order, context);
  const rows = Float64Array.from(transition);
  for (let c = 0; c < contexts; c++) {
    const own = rows.subarray(c * size, (c + 1) * size);
    own.set(checkedLaw(own, `The transitions after "${nameOf(c)}"`));
  }
  const first = initial
    ? checkedLaw(initial, "The first states of a chain")
    : new Float64Array(contexts).fill(1 / contexts);
  if (first.length !== contexts)
    throw new ShapeError(`The first states need ${contexts} probabilities; got ${first.length}.`);
  const parts: Parts = { states, size, order, contexts, first, rows };
  const lifted = () => liftedOf(parts, nameOf);
  return {
    states,
    order,
    initial: first,
    transition: rows,
    freedom: contexts * (size - 1),
    next: (context) => {
      if (context.length < order)
        throw new UsageError(`A chain of order ${order} looks back on ${order} states; got ${context.length}.`);
      const all = numbered(states, context);
      const c = contextAt(all, all.length, size, order);
      return rows.slice(c * size, (c + 1) * size);
    },
    logProb: (sequence) => {
      const all = numbered(states, sequence);
      if (all.length === 0) throw new UsageError("An empty sequence has no probability under a Markov chain.");
      return logFirst(parts, all) + (all.length > order ? logRest(parts, all, order) : 0);
    },
    logProbAfter: (sequence, given = order) => {
      const all = numbered(states, sequence);
      if (given < order) throw new UsageError(`A chain of order ${order} goes on from at least ${order} states.`);
      return logRest(parts, all, given);
    },
    sample: (key, count, length) => draw(parts, key, count, length),
    lifted,
    stationary: () => {
      const shares = new Float64Array(size);
      if (order === 0) return rows.slice();
      stationaryLaw(lifted()).forEach((p, c) => {
        shares[c % size]! += p;
      });
      return shares;
    },
  };
}

interface Parts {
  readonly states: readonly string[];
  readonly size: number;
  readonly order: number;
  readonly contexts: number;
  readonly first: Float64Array;
  readonly rows: Float64Array;
}

/** `a b` for the context of a, then b. */
export function contextName(states: readonly string[], order: number, context: number): string {
  const size = states.length;
  return Array.from({ length: order }, (_, i) => states[Math.floor(context / size ** (order - 1 - i)) % size]).join(
    " ",
  );
}

/** The number of the `order` states before place `at`. */
export function contextAt(sequence: ArrayLike<number>, at: number, size: number, order: number): number {
  let context = 0;
  for (let t = at - order; t < at; t++) context = context * size + sequence[t]!;
  return context;
}

/** log p of the first k states, or of fewer where the sequence is shorter. */
function logFirst({ first, size, order }: Parts, all: Int32Array): number {
  if (all.length >= order) return Math.log(first[contextAt(all, order, size, order)]!);
  const width = size ** (order - all.length);
  const start = contextAt(all, all.length, size, all.length) * width;
  return Math.log(first.subarray(start, start + width).reduce((a, b) => a + b, 0));
}

function logRest({ rows, size, order, contexts }: Parts, all: Int32Array, from: number): number {
  let context = contextAt(all, from, size, order);
  let sum = 0;
  for (let t = from; t < all.length; t++) {
    sum += Math.log(rows[context * size + all[t]!]!);
    context = order === 0 ? 0 : (context * size + all[t]!) % contexts;
  }
  return sum;
}

function draw({ first, rows, size, order, contexts }: Parts, key: Key, count: number, length: number): Int32Array[] {
  const u = uniforms64(key, count * (length + 1));
  return Array.from({ length: count }, (_, n) => {
    const own = u.subarray(n * (length + 1), (n + 1) * (length + 1));
    const states = new Int32Array(length);
    let context = inverseCdf(first, own[length]!);
    for (let t = 0; t < Math.min(order, length); t++) states[t] = Math.floor(context / size ** (order - 1 - t)) % size;
    for (let t = order; t < length; t++) {
      states[t] = inverseCdf(rows, own[t]!, context * size, size);
      context = order === 0 ? 0 : (context * size + states[t]!) % contexts;
    }
    return states;
  });
}

const MOST_LIFTED = 4096;

function liftedOf({ states, size, order, contexts, rows }: Parts, nameOf: (context: number) => string): Transition {
  if (order === 0)
    return transitionOf(
      states,
      states.map(() => rows),
    );
  if (order === 1) return { states, matrix: { rows: size, columns: size, data: rows } };
  if (contexts > MOST_LIFTED)
    throw new UsageError(
      `A chain of order ${order} over ${size} states has ${contexts} contexts, too many to analyse (${MOST_LIFTED} are the most); fit a lower order.`,
    );
  const data = new Float64Array(contexts * contexts);
  for (let c = 0; c < contexts; c++)
    for (let j = 0; j < size; j++) data[c * contexts + ((c * size + j) % contexts)] = rows[c * size + j]!;
  const names = Array.from({ length: contexts }, (_, c) => nameOf(c));
  return { states: names, matrix: { rows: contexts, columns: contexts, data } };
}
