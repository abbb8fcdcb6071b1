import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import { leadingEigen, type Matrix, symmetricEigen, withSigns } from "../../numeric/linear/index.ts";
import { fold, type Key, normal } from "../../random/index.ts";
import type { DirectGiven, DirectStep, GenerativeModel, ModelEntry, Numbers, Params } from "../contract.ts";
import { type Moments, momentsOf } from "../gaussian/moments.ts";
import { oneStep } from "../tables.ts";
import { refuseGaps, type VectorSpace, vectorSpace } from "../vectors.ts";
import { pcaOptions } from "./options.ts";

type Floats = HostArray<"float64">;

/** Parameters: mean [D], components [K, D] of length 1, their variances [K], and the variance of all numbers together. */
export interface PcaParams {
  readonly mean: Floats;
  readonly components: Floats;
  readonly variances: Floats;
  readonly total: Floats;
}

/** Above this many numbers in an example, a few components are found by subspace iteration. */
const LARGE = 500;

/** The leading eigenvalues and eigenvectors of a covariance; the entry of largest absolute value of each is positive. */
export function principal({ covariance }: Pick<Moments, "covariance">, wanted: number, key: Key) {
  const d = covariance.rows;
  const few = d > LARGE && 8 * wanted < d;
  const extra = Math.max(10, wanted);
  const start = (): Matrix => {
    const data = Float64Array.from(normal(fold(key, "subspace"), [(wanted + extra) * d]).data);
    return { rows: wanted + extra, columns: d, data };
  };
  const { values, vectors } = few
    ? leadingEigen(covariance, wanted, start(), { tolerance: 1e-8 })
    : symmetricEigen(covariance);
  const first = { rows: wanted, columns: d, data: vectors.data.slice(0, wanted * d) };
  return { values: values.slice(0, wanted).map((value) => Math.max(0, value)), vectors: withSigns(first) };
}

/** Refuses more components than numbers in an example, or than `most`. */
export function checkComponents(name: string, wanted: number, most: number, why: string): void {
  if (wanted > most)
    throw new UsageError(
      `${name} finds at most ${most} components here (${why}), and ${wanted} were asked for: train with --set components=${most}.`,
    );
}

/** Examples of fixed directions: z = (x − μ) Bᵀ and x = μ + z A, both [K, D]. */
export function linearCodes(space: VectorSpace, name: string) {
  const D = space.size;
  return {
    encode: (x: Numbers, mean: Float64Array, into: Matrix): Numbers => {
      const rows = space.open(x);
      refuseGaps(name, space, rows);
      const [count, K] = [x.shape[0]!, into.rows];
      const codes = new Float64Array(count * K);
      const off = new Float64Array(D);
      for (let n = 0; n < count; n++) {
        for (let i = 0; i < D; i++) off[i] = rows[n * D + i]! - mean[i]!;
        for (let k = 0; k < K; k++) {
          let sum = 0;
          for (let i = 0, at = k * D; i < D; i++) sum += into.data[at + i]! * off[i]!;
          codes[n * K + k] = sum;
        }
      }
      return codesAs(space, codes, [count, K]);
    },
    decode: (z: Numbers, mean: Float64Array, back: Matrix): Numbers => {
      const [count, K] = [z.shape[0]!, back.rows];
      const rows = new Float64Array(count * D);
      for (let n = 0; n < count; n++) {
        const own = rows.subarray(n * D, (n + 1) * D);
        own.set(mean);
        for (let k = 0; k < K; k++) {
          const code = z.data[n * K + k]!;
          for (let i = 0, at = k * D; i < D; i++) own[i]! += code * back.data[at + i]!;
        }
      }
      return space.close(rows);
    },
  };
}

/** Codes in float64 for tables, in float32 for everything else. */
export function codesAs({ data }: VectorSpace, codes: Float64Array, shape: readonly number[]): Numbers {
  if (data.values === "table") return new HostArray("float64", shape, codes);
  return new HostArray("float32", shape, Float32Array.from(codes));
}

/** Float64 copies of some parameters, which may have been stored as float32. */
export function wide<P>(params: Params): P {
  const entries = Object.entries(params as { readonly [name: string]: HostArray<"float64"> });
  return Object.fromEntries(
    entries.map(([name, a]) => [name, new HostArray("float64", a.shape, Float64Array.from(a.data))]),
  ) as P;
}

/** Parameters of `init`: float64 for tables, float32 for everything else, as engines take them. */
export function initial({ data }: VectorSpace, arrays: { readonly [name: string]: Floats }): Params {
  if (data.values === "table") return arrays;
  return Object.fromEntries(
    Object.entries(arrays).map(([name, a]) => [name, new HostArray("float32", a.shape, Float32Array.from(a.data))]),
  );
}

