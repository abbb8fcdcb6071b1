import { UsageError } from "../../base/errors.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import { unknownName } from "../../base/suggest.ts";
import { type Evidence, ImpossibleEvidence, type Variable } from "../../probability/tables/index.ts";
import type { Key } from "../../random/index.ts";
import { type Calibrated, type InferenceOptions, type JunctionTree, junctionTree } from "../exact/index.ts";
import { variablesOf } from "../network.ts";
import { planOf } from "../sampling/plan.ts";
import {
  type CheckedMixed,
  checkMixed,
  conditionNormal,
  jointNormal,
  type MixedNetwork,
  type Moments,
} from "./mixed.ts";
import { weightedMixed } from "./sampling.ts";

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

/** One combination of states of the real variables' discrete parents that evidence leaves possible. */
export interface Part {
  /** log of its probability together with the evidence. */
  readonly log: number;
  /** The states it fixes, evidence among them. */
  readonly states: Evidence;
  readonly calibrated: Calibrated;
  /** The normal of all real variables given it and the values seen. */
  readonly moments: Moments;
}

/** A mixed network with its junction tree: made once, asked often. */
export interface MixedInference {
  readonly checked: CheckedMixed;
  readonly tree: JunctionTree;
  /** How many combinations of states the real variables hang on where nothing is observed. */
  readonly combinations: number;
  /** The parts of a posterior; throws where they are too many, or none is possible. */
  parts(evidence: MixedEvidence, options?: Pick<MixedOptions, "maxCombinations" | "soft">): Part[];
}

/** The most combinations of states that are enumerated where nothing is said. */
export const MAX_COMBINATIONS = 4096;

/** Prepares a mixed network for exact inference. */
export function mixedInference(network: MixedNetwork, limits: Pick<InferenceOptions, "maxBytes"> = {}): MixedInference {
  const checked = checkMixed(network);
  const tree = junctionTree(network.discrete, limits);
  const parents = [...new Set(checked.ordered.flatMap(({ given }) => given.map(({ place }) => place)))];
  const parts: MixedInference["parts"] = (
    { states = {}, values },
    { maxCombinations = MAX_COMBINATIONS, soft } = {},
  ) => {
    const seen = seenValues(network, values);
    const plan = planOf(network.discrete, states);
    const free = parents.filter((place) => plan.observed[place]! < 0);
    const size = sizeOf(free, plan.variables);
    if (size > maxCombinations) throw tooMany(size);
    const found = [...combinations(free, plan.variables)].flatMap((assigned) => {
      const own = { ...states };
      const at = plan.observed.slice();
      for (const [place, state] of assigned) {
        own[plan.variables[place]!.name] = plan.variables[place]!.states[state]!;
        at[place] = state;
      }
      const calibrated = possible(() => tree.calibrate(own, soft));
      if (!calibrated) return [];
      const { moments, logDensity } = conditionNormal(jointNormal(checked, at), seen);
      return [{ log: calibrated.logProbability + logDensity, states: own, calibrated, moments }];
    });
    if (found.length === 0)
      throw new ImpossibleEvidence("The evidence has probability zero: no distribution is conditional on it.");
    return found;
  };
  return { checked, tree, combinations: sizeOf(parents, variablesOf(network.discrete)), parts };
}

const sizeOf = (places: readonly number[], variables: readonly Variable[]) =>
  places.reduce((product, place) => product * variables[place]!.states.length, 1);

const tooMany = (size: number) =>
  new UsageError(
    `The real variables hang on ${size} combinations of states: observe more, allow more (maxCombinations), or give samples and a key for likelihood weighting.`,
  );

/**
 * Posteriors of all variables. Given the discrete parents of real variables the rest is a normal, conditioned exactly, so
 * their combinations are enumerated, each weighted by its probability times the density of what was observed; where they
 * are too many, likelihood weighting answers instead and says so. The means and deviations of mixtures are exact too.
 */
export function askMixed(network: MixedNetwork, evidence: MixedEvidence = {}, options: MixedOptions = {}): MixedAnswer {
  const { maxCombinations = MAX_COMBINATIONS, maxBytes, sampling } = options;
  if (sampling) {
    const checked = checkMixed(network);
    const { observed, variables } = planOf(network.discrete, evidence.states);
    const parents = new Set(checked.ordered.flatMap(({ given }) => given.map(({ place }) => place)));
    const free = [...parents].filter((place) => observed[place]! < 0);
    if (sizeOf(free, variables) > maxCombinations)
      return weightedMixed(checked, evidence.states ?? {}, seenValues(network, evidence.values), sampling);
  }
  return answerOf(
    network,
    mixedInference(network, maxBytes === undefined ? {} : { maxBytes }).parts(evidence, options),
  );
}

/** The posteriors that parts make together. */
function answerOf(network: MixedNetwork, parts: readonly Part[]): MixedAnswer {
  const total = logSumExp(parts.map(({ log }) => log));
  const shares = parts.map(({ log }) => Math.exp(log - total));
  const all = parts.map(({ calibrated }) => calibrated.marginals());
  const discrete = new Map(
    variablesOf(network.discrete).map(({ name, states }) => [
      name,
      Float64Array.from(states, (_, k) => all.reduce((sum, each, i) => sum + shares[i]! * each.get(name)![k]!, 0)),
    ]),
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
    if (error instanceof ImpossibleEvidence) return undefined;
    throw error;
  }
}

/** Every assignment of states to places. */
export function* combinations(
  places: readonly number[],
  variables: readonly Variable[],
): Generator<[place: number, state: number][]> {
  const size = sizeOf(places, variables);
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
