import { inverseCdf } from "../tables/sample.ts";

/** The hidden chain of a model. */
export interface Chain {
  readonly states: number;
  readonly initial: Float64Array;
  /** P[i, j], row by row. */
  readonly transition: Float64Array;
}

/** What the steps up to each one say of its state. */
export interface Filtered {
  /** p(state of step t | steps to t), [T, K]; logarithms where `inLogs`. */
  readonly alpha: Float64Array;
  readonly inLogs: boolean;
  /** log p(step t | steps before it) in nats; their sum is the log-likelihood. */
  readonly nats: Float64Array;
  /** The first step that cannot happen, −1 where all can. */
  readonly impossible: number;
}

/** Below this a number is no longer trusted to stand for itself. */
const TINY = 1e-290;
/** With every transition at least this probable, a state that was lost by underflow comes back in the next step. */
const ALWAYS = 1e-60;

/**
 * Forward pass with scaling (Rabiner 1989, section V.A): αₜ(j) ∝ bₜ(j) Σᵢ αₜ₋₁(i) Pᵢⱼ, normalised at every step. Where
 * transitions of (nearly) zero meet numbers too small for that, it is done over in logarithms, in which nothing is lost.
 * `logB` are the emissions log bₜ(i), [T, K].
 */
export function forward(chain: Chain, logB: Float64Array): Filtered {
  const scaled = scaledForward(chain, logB);
  return scaled ?? logForward(chain, logB);
}

function scaledForward({ states: n, initial, transition }: Chain, logB: Float64Array): Filtered | undefined {
  const length = logB.length / n;
  const safe = transition.every((p) => p >= ALWAYS);
  const alpha = new Float64Array(logB.length);
  const nats = new Float64Array(length);
  const next = new Float64Array(n);
  for (let t = 0; t < length; t++) {
    const at = t * n;
    if (t === 0) next.set(initial);
    else {
      next.fill(0);
      for (let i = 0; i < n; i++) {
        const a = alpha[at - n + i]!;
        if (a === 0) continue;
        for (let j = 0, from = i * n; j < n; j++) next[j]! += a * transition[from + j]!;
      }
    }
    let most = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < n; j++) if (next[j]! > 0 && logB[at + j]! > most) most = logB[at + j]!;
    if (most === Number.NEGATIVE_INFINITY) return safe ? impossibleAt(alpha, nats, t) : undefined;
    let sum = 0;
    for (let j = 0; j < n; j++) {
      const log = logB[at + j]!;
      const value = next[j]! === 0 ? 0 : next[j]! * Math.exp(log - most);
      if (!safe && value < TINY && next[j]! > 0 && log !== Number.NEGATIVE_INFINITY) return undefined;
      alpha[at + j] = value;
      sum += value;
    }
    if (!(sum > TINY)) return undefined;
    for (let j = 0; j < n; j++) alpha[at + j]! /= sum;
    nats[t] = Math.log(sum) + most;
  }
  return { alpha, inLogs: false, nats, impossible: -1 };
}

function impossibleAt(alpha: Float64Array, nats: Float64Array, t: number, inLogs = false): Filtered {
  nats[t] = Number.NEGATIVE_INFINITY;
  return { alpha, inLogs, nats, impossible: t };
}

function logForward({ states: n, initial, transition }: Chain, logB: Float64Array): Filtered {
  const length = logB.length / n;
  const logs = transition.map(Math.log);
  const alpha = new Float64Array(logB.length);
  const nats = new Float64Array(length);
  for (let t = 0; t < length; t++) {
    const at = t * n;
    let most = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < n; j++) {
      const before = t === 0 ? Math.log(initial[j]!) : logSumColumn(alpha, at - n, logs, j, n);
      alpha[at + j] = before + logB[at + j]!;
      most = Math.max(most, alpha[at + j]!);
    }
    if (most === Number.NEGATIVE_INFINITY) return impossibleAt(alpha, nats, t, true);
    let sum = 0;
    for (let j = 0; j < n; j++) sum += Math.exp(alpha[at + j]! - most);
    nats[t] = most + Math.log(sum);
    for (let j = 0; j < n; j++) alpha[at + j]! -= nats[t]!;
  }
  return { alpha, inLogs: true, nats, impossible: -1 };
}

/** log Σᵢ exp(αᵢ + log Pᵢⱼ), α from a place on. */
export function logSumColumn(alpha: Float64Array, from: number, logs: Float64Array, j: number, n: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n; i++) most = Math.max(most, alpha[from + i]! + logs[i * n + j]!);
  if (most === Number.NEGATIVE_INFINITY) return most;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.exp(alpha[from + i]! + logs[i * n + j]! - most);
  return most + Math.log(sum);
}

/** p(state of the step after one with law α): Σᵢ αᵢ Pᵢⱼ. */
export function advance({ states: n, transition }: Chain, law: ArrayLike<number>): Float64Array {
  const next = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) next[j]! += law[i]! * transition[i * n + j]!;
  return next;
}

/**
 * Backward pass: γₜ(i) = Σⱼ p(i | j, steps to t) γₜ₊₁(j) with p(i | j, steps to t) = αₜ(i) Pᵢⱼ / Σᵢ αₜ(i) Pᵢⱼ, which needs no
 * scales of its own (Askar & Derin 1981). Gives γ [T, K]; adds Σₜ p(i at t, j at t + 1 | all steps) to `pairs` [K, K].
 */