export const vector = (data: Float64Array): Floats => new HostArray("float64", [data.length], data);
export const arrayOf = ({ rows, columns, data }: Matrix): Floats => new HostArray("float64", [rows, columns], data);
export const matrixFrom = ({ shape, data }: Floats): Matrix => ({ rows: shape[0]!, columns: shape[1]!, data });

/** Principal components with what they can do. */
export type Pca = GenerativeModel<"encode" | "decode">;

/**
 * Principal component analysis: the directions of largest variance, z = (x − μ) Vᵀ, back by x = μ + z V. Variances are divided
 * by n − 1; the entry of largest absolute value of each direction is positive.
 */
export function pca(options: Readonly<Record<string, unknown>>, data: DataSpec): Pca {
  const config = pcaOptions.parse(options);
  const space = vectorSpace("pca", data, { density: false });
  const { size } = space;
  const K = config.components;
  checkComponents("pca", K, size, `an example has ${size} numbers`);
  const codes = linearCodes(space, "pca");
  const scaled = ({ components, variances }: PcaParams, scale: (deviation: number) => number): Matrix => {
    const matrix = matrixFrom(components);
    if (!config.whiten) return matrix;
    const factors = variances.data.map((variance) => scale(Math.sqrt(variance)));
    return { ...matrix, data: matrix.data.map((v, at) => v * factors[Math.floor(at / size)]!) };
  };
  return {
    name: "pca",
    config,
    data,
    conditional: false,
    init: (key) =>
      initial(space, {
        mean: vector(new Float64Array(size)),
        components: new HostArray("float64", [K, size], Float64Array.from(normal(key, [K * size]).data)),
        variances: vector(new Float64Array(K).fill(1)),
        total: vector(Float64Array.of(size)),
      }),
    learning: { kind: "direct", fit: (given) => fitPca(space, K, config.whiten, given) },
    functions: {},
    directions: (params) => {
      const { components } = wide<PcaParams>(params);
      const vectors = new HostArray("float64", [K, ...data.shape], components.data);
      return { name: "component", vectors, explained: explainedShares(params) };
    },
    encode: async (on, x) => {
      const params = wide<PcaParams>(on.params);
      return codes.encode(
        x,
        params.mean.data,
        scaled(params, (deviation) => 1 / deviation),
      );
    },
    decode: async (on, z) => {
      const params = wide<PcaParams>(on.params);
      return codes.decode(
        z,
        params.mean.data,
        scaled(params, (deviation) => deviation),
      );
    },
  };
}

async function* fitPca(space: VectorSpace, K: number, whiten: boolean, given: DirectGiven): AsyncGenerator<DirectStep> {
  const moments = await momentsOf("pca", space, given);
  const { count, covariance } = moments;
  checkComponents("pca", K, count - 1, `there are ${count} training examples`);
  const unbiased = count / (count - 1);
  const { values, vectors } = principal(moments, K, given.key);
  const total = trace(covariance) * unbiased;
  if (!(total > 0)) throw new UsageError("All training examples are equal, so pca finds no direction.");
  const variances = values.map((value) => value * unbiased);
  if (whiten && !(variances.at(-1)! > 1e-12 * variances[0]!))
    throw new UsageError(
      `The training examples vary in fewer than ${K} directions, so pca cannot bring all codes to variance 1: train with fewer components.`,
    );
  const params = {
    mean: vector(moments.mean),
    components: arrayOf(vectors),
    variances: vector(variances),
    total: vector(Float64Array.of(total)),
  };
  const explained = variances.reduce((sum, value) => sum + value, 0) / total;
  yield { params, metrics: { loss: 1 - explained, "explained-variance": explained }, done: 1 };
}

/** The sum of the diagonal. */
export function trace({ rows, data }: Matrix): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += data[i * (rows + 1)]!;
  return sum;
}

/** Explained variances of the components as shares of the variance of all numbers. */
export function explainedShares(params: Params): Float64Array {
  const { variances, total } = params as unknown as PcaParams;
  return Float64Array.from(variances.data, (value) => value / total.data[0]!);
}

/** The registry's entry. */
export const pcaEntry: ModelEntry = {
  name: "pca",
  family: "factors",
  title: "Principal components",
  paper: "Pearson 1901; Hotelling 1933; large ones by Halko, Martinsson & Tropp 2011 (arXiv 0909.4061)",
  kind: "none",
  tables: "also",
  options: pcaOptions,
  presets: {
    small: { title: "2 components", model: {}, training: oneStep },
    images: { title: "50 components", model: { components: 50 }, training: oneStep },
  },
  make: pca,
};
