import { UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import { type Evidence, ImpossibleEvidence, type Variable } from "../../probability/tables/index.ts";
import type { Key } from "../../random/index.ts";
import {
  type Calibrated,
  type InferenceOptions,
  type JunctionTree,
  junctionTree,
  type Likelihood,
} from "../exact/index.ts";
import { variablesOf } from "../network.ts";
import { planOf } from "../sampling/plan.ts";
import { answerOf } from "./answer.ts";
import {
  type CheckedMixed,
  checkMixed,
  conditionNormal,
  jointNormal,
  type MixedNetwork,
  type Moments,
} from "./mixed.ts";
import { type Seen, weightedMixed } from "./sampling.ts";

/** What was observed of a mixed network: states of discrete variables, values of real ones and of counts. */
export interface MixedEvidence {
  readonly states?: Evidence;
  readonly values?: Readonly<Record<string, number>>;
}

/** The mean and standard deviation of a real variable or a count. */
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
  readonly counts: ReadonlyMap<string, RealMarginal>;
  /** "exact", or how it was estimated. */
  readonly how: string;
}

/** Bounds of inference, and the key and number of draws where exact inference is too large. */
export interface MixedOptions extends InferenceOptions {
  /** The most combinations of states of discrete parents that are enumerated (4096). */
  readonly maxCombinations?: number;
  readonly sampling?: { readonly samples: number; readonly key: Key };
}

/** The values observed, by the place of a real variable or of a count. */
function seenValues({ gaussian, counts = [] }: MixedNetwork, values: Readonly<Record<string, number>> = {}): Seen {
  const [real, count] = [gaussian, counts].map((nodes) => nodes.map(({ name }) => name)) as [string[], string[]];
  const seen = { real: new Map<number, number>(), counts: new Map<number, number>() };
  for (const [name, value] of Object.entries(values)) {
    if (!real.includes(name) && !count.includes(name))
      throw new UsageError(unknownName("real variable", name, [...real, ...count]));
    if (!Number.isFinite(value)) throw new UsageError(`The value observed of "${name}" is ${value}; give a number.`);
    if (real.includes(name)) seen.real.set(real.indexOf(name), value);
    else seen.counts.set(count.indexOf(name), value);
  }
  return seen;
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
  /** The counts seen, by place. */
  readonly counts: ReadonlyMap<number, number>;
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
  const families = checked.counts.map(({ node }) => node.given);
  const tree = junctionTree(network.discrete, { ...limits, families });
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
    const likelihoods = likelihoodsOf(checked, seen.counts);
    const found = [...combinations(free, plan.variables)].flatMap((assigned) => {
      const own = { ...states };
      const at = plan.observed.slice();
      for (const [place, state] of assigned) {
        own[plan.variables[place]!.name] = plan.variables[place]!.states[state]!;
        at[place] = state;
      }
      const calibrated = possible(() => tree.calibrate(own, soft, likelihoods.joint));
      if (!calibrated) return [];
      const { moments, logDensity } = conditionNormal(jointNormal(checked, at), seen.real);
      const log = calibrated.logProbability + logDensity + likelihoods.alone;
      return [{ log, states: own, calibrated, moments, counts: seen.counts }];
    });
    if (found.length === 0 || likelihoods.alone === Number.NEGATIVE_INFINITY)
      throw new ImpossibleEvidence("The evidence has probability zero: no distribution is conditional on it.");
    return found;
  };
  return { checked, tree, combinations: sizeOf(parents, variablesOf(network.discrete)), parts };
}

/** What the counts seen say of their parents, and log p of those without parents. */
function likelihoodsOf({ counts }: CheckedMixed, seen: ReadonlyMap<number, number>) {
  const joint: Likelihood[] = [];
  let alone = 0;
  for (const [place, value] of seen) {
    const { node, laws } = counts[place]!;
    const logs = Float64Array.from(laws, (law) => law.logProb(value));
    if (node.given.length > 0) joint.push({ names: node.given, logs });
    else alone += logs[0]!;
  }
  return { joint, alone };
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
 * are too many, likelihood weighting answers instead and says so. A count that was observed is evidence about its parents
 * together; one that was not follows from them. The means and deviations of mixtures are exact too.
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
  const inference = mixedInference(network, maxBytes === undefined ? {} : { maxBytes });
  return answerOf(inference.checked, inference.parts(evidence, options));
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
