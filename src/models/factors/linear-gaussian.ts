import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import { dot, type Matrix, rowOf, transpose } from "../../numeric/linear/index.ts";
import { fold, type Key, normal } from "../../random/index.ts";
import type { Bound } from "../bound.ts";
import type { DirectGiven, DirectStep, GenerativeModel, Numbers, Params } from "../contract.ts";
import { factorGaussian } from "../gaussian/factor.ts";
import { withGaps } from "../tables.ts";
import { type VectorSpace, vectorSpace } from "../vectors.ts";
import { arrayOf, checkComponents, codesAs, initial, matrixFrom, vector, wide } from "./pca.ts";

type Floats = HostArray<"float64">;

/** Parameters of x = μ + W z + ε: mean [D], weights W [D, K], noise Ψ [D] (variances). */
export interface FactorParams {
  readonly mean: Floats;
  readonly weights: Floats;
  readonly noise: Floats;
}

/** The parameters as stored. */
export const factorParams = (mean: Float64Array, weights: Matrix, noise: Float64Array) => ({
  mean: vector(mean),
  weights: arrayOf(weights),
  noise: vector(noise),
});

/** A model of linear factors with normal noise. */
export type LinearGaussian = GenerativeModel<"sample" | "logProb" | "complete" | "encode" | "decode">;

/** What differs between the models of linear factors. */
export interface LinearGaussianSpec {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly data: DataSpec;
  readonly factors: number;
  /** Whether the numbers of an example share the variance of their noise. */
  readonly isotropic: boolean;
  fit(space: VectorSpace, given: DirectGiven): AsyncIterable<DirectStep>;
}

/**
 * x = μ + W z + ε with z ~ N(0, 1) and independent ε ~ N(0, Ψ): density, draws and conditionals are exact, also where
 * numbers are missing; the code of an example is the mean of p(z | x).
 */
export function linearGaussian(spec: LinearGaussianSpec): LinearGaussian {
  const { name, config, data, factors: K, isotropic } = spec;
  const space = vectorSpace(name, data, { density: true });
  const { size: D } = space;
  checkComponents(name, K, D - 1, `an example has ${D} numbers`);
  return {
    name,
    config,
    data,
    ...(space.encoding ? { encoding: space.encoding } : {}),
    conditional: false,
    init: (key) =>
      initial(space, {
        mean: vector(new Float64Array(D)),
        weights: arrayOf({ rows: D, columns: K, data: Float64Array.from(normal(key, [D * K]).data) }),
        noise: vector(new Float64Array(D).fill(1)),
      }),
    learning: { kind: "direct", fit: (given) => spec.fit(space, given) },
    functions: {},
    freeParameters: () => freeFactorParameters(D, K, isotropic ? 1 : D),
    directions: (params) => loadings(params, K, data),
    sample: async (on, { count, key, temperature = 1, mean = false }) => {
      if (temperature !== 1)
        throw new UsageError(`${name} draws from its distribution as it is: leave the temperature at 1.`);
      if (mean) return space.close(decoded(lawOf(on), normal(fold(key, "codes"), [count, K]).data, space), true);
      return space.close(filled(on, new Float64Array(count * D).fill(Number.NaN), D, key), true);
    },
    complete: async (on, x, observed, { key, stated }) => {
      stated?.("the exact conditional of a normal law");
      const drawn = space.close(filled(on, withGaps(x, observed).data, D, key), true);
      for (let i = 0; i < drawn.size; i++)
        if (observed.data[i]! > 0.5 && !Number.isNaN(x.data[i]!)) drawn.data[i] = x.data[i]!;
      return drawn;
    },
    logProb: async (on, x) => {
      const via = space.logStep
        ? "the normal density of dequantised bytes in steps of one byte"
        : "the normal density, through the factors";
      return { kind: "exact", via, nats: natsOf(lawOf(on), space, x) };
    },
    encode: async (on, x: Numbers) => {
      const { code } = lawOf(on);
      const rows = space.open(x);
      const count = x.shape[0]!;
      const codes = new Float64Array(count * K);
      for (let n = 0; n < count; n++) codes.set(code(rows.subarray(n * D, (n + 1) * D)).mean, n * K);
      return codesAs(space, codes, [count, K]);
    },
    decode: async (on, z) => space.close(decoded(lawOf(on), z.data, space)),
  };
}

/**
 * Independent numbers of a mean, weights and noise: D + DK − K(K−1)/2 and the variances, as weights may be turned in the space
 * of codes (Bishop 2006, section 12.2.1, with a mean); no more than those of a normal law, D + D(D+1)/2.
 */
function freeFactorParameters(D: number, K: number, variances: number): number {
  return D + Math.min((D * (D + 1)) / 2, D * K - (K * (K - 1)) / 2 + variances);
}

/** The normal law that the parameters stand for. */
function lawOf(on: Bound) {
  const { mean, weights, noise } = wide<FactorParams>(on.params);
  const matrix = matrixFrom(weights);
  return { mean: mean.data, weights: matrix, ...factorGaussian(mean.data, matrix, noise.data) };
}

type Law = ReturnType<typeof lawOf>;

/** Draws the missing numbers of rows, in place. */
function filled(on: Bound, rows: Float64Array, D: number, key: Key): Float64Array {
  const { fill, normals } = lawOf(on);
  const count = rows.length / D;
  const z = normal(key, [count, normals]).data;
  for (let n = 0; n < count; n++) fill(rows.subarray(n * D, (n + 1) * D), z.subarray(n * normals, (n + 1) * normals));
  return rows;
}

/** μ + W z of each code. */
function decoded({ mean, weights }: Law, z: ArrayLike<number>, { size: D }: VectorSpace): Float64Array {
  const K = weights.columns;
  const count = z.length / K;
  const rows = new Float64Array(count * D);
  const own = new Float64Array(K);
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < K; k++) own[k] = z[n * K + k]!;
    for (let i = 0; i < D; i++) rows[n * D + i] = mean[i]! + dot(rowOf(weights, i), own);
  }
  return rows;
}

/** log p(known numbers) of each example. */
function natsOf({ logProb }: Law, space: VectorSpace, x: Numbers): Float64Array {
  const { size: D, logStep } = space;
  const rows = space.open(x);
  return Float64Array.from({ length: x.shape[0]! }, (_, n) => {
    const row = rows.subarray(n * D, (n + 1) * D);
    const steps = logStep ? logStep * row.filter((value) => !Number.isNaN(value)).length : 0;
    return logProb(row) - steps;
  });
}

/** The columns of W, and the share of all variance that each explains. */
function loadings(params: Params, K: number, data: DataSpec) {
  const { weights, noise } = wide<FactorParams>(params);
  const D = noise.data.length;
  const vectors = transpose(matrixFrom(weights)).data;
  const own = Float64Array.from({ length: K }, (_, k) => {
    const one = vectors.subarray(k * D, (k + 1) * D);
    return dot(one, one);
  });
  const total = own.reduce((a, b) => a + b, 0) + noise.data.reduce((a, b) => a + b, 0);
  const explained = own.map((each) => each / total);
  return { name: "factor", vectors: new HostArray("float64", [K, ...data.shape], vectors), explained };
}
