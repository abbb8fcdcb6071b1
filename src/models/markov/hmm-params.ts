import { HostArray } from "../../base/host.ts";
import {
  type CategoricalEmission,
  categoricalEmission,
  type Emission,
  type EmissionKind,
  type GaussianEmission,
  gaussianEmission,
  type HiddenMarkovModel,
  hiddenMarkovModel,
  type PoissonEmission,
  type ProductEmission,
  poissonEmission,
  productEmission,
} from "../../probability/markov/index.ts";
import type { Params } from "../contract.ts";
import type { Steps } from "./steps.ts";

type Leaf = (values: ArrayLike<number>, shape: readonly number[]) => HostArray;
type Named = Readonly<Record<string, HostArray<"float32" | "float64">>>;

/** Parameters of a model: float64 of sequences of rows, with the frequencies of their lengths; float32 of all else. */
export function paramsOf(model: HiddenMarkovModel, { ragged }: Steps, lengths?: Float64Array): Params {
  const { initial, transition, emission, states } = model;
  const leaf: Leaf = (values, shape) =>
    ragged
      ? new HostArray("float64", shape, Float64Array.from(values))
      : new HostArray("float32", shape, Float32Array.from(values));
  return {
    initial: leaf(initial, [states]),
    transition: leaf(transition, [states, states]),
    ...(lengths ? { lengths: leaf(lengths, [lengths.length]) } : {}),
    ...shown(emission, leaf),
  };
}

function shown(emission: Emission, leaf: Leaf): Record<string, HostArray> {
  const { states, dimension, family } = emission;
  if (family === "product") {
    const blocks = (emission as ProductEmission).blocks.map(({ emission: own }) => Object.entries(shown(own, leaf)));
    return Object.fromEntries(blocks.flatMap((block, b) => block.map(([name, value]) => [`${name}-${b}`, value])));
  }
  if (family === "categorical") {
    const { probabilities, levels } = emission as CategoricalEmission;
    return { probabilities: leaf(probabilities, [states, dimension, levels]) };
  }
  if (family === "poisson") {
    const { rates, usual } = emission as PoissonEmission;
    return { rates: leaf(rates, [states, dimension]), usual: leaf(usual, [dimension]) };
  }
  const { means, covariances, prior } = emission as GaussianEmission;
  return {
    means: leaf(means, [states, dimension]),
    covariances: leaf(covariances, [covariances.length]),
    prior: leaf([prior], [1]),
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
export function modelOf(params: Params, { emission }: Steps, states: number): HiddenMarkovModel {
  const named = params as unknown as Named;
  return hiddenMarkovModel<Emission>({
    initial: normalised(named.initial!.data, states),
    transition: normalised(named.transition!.data, states),
    emission: emissionOf(emission, named, states, ""),
  });
}

function emissionOf(kind: EmissionKind, named: Named, states: number, suffix: string): Emission {
  const of = (name: string) => named[name + suffix]!.data;
  switch (kind.kind) {
    case "product":
      return productEmission(
        kind.blocks.map(({ places, emission }, b) => ({
          places,
          emission: emissionOf(emission, named, states, `-${b}`),
        })),
      );
    case "categorical":
      return categoricalEmission({ ...kind, states, probabilities: normalised(of("probabilities"), kind.levels) });
    case "poisson":
      return poissonEmission({ ...kind, states, rates: of("rates"), usual: of("usual") });
    default:
      return gaussianEmission({
        states,
        covariance: kind.kind === "gaussian" ? (kind.covariance ?? "full") : "full",
        means: of("means"),
        covariances: of("covariances"),
        prior: of("prior")[0]!,
      });
  }
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
  const inLine = Array.from({ length: n }, (_, j) =>
    Array.from({ length: levels }, (_, v) => {
      if (v === boundary) return 0;
      return ending[j]! < 1 ? probabilities[j * levels + v]! / (1 - ending[j]!) : 1 / (levels - 1);
    }),
  );
  const stop = Array.from({ length: levels }, (_, v) => Number(v === boundary));
  return hiddenMarkovModel<Emission>({
    initial: extended(model.initial),
    transition: [...rows.flat(), ...new Array<number>(n).fill(0), 1],
    emission: categoricalEmission({ states: n + 1, probabilities: [...inLine.flat(), ...stop] }),
  });
}
