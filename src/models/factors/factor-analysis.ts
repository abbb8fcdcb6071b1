import type { DataSpec } from "../../data/types.ts";
import { type Matrix, symmetricEigen, transpose, withSigns } from "../../numeric/linear/index.ts";
import type { DirectGiven, DirectStep, ModelEntry, TrainingConfig } from "../contract.ts";
import { momentsOf, refuseConstants } from "../gaussian/moments.ts";
import type { VectorSpace } from "../vectors.ts";
import { factorParams, type LinearGaussian, linearGaussian } from "./linear-gaussian.ts";
import { factorAnalysisOptions } from "./options.ts";
import { wide } from "./pca.ts";

/** Smallest variance of the noise (that of scikit-learn). */
const SMALL = 1e-12;

/**
 * Factor analysis: x = μ + W z + ε with a variance of its own for the noise of each number. Rounds of maximum likelihood set W
 * from the eigenvectors of Ψ^−½ S Ψ^−½ given Ψ, then Ψ = diag(S − W Wᵀ) (Barber 2012, algorithm 21.1); on the covariance S
 * alone, so that a round costs the same for any number of examples.
 */
export function factorAnalysis(options: Readonly<Record<string, unknown>>, data: DataSpec): LinearGaussian {
  const config = factorAnalysisOptions.parse(options);
  const name = "factor-analysis";
  return linearGaussian({
    name,
    config,
    data,
    factors: config.components,
    isotropic: false,
    fit: (space, given) => fitFactors(name, space, config, given),
  });
}

/** W [K, D] for noise Ψ, and −log likelihood per example under both. */
export function factorRound({ rows: D, data: s }: Matrix, noise: Float64Array, K: number) {
  const root = noise.map((value) => Math.sqrt(value) + SMALL);
  const scaled = { rows: D, columns: D, data: s.map((v, at) => v / (root[Math.floor(at / D)]! * root[at % D]!)) };
  const { values, vectors } = symmetricEigen(scaled);
  const signed = withSigns({ rows: K, columns: D, data: vectors.data.slice(0, K * D) });
  const weights = signed.data.map((v, at) => {
    const k = Math.floor(at / D);
    return v * Math.sqrt(Math.max(0, values[k]! - 1)) * root[at % D]!;
  });
  let loss = D * Math.log(2 * Math.PI) + noise.reduce((sum, value) => sum + Math.log(value), 0) + K;
  values.forEach((value, k) => {
    loss += k < K ? Math.log(Math.max(value, Number.MIN_VALUE)) : value;
  });
  return { weights: { rows: K, columns: D, data: weights }, loss: 0.5 * loss };
}

async function* fitFactors(
  name: string,
  space: VectorSpace,
  { components: K, tolerance, iterations }: { components: number; tolerance: number; iterations: number },
  given: DirectGiven,
): AsyncGenerator<DirectStep> {
  const moments = await momentsOf(name, space, given);
  refuseConstants(name, space, moments);
  const { mean, covariance } = moments;
  const D = space.size;
  const before = given.resume?.state
    ? wide<{ next: { data: Float64Array }; loss: { data: Float64Array } }>(given.resume.state)
    : undefined;
  let noise = before?.next.data ?? new Float64Array(D).fill(1);
  let last = before?.loss.data[0] ?? Number.POSITIVE_INFINITY;
  for (let round = given.resume?.step ?? 0; round < iterations; round++) {
    const { weights, loss } = factorRound(covariance, noise, K);
    const next = noise.map((_, i) => {
      let explained = 0;
      for (let k = 0; k < K; k++) explained += weights.data[k * D + i]! ** 2;
      return Math.max(covariance.data[i * (D + 1)]! - explained, SMALL);
    });
    const params = factorParams(mean, transpose(weights), next);
    yield { params, state: factorState(next, loss), metrics: { loss }, done: (round + 1) / iterations };
    if (last - loss < tolerance) return;
    [noise, last] = [next, loss];
  }
}

const factorState = (next: Float64Array, loss: number) => {
  const { mean, noise } = factorParams(next, { rows: 1, columns: 1, data: Float64Array.of(0) }, Float64Array.of(loss));
  return { next: mean, loss: noise };
};

const rounds: TrainingConfig = { batchSize: 4096, validateEvery: 50 };

/** The registry's entry. */
export const factorAnalysisEntry: ModelEntry = {
  name: "factor-analysis",
  family: "factors",
  title: "Factor analysis",
  paper: "Lawley 1940; Joereskog 1967; rounds as in Barber 2012",
  kind: "exact",
  tables: "also",
  options: factorAnalysisOptions,
  presets: { small: { title: "2 factors", model: {}, training: rounds } },
  make: factorAnalysis,
};
