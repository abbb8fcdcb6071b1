import { DataError, UsageError } from "../../base/errors.ts";
import { fold, type Key } from "../../random/index.ts";
import { uniforms64 } from "../tables/sample.ts";
import { type BaumWelchFit, type BaumWelchOptions, baumWelch } from "./baum-welch.ts";
import { categoricalEmission } from "./categorical-emission.ts";
import { checkCount, type Emission, stepsOf } from "./emission.ts";
import { type CovarianceKind, covarianceSize, gaussianEmission } from "./gaussian-emission.ts";
import { type HiddenMarkovModel, hiddenMarkovModel } from "./hidden-markov.ts";
import { poissonEmission } from "./poisson-emission.ts";
import { productEmission, taken } from "./product-emission.ts";
import { seededClusters } from "./seeds.ts";
import { univariateEmission, weightedFit } from "./univariate-emission.ts";

/** What the states of a model show. */
export type EmissionKind =
  | {
      readonly kind: "categorical";
      readonly levels: number;
      readonly dimension?: number;
      readonly pseudocount?: number;
    }
  | {
      readonly kind: "gaussian";
      readonly covariance?: CovarianceKind;
      readonly dimension?: number;
      /** Added to summed squares; a thousandth of the mean variance of the data when left out. */
      readonly prior?: number;
    }
  | { readonly kind: "univariate"; readonly family: string }
  | {
      /** Counts, each coordinate a Poisson law. */
      readonly kind: "poisson";
      readonly dimension?: number;
      /** Imagined steps in every state, with the average counts of the data (0). */
      readonly pseudocount?: number;
    }
  | {
      /** Coordinates of different kinds, block by block. */
      readonly kind: "product";
      readonly blocks: readonly { readonly places: readonly number[]; readonly emission: EmissionKind }[];
    };

/** Numbers of a step that an emission of a kind shows. */
export function dimensionOf(kind: EmissionKind): number {
  if (kind.kind === "product") return kind.blocks.reduce((sum, { places }) => sum + places.length, 0);
  return kind.kind === "univariate" ? 1 : (kind.dimension ?? 1);
}

/** The form of a model before it is fitted. */
export interface HiddenMarkovForm {
  readonly states: number;
  readonly emission: EmissionKind;
  /** Whether any state may follow any other, or each only itself or the next one (Bakis 1976). */
  readonly topology?: "ergodic" | "left-right";
}

/** How a model is fitted: from how many starts, and as Baum-Welch says. */
export interface HiddenMarkovFitOptions extends HiddenMarkovForm, BaumWelchOptions {
  readonly key: Key;
  /** Random starts, of which the best end is given back; 5 when left out. */
  readonly restarts?: number;
}

/** A random start by key: clusters of steps (k-means++) for numbers, shares moved at random for categories. */
export function randomStart(
  sequences: readonly ArrayLike<number>[],
  form: HiddenMarkovForm,
  key: Key,
): HiddenMarkovModel {
  const { states, topology = "ergodic" } = form;
  checkCount("The number of states", states);
  if (sequences.length === 0) throw new DataError("A hidden Markov model learns from at least one sequence; got none.");
  const leftRight = topology === "left-right";
  const emission = startEmission(sequences, form, key, leftRight);
  const u = uniforms64(fold(key, "transition"), states * states);
  const initial = new Float64Array(states).fill(leftRight ? 0 : 1 / states);
  if (leftRight) initial[0] = 1;
  const transition = new Float64Array(states * states);
  for (let i = 0; i < states; i++) {
    const row = transition.subarray(i * states, (i + 1) * states);
    if (leftRight) {
      row[i] = i === states - 1 ? 1 : 0.5;
      if (i < states - 1) row[i + 1] = 0.5;
    } else {
      for (let j = 0; j < states; j++) row[j] = 0.5 + u[i * states + j]! + (i === j ? 1 : 0);
      const total = row.reduce((a, b) => a + b, 0);
      for (let j = 0; j < states; j++) row[j]! /= total;
    }
  }
  return hiddenMarkovModel({ initial, transition, emission });
}

function startEmission(
  sequences: readonly ArrayLike<number>[],
  { states, emission }: HiddenMarkovForm,
  key: Key,
  leftRight: boolean,
): Emission {
  const dimension = dimensionOf(emission);
  if (emission.kind === "product")
    return productEmission(
      emission.blocks.map(({ places, emission: own }) => {
        const parts = sequences.map((sequence) => taken(stepsOf(sequence, dimension), dimension, places));
        return { places, emission: startEmission(parts, { states, emission: own }, key, leftRight) };
      }),
    );
  if (emission.kind === "categorical") return startCategorical(sequences, states, emission, key);
  if (emission.kind === "poisson") return startPoisson(sequences, states, emission, key);
  const all = sequences.map((sequence) => stepsOf(sequence, dimension));
  const { steps, members } = seededClusters(all, { states, dimension, leftRight }, key);
  if (emission.kind === "univariate") {
    const fitting = weightedFit(emission.family);
    const blend = (i: number) => members.map((own) => (own === i ? 1 : 0.1));
    return univariateEmission(Array.from({ length: states }, (_, i) => fitting(steps, blend(i))));
  }
  return startGaussian(steps, members, states, dimension, emission);
}

