import { SampoError, UsageError } from "../../base/errors.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import { unknownName } from "../../base/suggest.ts";
import { type Evidence, inverseCdf, uniforms64 } from "../../probability/tables/index.ts";
import { fold, type Key, normalQuantile } from "../../random/index.ts";
import { type InferenceOptions, junctionTree } from "../exact/index.ts";
import { planOf, rowOf } from "../sampling/plan.ts";
import { type CheckedMixed, checkMixed, conditionNormal, jointNormal, type MixedNetwork, regimeOf } from "./mixed.ts";

/** What was observed of a mixed network. */
export interface MixedEvidence {
  readonly states?: Evidence;
  readonly values?: Readonly<Record<string, number>>;
}

/** The mean and standard deviation of a real variable. */
export interface RealMarginal {
  readonly mean: number;
  readonly deviation: number;
}

/** Posteriors in a mixed network. */
export interface MixedAnswer {
  /** log of the probability of the states times the density of the values observed. */
  readonly logProbability: number;
  readonly discrete: ReadonlyMap<string, Float64Array>;
  readonly real: ReadonlyMap<string, RealMarginal>;
  /** "exact", or how it was estimated. */
  readonly how: string;
}

/** Bounds of inference, and the key and number of draws where exact inference is too large. */
export interface MixedOptions extends InferenceOptions {
  /** The most combinations of states of discrete parents that are enumerated (4096). */
  readonly maxCombinations?: number;
  readonly sampling?: { readonly samples: number; readonly key: Key };
}

function seenValues({ gaussian }: MixedNetwork, values: Readonly<Record<string, number>> = {}): Map<number, number> {
  const names = gaussian.map(({ name }) => name);
  return new Map(
    Object.entries(values).map(([name, value]) => {
      if (!names.includes(name)) throw new UsageError(unknownName("real variable", name, names));
      if (!Number.isFinite(value)) throw new UsageError(`The value observed of "${name}" is ${value}; give a number.`);
      return [names.indexOf(name), value];
    }),
  );
}

/**
 * Posteriors of all variables. Given the discrete parents of real variables the rest is a normal, conditioned exactly, so
 * their combinations are enumerated, each weighted by its probability times the density of what was observed; where they
 * are too many, likelihood weighting answers instead and says so. The means and deviations of mixtures are exact too.
 */
export function askMixed(network: MixedNetwork, evidence: MixedEvidence = {}, options: MixedOptions = {}): MixedAnswer {
  const checked = checkMixed(network);
  const { states = {} } = evidence;
  const values = seenValues(network, evidence.values);
  const plan = planOf(network.discrete, states);
  const parents = [...new Set(checked.ordered.flatMap(({ given }) => given.map(({ place }) => place)))];
  const free = parents.filter((place) => plan.observed[place]! < 0);
  const size = free.reduce((product, place) => product * plan.variables[place]!.states.length, 1);
  if (size > (options.maxCombinations ?? 4096)) {
    if (options.sampling) return weightedMixed(checked, states, values, options.sampling);
    throw new UsageError(
      `The real variables hang on ${size} combinations of states: observe more, allow more (maxCombinations), or give samples and a key for likelihood weighting.`,
    );
  }
  const tree = junctionTree(network.discrete, options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes });
  const parts = [...combinations(free, plan.variables)].flatMap((assigned) => {
    const own = { ...states };
    const at = plan.observed.slice();
    for (const [place, state] of assigned) {
      own[plan.variables[place]!.name] = plan.variables[place]!.states[state]!;
      at[place] = state;
    }
    const calibrated = possible(() => tree.calibrate(own, options.soft));
    if (!calibrated) return [];
    const { moments, logDensity } = conditionNormal(jointNormal(checked, at), values);
    return [{ log: calibrated.logProbability + logDensity, marginals: calibrated.marginals(), moments }];
  });
  if (parts.length === 0)
    throw new SampoError("The evidence has probability zero: no distribution is conditional on it.");
  const total = logSumExp(parts.map(({ log }) => log));
  const shares = parts.map(({ log }) => Math.exp(log - total));
  const discrete = new Map(
    plan.variables.map(({ name, states: own }) => {
      const sums = new Float64Array(own.length);
      parts.forEach(({ marginals }, i) => {
        marginals.get(name)!.forEach((p, k) => {
          sums[k]! += shares[i]! * p;
        });
      });
      return [name, sums] as const;
    }),
  );
  const n = network.gaussian.length;
  const real = new Map(
    network.gaussian.map(({ name }, i) => {
      const mean = parts.reduce((sum, { moments }, k) => sum + shares[k]! * moments.mean[i]!, 0);
      const variance = parts.reduce(
        (sum, { moments: m }, k) => sum + shares[k]! * (m.covariance.data[i * n + i]! + (m.mean[i]! - mean) ** 2),
        0,
      );
      return [name, { mean, deviation: Math.sqrt(Math.max(0, variance)) }] as const;
    }),
  );
  return { logProbability: total, discrete, real, how: "exact" };
}

