import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import { type Matrix, square } from "../../numeric/linear/index.ts";
import type { Params } from "../contract.ts";
import { denseGaussian } from "../gaussian/dense.ts";
import { diagonalGaussian } from "../gaussian/diagonal.ts";
import type { MomentLaw } from "../gaussian/law.ts";
import { type Family, familyOf } from "../independent/families.ts";
import type { Layout } from "./layout.ts";
import type { MixtureConfig } from "./options.ts";

type Floats = HostArray<"float64">;
export type CovarianceKind = MixtureConfig["covariance"];

/**
 * Parameters of a mixture: weights [K]; means [K, D] of real numbers; covariances [K, D, D] (full), [D, D] (tied), [K, D]
 * (diagonal) or [K] (spherical); for each column of levels their probabilities [K, L]; rates [K, C] of counts.
 */
export interface MixtureParams {
  readonly weights: Floats;
  readonly means?: Floats;
  readonly covariances?: Floats;
  readonly levels?: readonly Floats[];
  readonly rates?: Floats;
}

/** A float64 array of some shape. */
export const array = (shape: readonly number[], data: Float64Array): Floats => new HostArray("float64", shape, data);

/** Float64 copies of parameters, which may have been stored as float32. */
export function mixtureParams(params: Params): MixtureParams {
  const { weights, means, covariances, levels, rates } = params as unknown as MixtureParams;
  const wide = (a: Floats | undefined) => a && array(a.shape, Float64Array.from(a.data));
  return {
    weights: wide(weights)!,
    ...(means ? { means: wide(means)!, covariances: wide(covariances)! } : {}),
    ...(levels ? { levels: Object.values(levels).map((one) => wide(one)!) } : {}),
    ...(rates ? { rates: wide(rates)! } : {}),
  };
}

/** One component of a mixture. */
export interface Component {
  readonly logWeight: number;
  readonly real?: MomentLaw;
  /** The laws of levels and counts with their places. */
  readonly discrete: readonly { readonly place: number; readonly family: Family }[];
}

/** The components that parameters describe. */
export function componentsOf(name: string, layout: Layout, kind: CovarianceKind, params: Params): Component[] {
  const { weights, means, covariances, levels, rates } = mixtureParams(params);
  const [K, D] = [weights.size, layout.reals.length];
  return Array.from({ length: K }, (_, k) => {
    const discrete = [
      ...layout.levels.map(({ place, size }, i) => ({
        place,
        family: familyOf({ probabilities: array([size], levels![i]!.data.slice(k * size, (k + 1) * size)) }),
      })),
      ...layout.counts.map((place, i) => ({
        place,
        family: familyOf({
          rate: array([], rates!.data.slice(k * layout.counts.length + i, k * layout.counts.length + i + 1)),
        }),
      })),
    ];
    const logWeight = Math.log(weights.data[k]!);
    if (!means) return { logWeight, discrete };
    return { logWeight, discrete, real: realLaw(name, kind, k, D, means.data, covariances!) };
  });
}

function realLaw(
  name: string,
  kind: CovarianceKind,
  k: number,
  D: number,
  means: Float64Array,
  covariances: Floats,
): MomentLaw {
  const mean = means.slice(k * D, (k + 1) * D);
  if (kind === "full" || kind === "tied")
    return denseGaussian(mean, covarianceOf(covariances, k, D), `The covariance of component ${k + 1} of ${name}`);
  const { data } = covariances;
  const variances = kind === "diagonal" ? data.slice(k * D, (k + 1) * D) : new Float64Array(D).fill(data[k]!);
  if (variances.includes(0))
    throw new UsageError(
      `A variance of component ${k + 1} of ${name} is 0, so it has no density: train with a larger regularisation, as --set regularisation=1e-6.`,
    );
  return diagonalGaussian(mean, variances);
}

function covarianceOf({ shape, data }: Floats, k: number, D: number): Matrix {
  const at = shape.length === 3 ? k * D * D : 0;
  return square(D, (i, j) => data[at + i * D + j]!);
}
