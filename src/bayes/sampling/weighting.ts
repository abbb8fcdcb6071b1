import { SampoError, UsageError } from "../../base/errors.ts";
import { type Evidence, inverseCdf, uniforms64, variablesNamed } from "../../probability/tables/index.ts";
import type { Key } from "../../random/index.ts";
import type { Network } from "../network.ts";
import { type SampledAnswer, weightedEstimate } from "./estimate.ts";
import { type Plan, planOf, rowOf } from "./plan.ts";

/** Options of likelihood weighting. */
export interface WeightingOptions {
  readonly samples: number;
  readonly key: Key;
}

/** What weighting finds beside the shares. */
export interface WeightedAnswer extends SampledAnswer {
  /** log p(evidence), estimated by the mean weight, in nats, and its standard error. */
  readonly logProbability: { readonly value: number; readonly standardError: number };
}

/** Draws with their weights: the state of node v in draw i is `columns[v][i]`, its weight `weights[i]` × exp(`logScale`). */
export interface WeightedDraws {
  readonly columns: readonly Int32Array[];
  readonly weights: Float64Array;
  readonly logScale: number;
}

/** The most states that are drawn at once: those of all samples and variables together. */
const MOST = 2 ** 28;

/** Throws unless so many samples of so many variables can be drawn. */
export function checkSamples(samples: number, variables: number): void {
  if (!Number.isSafeInteger(samples) || samples < 1)
    throw new UsageError(`The number of samples is a whole number from 1 on; got ${samples}.`);
  if (samples * variables > MOST)
    throw new UsageError(
      `At most ${Math.floor(MOST / variables)} samples of ${variables} variables are drawn at once, and ${samples} are asked for: take fewer, or several runs with a seed each.`,
    );
}

/**
 * Draws every node that is not observed by the inverse CDF of one uniform, parents first, and weights a draw by the
 * probability of what was observed given its parents (Fung & Chang 1990; Shachter & Peot 1990). Draw i depends on
 * (key, from + i) alone.
 */
export function weightedDraws(plan: Plan, key: Key, count: number, from = 0): WeightedDraws {
  const { ordered, observed } = plan;
  const width = ordered.length;
  const uniforms = uniforms64(key, count * width, from * width);
  const columns = plan.variables.map(() => new Int32Array(count));
  const logs = new Float64Array(count);
  const states = new Int32Array(width);
  for (let i = 0; i < count; i++) {
    for (let v = 0; v < width; v++) {
      const node = ordered[v]!;
      const row = rowOf(node, states);
      const seen = observed[node.place]!;
      if (seen >= 0) logs[i]! += Math.log(node.table[row + seen]!);
      states[node.place] = seen >= 0 ? seen : inverseCdf(node.table, uniforms[i * width + v]!, row, node.width);
      columns[node.place]![i] = states[node.place]!;
    }
  }
  const logScale = logs.reduce((most, log) => Math.max(most, log), Number.NEGATIVE_INFINITY);
  return { columns, weights: logs.map((log) => Math.exp(log - logScale)), logScale };
}

/** The error for evidence that no draw agrees with. */
function noWeight(samples: number): SampoError {
  return new SampoError(
    `None of ${samples} draws agrees with the evidence: it is impossible or very improbable; draw more samples, or ask the exact method.`,
  );
}

/** p(target | evidence) by likelihood weighting; the standard errors grow as evidence becomes improbable. */
export function likelihoodWeighting(
  network: Network,
  targets: readonly string[],
  evidence: Evidence,
  { samples, key }: WeightingOptions,
): WeightedAnswer {
  checkSamples(samples, network.nodes.length);
  const plan = planOf(network, evidence);
  const asked = variablesNamed(plan.variables, targets);
  const { columns, weights, logScale } = weightedDraws(plan, key, samples);
  if (logScale === Number.NEGATIVE_INFINITY) throw noWeight(samples);
  const marginals = new Map(
    asked.map((variable) => {
      const column = columns[plan.variables.indexOf(variable)]!;
      return [variable.name, weightedEstimate(column, weights, variable.states.length)] as const;
    }),
  );
  const mean = weights.reduce((sum, w) => sum + w, 0) / samples;
  const variance = weights.reduce((sum, w) => sum + (w - mean) ** 2, 0) / samples;
  const logProbability = { value: logScale + Math.log(mean), standardError: Math.sqrt(variance / samples) / mean };
  const effectiveSamples = weights.reduce((sum, w) => sum + w, 0) ** 2 / weights.reduce((sum, w) => sum + w * w, 0);
  return { marginals, samples, effectiveSamples, logProbability, how: "likelihood weighting" };
}