function possible<T>(calibrate: () => T): T | undefined {
  try {
    return calibrate();
  } catch (error) {
    if (error instanceof SampoError && error.message.includes("probability zero")) return undefined;
    throw error;
  }
}

function* combinations(
  places: readonly number[],
  variables: readonly { readonly states: readonly string[] }[],
): Generator<[number, number][]> {
  const size = places.reduce((product, place) => product * variables[place]!.states.length, 1);
  for (let cell = 0; cell < size; cell++) {
    let rest = cell;
    yield places.map((place) => {
      const width = variables[place]!.states.length;
      const state = rest % width;
      rest = Math.floor(rest / width);
      return [place, state];
    });
  }
}

/** Rows of a mixed network: states by discrete node and values by real node, with the log weight of what is observed. */
export function drawMixed(
  checked: CheckedMixed,
  states: Evidence,
  values: ReadonlyMap<number, number>,
  { samples, key }: { readonly samples: number; readonly key: Key },
) {
  const plan = planOf(checked.network.discrete, states);
  const [d, g] = [plan.ordered.length, checked.ordered.length];
  const u = uniforms64(fold(key, "states"), samples * d);
  const v = uniforms64(fold(key, "values"), samples * g);
  const drawn = {
    states: plan.nodes.map(() => new Int32Array(samples)),
    values: checked.ordered.map(() => new Float64Array(samples)),
  };
  const logs = new Float64Array(samples);
  const [at, x] = [new Int32Array(d), new Float64Array(g)];
  for (let i = 0; i < samples; i++) {
    for (const [k, node] of plan.ordered.entries()) {
      const row = rowOf(node, at);
      const seen = plan.observed[node.place]!;
      if (seen >= 0) logs[i]! += Math.log(node.table[row + seen]!);
      at[node.place] = seen >= 0 ? seen : inverseCdf(node.table, u[i * d + k]!, row, node.width);
      drawn.states[node.place]![i] = at[node.place]!;
    }
    for (const [k, each] of checked.ordered.entries()) {
      const { intercept, coefficients, variance } = regimeOf(each, at);
      const mean = coefficients.reduce((sum, b, j) => sum + b * x[each.parents[j]!]!, intercept);
      const seen = values.get(each.place);
      if (seen !== undefined) logs[i]! -= 0.5 * ((seen - mean) ** 2 / variance + Math.log(2 * Math.PI * variance));
      // The middle of a uniform's cell lies inside (0, 1); normalQuantile takes it less a half.
      x[each.place] = seen ?? mean + Math.sqrt(variance) * normalQuantile(v[i * g + k]! + 2 ** -54 - 0.5);
      drawn.values[each.place]![i] = x[each.place]!;
    }
  }
  return { ...drawn, logs };
}

/** Rows drawn from a mixed network; row i depends on the key and i alone. */
export function sampleMixed(network: MixedNetwork, key: Key, count: number) {
  const { states, values } = drawMixed(checkMixed(network), {}, new Map(), { samples: count, key });
  return { states, values };
}

function weightedMixed(
  checked: CheckedMixed,
  states: Evidence,
  values: ReadonlyMap<number, number>,
  sampling: { readonly samples: number; readonly key: Key },
): MixedAnswer {
  const { discrete, gaussian } = checked.network;
  const drawn = drawMixed(checked, states, values, sampling);
  const most = drawn.logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (most === Number.NEGATIVE_INFINITY)
    throw new SampoError(`None of ${sampling.samples} draws agrees with the evidence: draw more, or observe less.`);
  const weights = drawn.logs.map((log) => Math.exp(log - most));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const shares = weights.map((w) => w / total);
  return {
    logProbability: most + Math.log(total / sampling.samples),
    discrete: new Map(
      discrete.nodes.map(({ variable }, i) => {
        const sums = new Float64Array(variable.states.length);
        drawn.states[i]!.forEach((state, k) => {
          sums[state]! += shares[k]!;
        });
        return [variable.name, sums] as const;
      }),
    ),
    real: new Map(
      gaussian.map(({ name }, i) => {
        const mean = drawn.values[i]!.reduce((sum, x, k) => sum + shares[k]! * x, 0);
        const variance = drawn.values[i]!.reduce((sum, x, k) => sum + shares[k]! * (x - mean) ** 2, 0);
        return [name, { mean, deviation: Math.sqrt(variance) }] as const;
      }),
    ),
    how: `likelihood weighting with ${sampling.samples} draws`,
  };
}