function startCategorical(
  sequences: readonly ArrayLike<number>[],
  states: number,
  { levels, dimension = 1, pseudocount = 0 }: Extract<EmissionKind, { kind: "categorical" }>,
  key: Key,
): Emission {
  checkCount("The number of levels", levels);
  const shares = new Float64Array(dimension * levels).fill(0.5);
  for (const sequence of sequences)
    stepsOf(sequence, dimension).forEach((value, at) => {
      if (!Number.isNaN(value)) shares[(at % dimension) * levels + value]!++;
    });
  const u = uniforms64(fold(key, "emission"), states * shares.length);
  const probabilities = u.map((each, at) => shares[at % shares.length]! * (0.5 + each));
  for (let at = 0; at < probabilities.length; at += levels) {
    const own = probabilities.subarray(at, at + levels);
    const total = own.reduce((a, b) => a + b, 0);
    for (let v = 0; v < levels; v++) own[v]! /= total;
  }
  return categoricalEmission({ probabilities, states, dimension, pseudocount });
}

function startPoisson(
  sequences: readonly ArrayLike<number>[],
  states: number,
  { dimension = 1, pseudocount = 0 }: Extract<EmissionKind, { kind: "poisson" }>,
  key: Key,
): Emission {
  const [sums, seen] = [new Float64Array(dimension), new Float64Array(dimension)];
  for (const sequence of sequences)
    stepsOf(sequence, dimension).forEach((value, at) => {
      if (Number.isNaN(value)) return;
      sums[at % dimension]! += value;
      seen[at % dimension]!++;
    });
  const usual = sums.map((sum, j) => Math.max(sum, 0.5) / Math.max(1, seen[j]!));
  const u = uniforms64(fold(key, "emission"), states * dimension);
  return poissonEmission({
    states,
    rates: u.map((each, at) => usual[at % dimension]! * (0.25 + 1.5 * each)),
    pseudocount,
    usual,
  });
}

function startGaussian(
  steps: Float64Array,
  members: readonly number[],
  states: number,
  d: number,
  { covariance = "full", prior }: Extract<EmissionKind, { kind: "gaussian" }>,
): Emission {
  const count = members.length;
  const mean = new Float64Array(d);
  steps.forEach((value, at) => {
    mean[at % d]! += value / count;
  });
  const variances = new Float64Array(d);
  steps.forEach((value, at) => {
    variances[at % d]! += (value - mean[at % d]!) ** 2 / count;
  });
  const constant = variances.findIndex((v) => !(v > 0));
  if (constant >= 0)
    throw new DataError(
      `Coordinate ${constant} is ${mean[constant]} in every step, so no density fits it: leave it out.`,
    );
  const average = variances.reduce((a, b) => a + b, 0) / d;
  const means = new Float64Array(states * d);
  const sizes = new Float64Array(states);
  members.forEach((i, t) => {
    sizes[i]!++;
    for (let j = 0; j < d; j++) means[i * d + j]! += steps[t * d + j]!;
  });
  for (let at = 0; at < means.length; at++) {
    const size = sizes[Math.floor(at / d)]!;
    means[at] = size > 0 ? means[at]! / size : mean[at % d]!;
  }
  const covariances = Float64Array.from({ length: covarianceSize(covariance, states, d) }, (_, at) => {
    if (covariance === "spherical") return average;
    if (covariance === "diagonal") return variances[at % d]!;
    const place = at % (d * d);
    return place % (d + 1) === 0 ? variances[place % d]! : 0;
  });
  return gaussianEmission({ covariance, means, covariances, states, prior: prior ?? 1e-3 * average });
}

/** The best of several Baum-Welch fits, each from a start of its own. */
export function fitHiddenMarkovModel(
  sequences: readonly ArrayLike<number>[],
  options: HiddenMarkovFitOptions,
): BaumWelchFit {
  const { restarts = 5, key } = options;
  checkCount("The number of restarts", restarts);
  let best: BaumWelchFit | undefined;
  for (let trial = 0; trial < restarts; trial++) {
    const fitted = baumWelch(randomStart(sequences, options, fold(key, trial)), sequences, options);
    if (!best || fitted.objective > best.objective) best = fitted;
  }
  return best!;
}

/** What one number of states says. */
export interface StatesScore {
  readonly states: number;
  readonly logLikelihood: number;
  readonly freedom: number;
  readonly aic: number;
  readonly bic: number;
  readonly fit: BaumWelchFit;
}

/** Numbers of states compared by −2 log L + 2 m and −2 log L + m log n, n the number of steps; the best of each. */
export function selectStates(
  sequences: readonly ArrayLike<number>[],
  numbers: readonly number[],
  options: Omit<HiddenMarkovFitOptions, "states">,
): { readonly scores: readonly StatesScore[]; readonly byAic: number; readonly byBic: number } {
  if (numbers.length === 0) throw new UsageError("Name at least one number of states to compare.");
  const scores = numbers.map((states): StatesScore => {
    const fit = fitHiddenMarkovModel(sequences, { ...options, states });
    const { logLikelihood, model } = fit;
    const steps = sequences.reduce((sum, { length }) => sum + length / model.emission.dimension, 0);
    const aic = 2 * model.freedom - 2 * logLikelihood;
    const bic = model.freedom * Math.log(steps) - 2 * logLikelihood;
    return { states, logLikelihood, freedom: model.freedom, aic, bic, fit };
  });
  const least = (of: (score: StatesScore) => number) => scores.reduce((a, b) => (of(b) < of(a) ? b : a)).states;
  return { scores, byAic: least(({ aic }) => aic), byBic: least(({ bic }) => bic) };
}
