import { SampoError, UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import type { DataSpec } from "../../data/types.ts";
import { type Matrix, multiply, symmetricEigen, transpose } from "../../numeric/linear/index.ts";
import { type Key, normal } from "../../random/index.ts";
import type { DirectGiven, DirectStep, GenerativeModel, ModelEntry, TrainingConfig } from "../contract.ts";
import { momentsOf } from "../gaussian/moments.ts";
import { gathered, type VectorSpace, vectorSpace } from "../vectors.ts";
import { icaOptions } from "./options.ts";
import { arrayOf, checkComponents, initial, linearCodes, matrixFrom, principal, vector, wide } from "./pca.ts";

type Floats = HostArray<"float64">;

/** Parameters: mean [D], unmixing [K, D] to sources of variance 1, mixing [K, D] (sources in rows) back. */
interface IcaParams {
  readonly mean: Floats;
  readonly unmixing: Floats;
  readonly mixing: Floats;
}

/** Independent components with what they can do. */
export type Ica = GenerativeModel<"encode" | "decode">;

/**
 * Independent component analysis: sources z = U (x − μ) of variance 1 as far from normal as they can be, by symmetric
 * FastICA with the contrast log cosh (Hyvärinen & Oja 2000). Sources come by how far from normal they are, with their long
 * tail upwards. It states no density.
 */
export function ica(options: Readonly<Record<string, unknown>>, data: DataSpec): Ica {
  const config = icaOptions.parse(options);
  const space = vectorSpace("ica", data, { density: false });
  const { size: D } = space;
  const K = config.components;
  checkComponents("ica", K, D, `an example has ${D} numbers`);
  const codes = linearCodes(space, "ica");
  return {
    name: "ica",
    config,
    data,
    conditional: false,
    init: (key) => {
      const unmixing = arrayOf({ rows: K, columns: D, data: Float64Array.from(normal(key, [K * D]).data) });
      return initial(space, { mean: vector(new Float64Array(D)), unmixing, mixing: unmixing });
    },
    learning: { kind: "direct", fit: (given) => fitIca(space, config, given) },
    functions: {},
    directions: (params) => {
      const { mixing } = wide<IcaParams>(params);
      return { name: "source", vectors: new HostArray("float64", [K, ...data.shape], mixing.data) };
    },
    encode: async (on, x) => {
      const { mean, unmixing } = wide<IcaParams>(on.params);
      return codes.encode(x, mean.data, matrixFrom(unmixing));
    },
    decode: async (on, z) => {
      const { mean, mixing } = wide<IcaParams>(on.params);
      return codes.decode(z, mean.data, matrixFrom(mixing));
    },
  };
}

/** (W Wᵀ)^−½ W: the nearest matrix with orthonormal rows. */
export function decorrelated(w: Matrix): Matrix {
  const { values, vectors } = symmetricEigen(multiply(w, transpose(w)));
  const K = w.rows;
  const scaled = { ...vectors, data: vectors.data.map((v, at) => v / Math.sqrt(values[Math.floor(at / K)]!)) };
  return multiply(multiply(transpose(vectors), scaled), w);
}

/** One round of symmetric FastICA over white examples [n, K]: w ← E[x tanh(wᵀx)] − E[1 − tanh²(wᵀx)] w, made orthonormal. */
export function icaRound(white: Matrix, w: Matrix): Matrix {
  const { rows: count, columns: K } = white;
  const next = new Float64Array(K * K);
  const slopes = new Float64Array(K);
  for (let n = 0; n < count; n++)
    for (let k = 0, from = n * K; k < K; k++) {
      let along = 0;
      for (let i = 0; i < K; i++) along += w.data[k * K + i]! * white.data[from + i]!;
      const g = Math.tanh(along);
      slopes[k]! += 1 - g * g;
      for (let i = 0; i < K; i++) next[k * K + i]! += g * white.data[from + i]!;
    }
  const data = next.map((sum, at) => (sum - slopes[Math.floor(at / K)]! * w.data[at]!) / count);
  return decorrelated({ rows: K, columns: K, data });
}

async function* fitIca(
  space: VectorSpace,
  { components: K, tolerance, iterations }: { components: number; tolerance: number; iterations: number },
  given: DirectGiven,
): AsyncGenerator<DirectStep> {
  const moments = await momentsOf("ica", space, given);
  const { size: D } = space;
  const { values, vectors } = principal(moments, K, given.key);
  if (!(values.at(-1)! > 1e-12 * values[0]!))
    throw new UsageError(
      `The training examples vary in fewer than ${K} directions, so ica finds fewer sources: train with fewer components.`,
    );
  const scaled = (power: number): Matrix => ({
    ...vectors,
    data: vectors.data.map((v, at) => v * values[Math.floor(at / D)]! ** power),
  });
  const [whitening, colouring] = [scaled(-0.5), scaled(0.5)];
  const white = whitened(await gathered("ica", space, given.train), moments.mean, whitening);
  const before = given.resume?.state ? wide<{ turn: Floats }>(given.resume.state) : undefined;
  let turn = before ? matrixFrom(before.turn) : startTurn(K, given.key);
  for (let round = given.resume?.step ?? 0; ; round++) {
    const next = icaRound(white, turn);
    const change = turned(next, turn);
    turn = next;
    if (round + 1 >= iterations && change >= tolerance)
      throw new SampoError(
        `ica did not settle in ${iterations} rounds: the sources may be normal; train with fewer components, or with --set tolerance=${tolerance * 100}.`,
      );
    const order = bySource(white, turn);
    yield {
      params: {
        mean: vector(moments.mean),
        unmixing: arrayOf(multiply(order, whitening)),
        mixing: arrayOf(multiply(order, colouring)),
      },
      state: { turn: arrayOf(turn) },
      metrics: { loss: change },
    };
    if (change < tolerance) return;
  }
}

function startTurn(K: number, key: Key): Matrix {
  return decorrelated({ rows: K, columns: K, data: Float64Array.from(normal(key, [K * K]).data) });
}

function whitened(x: Matrix, mean: Float64Array, whitening: Matrix): Matrix {
  const [D, K] = [x.columns, whitening.rows];
  const data = new Float64Array(x.rows * K);
  for (let n = 0; n < x.rows; n++)
    for (let k = 0; k < K; k++) {
      let sum = 0;
      for (let i = 0; i < D; i++) sum += whitening.data[k * D + i]! * (x.data[n * D + i]! - mean[i]!);
      data[n * K + k] = sum;
    }
  return { rows: x.rows, columns: K, data };
}

/** The largest 1 − |cos| between the rows of two turns. */
function turned(a: Matrix, b: Matrix): number {
  let most = 0;
  for (let k = 0; k < a.rows; k++) {
    let cosine = 0;
    for (let i = 0; i < a.columns; i++) cosine += a.data[k * a.columns + i]! * b.data[k * a.columns + i]!;
    most = Math.max(most, Math.abs(Math.abs(cosine) - 1));
  }
  return most;
}

/** The rows of a turn by how far E log cosh of their source is from that of a normal, third moments positive. */
function bySource(white: Matrix, turn: Matrix): Matrix {
  const K = turn.rows;
  const sources = multiply(white, transpose(turn));
  const [contrast, third] = [new Float64Array(K), new Float64Array(K)];
  sources.data.forEach((z, at) => {
    const size = Math.abs(z);
    contrast[at % K]! += size + Math.log1p(Math.exp(-2 * size)) - Math.LN2;
    third[at % K]! += z ** 3;
  });
  const NORMAL = 0.3745672075; // E log cosh of a standard normal
  const far = contrast.map((sum) => Math.abs(sum / white.rows - NORMAL));
  const order = Array.from(far.keys()).sort((a, b) => far[b]! - far[a]!);
  const data = new Float64Array(K * K);
  order.forEach((from, to) => {
    const sign = third[from]! < 0 ? -1 : 1;
    for (let i = 0; i < K; i++) data[to * K + i] = sign * turn.data[from * K + i]!;
  });
  return { rows: K, columns: K, data };
}

const rounds: TrainingConfig = { batchSize: 4096, validateEvery: 50 };

/** The registry's entry. */
export const icaEntry: ModelEntry = {
  name: "ica",
  family: "factors",
  title: "Independent components",
  paper: "Hyvärinen & Oja 2000 (FastICA)",
  kind: "none",
  tables: "also",
  options: icaOptions,
  presets: { small: { title: "2 components", model: {}, training: rounds } },
  make: ica,
};