export function backward(chain: Chain, { alpha, inLogs }: Filtered, pairs?: Float64Array): Float64Array {
  const { states: n, transition } = chain;
  if (inLogs) return logBackward(chain, alpha, pairs);
  const gamma = alpha.slice();
  const share = new Float64Array(n);
  const raw = pairs ? new Float64Array(n * n) : undefined; // Σₜ αₜ(i) shareₜ(j): Pᵢⱼ is a factor of all of them
  for (let at = alpha.length - 2 * n; at >= 0; at -= n) {
    share.fill(0);
    for (let i = 0; i < n; i++) {
      const a = alpha[at + i]!;
      for (let j = 0, from = i * n; j < n; j++) share[j]! += a * transition[from + j]!;
    }
    for (let j = 0; j < n; j++) share[j] = share[j]! > 0 ? gamma[at + n + j]! / share[j]! : 0;
    for (let i = 0; i < n; i++) {
      const a = alpha[at + i]!;
      let sum = 0;
      for (let j = 0, from = i * n; j < n; j++) sum += transition[from + j]! * share[j]!;
      gamma[at + i] = a * sum;
      if (raw && a > 0) for (let j = 0, from = i * n; j < n; j++) raw[from + j]! += a * share[j]!;
    }
  }
  if (pairs && raw) for (let k = 0; k < raw.length; k++) if (transition[k]! > 0) pairs[k]! += raw[k]! * transition[k]!;
  return gamma;
}

/** The same where the forward pass is in logarithms. */
function logBackward({ states: n, transition }: Chain, alpha: Float64Array, pairs?: Float64Array): Float64Array {
  const gamma = alpha.map(Math.exp);
  const logs = transition.map(Math.log);
  const weight = new Float64Array(n * n);
  for (let at = alpha.length - 2 * n; at >= 0; at -= n) {
    logWeights(alpha, at, logs, gamma, n, weight);
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0, from = i * n; j < n; j++) sum += weight[from + j]!;
      gamma[at + i] = sum;
    }
    if (pairs) for (let k = 0; k < weight.length; k++) pairs[k]! += weight[k]!;
  }
  return gamma;
}

/** p(i at t, j at t + 1 | all steps), [K, K]. */
function logWeights(
  alpha: Float64Array,
  at: number,
  logs: Float64Array,
  gamma: Float64Array,
  n: number,
  out: Float64Array,
): void {
  for (let j = 0; j < n; j++) {
    const norm = gamma[at + n + j]! > 0 ? logSumColumn(alpha, at, logs, j, n) : Number.NEGATIVE_INFINITY;
    for (let i = 0; i < n; i++) {
      const known = norm > Number.NEGATIVE_INFINITY;
      out[i * n + j] = known ? gamma[at + n + j]! * Math.exp(alpha[at + i]! + logs[i * n + j]! - norm) : 0;
    }
  }
}

/** A draw of all states given all steps: the last from αₜ, each before it from p(i | j, steps to t); one uniform a step. */
export function drawPath(chain: Chain, { alpha, inLogs }: Filtered, uniforms: ArrayLike<number>): Int32Array {
  const { states: n, transition } = chain;
  const length = alpha.length / n;
  const path = new Int32Array(length);
  const law = new Float64Array(n);
  for (let t = length - 1; t >= 0; t--) {
    let most = inLogs ? Number.NEGATIVE_INFINITY : 0;
    for (let i = 0; i < n; i++) {
      const p = t === length - 1 ? 1 : transition[i * n + path[t + 1]!]!;
      law[i] = inLogs ? alpha[t * n + i]! + Math.log(p) : alpha[t * n + i]! * p;
      most = Math.max(most, law[i]!);
    }
    let sum = 0;
    for (let i = 0; i < n; i++) sum += law[i] = inLogs ? Math.exp(law[i]! - most) : law[i]! / most;
    path[t] = inverseCdf(law, uniforms[t]! * sum);
  }
  return path;
}

/** The most probable states of all steps. */
export interface ViterbiPath {
  readonly path: Int32Array;
  /** log p(path, steps) in nats; −∞ where the steps cannot happen. */
  readonly logProb: number;
}

/** The path of highest joint probability (Viterbi 1967), in logarithms; among equal ones the lowest state at the last step. */
export function viterbi({ states: n, initial, transition }: Chain, logB: Float64Array): ViterbiPath {
  const length = logB.length / n;
  const logs = new Float64Array(n * n); // [to, from]
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) logs[j * n + i] = Math.log(transition[i * n + j]!);
  const from = n <= 256 ? new Uint8Array(logB.length) : new Int32Array(logB.length);
  let score = Float64Array.from(initial, (p, i) => Math.log(p) + logB[i]!);
  let next = new Float64Array(n);
  for (let t = 1; t < length; t++) {
    for (let j = 0; j < n; j++) {
      let [best, most] = [0, Number.NEGATIVE_INFINITY];
      for (let i = 0, row = j * n; i < n; i++) {
        const value = score[i]! + logs[row + i]!;
        if (value > most) {
          most = value;
          best = i;
        }
      }
      next[j] = most + logB[t * n + j]!;
      from[t * n + j] = best;
    }
    [score, next] = [next, score];
  }
  let state = 0;
  for (let i = 1; i < n; i++) if (score[i]! > score[state]!) state = i;
  const logProb = score[state]!;
  const path = new Int32Array(length);
  for (let t = length - 1; t >= 0; t--) {
    path[t] = state;
    state = from[t * n + state]!;
  }
  return { path, logProb };
}
