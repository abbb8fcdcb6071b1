import { logSumExp } from "../../base/log-sum-exp.ts";
import type { Emission } from "./emission.ts";
import { advance, type Chain, type Filtered, logSumColumn } from "./forward.ts";

/**
 * log p(number j of step t | steps before it, numbers before j in its own step), [T, dimension], by the chain rule within
 * each step: with πₜ the law of its state before it is seen, log Σᵢ πₜ(i) p(numbers to j | i) less the same without number
 * j. NaN where a number is missing, −∞ at the first that cannot happen and 0 after it.
 */
export function coordinateNats(
  chain: Chain,
  emission: Emission,
  steps: Float64Array,
  filtered: Filtered,
): Float64Array {
  const { dimension: d, states: n } = emission;
  const length = steps.length / d;
  const laws = stateLogs(chain, filtered, length);
  const shown = new Float64Array(steps.length).fill(Number.NaN);
  const logB = new Float64Array(length * n);
  const before = new Float64Array(length);
  const nats = new Float64Array(steps.length);
  for (let j = 0; j < d; j++) {
    for (let at = j; at < steps.length; at += d) shown[at] = steps[at]!;
    emission.logProb(shown, logB);
    for (let t = 0; t < length; t++) {
      const known = logSumExp(laws.subarray(t * n, (t + 1) * n).map((log, i) => log + logB[t * n + i]!));
      nats[t * d + j] = Number.isNaN(steps[t * d + j]) ? Number.NaN : known - before[t]!;
      before[t] = known;
    }
  }
  silence(nats);
  return nats;
}

/** log p(state of step t | steps before it), [T, K]. */
function stateLogs(chain: Chain, { alpha, inLogs, impossible }: Filtered, length: number): Float64Array {
  const n = chain.states;
  const logs = new Float64Array(length * n);
  const transition = chain.transition.map(Math.log);
  logs.set(chain.initial.map(Math.log));
  const last = impossible >= 0 ? impossible : length - 1;
  for (let t = 1; t <= last; t++) {
    const from = (t - 1) * n;
    if (!inLogs) logs.set(advance(chain, alpha.subarray(from, from + n)).map(Math.log), t * n);
    else for (let j = 0; j < n; j++) logs[t * n + j] = logSumColumn(alpha, from, transition, j, n);
  }
  return logs;
}

/** What follows the first number that cannot happen has no law: 0. */
function silence(nats: Float64Array): void {
  const dead = nats.indexOf(Number.NEGATIVE_INFINITY);
  if (dead < 0) return;
  for (let at = dead + 1; at < nats.length; at++) if (!Number.isNaN(nats[at])) nats[at] = 0;
}
