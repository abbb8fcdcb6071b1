import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import type { DataSpec } from "../../data/types.ts";
import {
  type CategoricalEmission,
  type CovarianceKind,
  categoricalEmission,
  type Emission,
  type EmissionKind,
  type GaussianEmission,
  gaussianEmission,
  type HiddenMarkovModel,
  hiddenMarkovModel,
} from "../../probability/markov/index.ts";
import { levelsOf, unitOf } from "../autoregressive/factorisation.ts";
import type { Params } from "../contract.ts";

/** How examples are sequences of steps, and what states show of them. */
export interface Steps {
  /** Numbers of one step. */
  readonly dimension: number;
  /** Steps of one example. */
  readonly length: number;
  readonly emission: EmissionKind;
  /** What a symbol is in model units; 1 for real numbers. */
  readonly unit: number;
  /** Values of an example before its first step: the token that opens a line. */
  readonly skip: number;
  /** Whether the first step is given, not modelled: the first token of a window. */
  readonly given: boolean;
}

/** What is wanted of the steps. */
interface Wanted {
  readonly step: number;
  readonly covariance: CovarianceKind;
  readonly smoothing: number;
}

/** Reads a kind of data as steps; throws where an example is no whole number of them. */
export function stepsOfData(data: DataSpec, { step, covariance, smoothing }: Wanted): Steps {
  const given = data.values === "tokens";
  const skip = given && data.boundary !== undefined ? 1 : 0;
  const size = sizeOf(data.shape) - skip;
  if (given && step > 1) throw new UsageError("hmm reads text token by token: leave the step at 1.");
  if (size % step !== 0)
    throw new UsageError(`hmm: examples of ${size} values are no whole number of steps of ${step}; choose a divisor.`);
  const shape = { dimension: step, length: size / step, skip, given: given && skip === 0 };
  if (data.values === "real") return { ...shape, unit: 1, emission: { kind: "gaussian", covariance, dimension: step } };
  const levels = levelsOf(data, "hmm");
  const emission = { kind: "categorical", levels, dimension: step, pseudocount: smoothing } as const;
  return { ...shape, unit: unitOf(data), emission };
}

/** An example as numbers of its steps; what is not observed becomes NaN. */
export function readSteps({ unit, skip, emission }: Steps, x: ArrayLike<number>, observed?: ArrayLike<number>) {
  const symbols = emission.kind === "categorical";
  return Float64Array.from({ length: x.length - skip }, (_, i) => {
    if (observed && !(observed[skip + i]! > 0.5)) return Number.NaN;
    const value = x[skip + i]! / unit;
    return symbols ? Math.round(value) : value;
  });
}

/** Parameters of a model, float32. */
export function paramsOf({ initial, transition, emission, states }: HiddenMarkovModel): Params {
  const leaf = (values: Float64Array, shape: readonly number[]) =>
    new HostArray("float32", shape, Float32Array.from(values));
  const chain = { initial: leaf(initial, [states]), transition: leaf(transition, [states, states]) };
  if (emission.family === "categorical") {
    const { probabilities, levels, dimension } = emission as CategoricalEmission;
    return { ...chain, probabilities: leaf(probabilities, [states, dimension, levels]) };
  }
  const { means, covariances, prior, dimension } = emission as GaussianEmission;
  return {
    ...chain,
    means: leaf(means, [states, dimension]),
    covariances: leaf(covariances, [covariances.length]),
    prior: leaf(Float64Array.of(prior), [1]),
  };
}

/** Rows divided by their sums, which rounding to float32 has moved. */
function normalised(values: ArrayLike<number>, width: number): Float64Array {
  const result = Float64Array.from(values);
  for (let at = 0; at < result.length; at += width) {
    const own = result.subarray(at, at + width);
    const sum = own.reduce((a, b) => a + b, 0);
    for (let i = 0; i < width; i++) own[i]! /= sum;
  }
  return result;
}

/** The model of some parameters. */
export function modelOf(params: Params, { emission, dimension }: Steps, states: number): HiddenMarkovModel {
  const named = params as unknown as Readonly<Record<string, HostArray<"float32">>>;
  return hiddenMarkovModel<Emission>({
    initial: normalised(named.initial!.data, states),
    transition: normalised(named.transition!.data, states),
    emission:
      emission.kind === "categorical"
        ? categoricalEmission({
            ...emission,
            states,
            dimension,
            probabilities: normalised(named.probabilities!.data, emission.levels),
          })
        : gaussianEmission({
            states,
            covariance: emission.kind === "gaussian" ? (emission.covariance ?? "full") : "full",
            means: named.means!.data,
            covariances: named.covariances!.data,
            prior: named.prior!.data[0]!,
          }),
  });
}

/**
 * The same model of lines of one length: the end, a boundary token, leads to a further state that shows nothing else for
 * ever. State i goes on to j inside the line with Pᵢⱼ (1 − bⱼ(end)), and to the end with Σⱼ Pᵢⱼ bⱼ(end).
 */
export function endedModel(model: HiddenMarkovModel, boundary: number): HiddenMarkovModel {
  const n = model.states;
  const { probabilities, levels } = model.emission as CategoricalEmission;
  const ending = Float64Array.from({ length: n }, (_, j) => probabilities[j * levels + boundary]!);
  const extended = (law: Float64Array) => {
    const inside = Array.from(law, (p, j) => p * (1 - ending[j]!));
    return [...inside, law.reduce((sum, p, j) => sum + p * ending[j]!, 0)];
  };
  const rows = Array.from({ length: n }, (_, i) => extended(model.transition.subarray(i * n, (i + 1) * n)));
  const shown = Array.from({ length: n }, (_, j) =>
    Array.from({ length: levels }, (_, v) => {
      if (v === boundary) return 0;
      return ending[j]! < 1 ? probabilities[j * levels + v]! / (1 - ending[j]!) : 1 / (levels - 1);
    }),
  );
  const stop = Array.from({ length: levels }, (_, v) => Number(v === boundary));
  return hiddenMarkovModel<Emission>({
    initial: extended(model.initial),
    transition: [...rows.flat(), ...new Array<number>(n).fill(0), 1],
    emission: categoricalEmission({ states: n + 1, probabilities: [...shown.flat(), ...stop] }),
  });
}
