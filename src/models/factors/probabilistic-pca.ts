import { UsageError } from "../../base/errors.ts";
import type { DataSpec } from "../../data/types.ts";
import { transpose } from "../../numeric/linear/index.ts";
import type { DirectGiven, DirectStep, ModelEntry } from "../contract.ts";
import { momentsOf } from "../gaussian/moments.ts";
import { oneStep } from "../tables.ts";
import type { VectorSpace } from "../vectors.ts";
import { factorParams, type LinearGaussian, linearGaussian } from "./linear-gaussian.ts";
import { ppcaOptions } from "./options.ts";
import { principal, trace } from "./pca.ts";

/**
 * Probabilistic PCA: x = μ + W z + ε, ε ~ N(0, σ²). Greatest likelihood in closed form: σ² is the mean of the variances left
 * out, W = V (Λ − σ²)^½ with the leading eigenvectors V and eigenvalues Λ of the covariance (Tipping & Bishop 1999).
 */
export function probabilisticPca(options: Readonly<Record<string, unknown>>, data: DataSpec): LinearGaussian {
  const config = ppcaOptions.parse(options);
  const name = "probabilistic-pca";
  return linearGaussian({
    name,
    config,
    data,
    factors: config.components,
    isotropic: true,
    fit: (space, given) => fitPpca(name, space, config.components, given),
  });
}

async function* fitPpca(name: string, space: VectorSpace, K: number, given: DirectGiven): AsyncGenerator<DirectStep> {
  const moments = await momentsOf(name, space, given);
  const { size: D } = space;
  const { values, vectors } = principal(moments, K, given.key);
  const rest = trace(moments.covariance) - values.reduce((sum, value) => sum + value, 0);
  const noise = rest / (D - K);
  if (!(noise > 1e-12 * values[0]!))
    throw new UsageError(
      `The training examples vary in ${K} directions only, so ${name} with ${K} components finds no density: train with fewer components, or leave out numbers that follow from others.`,
    );
  const scale = values.map((value) => Math.sqrt(Math.max(0, value - noise)));
  const weights = transpose({ ...vectors, data: vectors.data.map((v, at) => v * scale[Math.floor(at / D)]!) });
  const logs = values.reduce((sum, value) => sum + Math.log(value), (D - K) * Math.log(noise));
  const loss = 0.5 * (D * Math.log(2 * Math.PI) + logs + D);
  yield { params: factorParams(moments.mean, weights, new Float64Array(D).fill(noise)), metrics: { loss }, done: 1 };
}

/** The registry's entry. */
export const probabilisticPcaEntry: ModelEntry = {
  name: "probabilistic-pca",
  family: "factors",
  title: "Probabilistic PCA",
  paper: "Tipping & Bishop 1999",
  kind: "exact",
  tables: "also",
  options: ppcaOptions,
  presets: {
    small: { title: "2 factors", model: {}, training: oneStep },
    images: { title: "50 factors", model: { components: 50 }, training: oneStep },
  },
  make: probabilisticPca,
};
