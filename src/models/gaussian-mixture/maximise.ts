import type { Params } from "../contract.ts";
import { array, type CovarianceKind, type MixtureParams } from "./components.ts";
import type { Layout } from "./layout.ts";
import type { MixtureConfig } from "./options.ts";
import { needsMatrix, type Statistics } from "./statistics.ts";

/** What scikit-learn adds to the members of each component, so that an empty one divides by something. */
const CRUMB = 10 * Number.EPSILON;

/** Means [K, D] and scatter about them per member: [K, D, D] with both triangles, or [K, D]; members with a crumb. */
export interface Fitted {
  readonly members: Float64Array;
  readonly means: Float64Array;
  readonly scatter: Float64Array;
}

/** Weighted means and scatters of the components. */
export function fittedMoments(
  { members: received, first, second, shift }: Statistics,
  D: number,
  kind: CovarianceKind,
): Fitted {
  const members = received.map((n) => n + CRUMB);
  const moved = first.map((sum, at) => sum / members[Math.floor(at / D)]!);
  const means = moved.map((by, at) => shift[at]! + by);
  const scatter = new Float64Array(second.length);
  for (let k = 0; k < members.length; k++)
    for (let i = 0; i < D; i++) {
      const at = k * D + i;
      const about = (j: number, sum: number) => sum / members[k]! - moved[at]! * moved[k * D + j]!;
      if (!needsMatrix(kind)) scatter[at] = Math.max(0, about(i, second[at]!));
      else
        for (let j = 0; j <= i; j++) {
          const value = about(j, second[at * D + j]!);
          scatter[at * D + j] = value;
          scatter[(k * D + j) * D + i] = value;
        }
    }
  return { members, means, scatter };
}

/** Shares of levels and means of counts that components have received, smoothed. */
export function discreteParams(
  { levels, counted, counts }: Statistics,
  layout: Layout,
  K: number,
  smoothing: number,
): Pick<MixtureParams, "levels" | "rates"> {
  const shares = layout.levels.map(({ size }, i) => {
    const seen = levels[i]!;
    const data = new Float64Array(K * size);
    for (let k = 0; k < K; k++) {
      const own = seen.subarray(k * size, (k + 1) * size);
      const total = own.reduce((sum, n) => sum + n + smoothing, 0);
      own.forEach((n, level) => {
        data[k * size + level] = total > 0 ? (n + smoothing) / total : 1 / size;
      });
    }
    return array([K, size], data);
  });
  const rates = counts.map((sum, i) => Math.max(1e-3, sum / Math.max(CRUMB, counted[i]!)));
  return {
    ...(shares.length > 0 ? { levels: shares } : {}),
    ...(layout.counts.length > 0 ? { rates: array([K, layout.counts.length], rates) } : {}),
  };
}

/** Scatters as covariances of a kind, with the regularisation on their diagonals. */
export function covariancesOf(
  { members, scatter }: Fitted,
  D: number,
  { covariance, regularisation }: Pick<MixtureConfig, "covariance" | "regularisation">,
) {
  const K = members.length;
  if (covariance === "full") {
    for (let k = 0; k < K; k++) for (let i = 0; i < D; i++) scatter[(k * D + i) * D + i]! += regularisation;
    return array([K, D, D], scatter);
  }
  if (covariance === "tied") {
    const total = members.reduce((sum, n) => sum + n, 0);
    const data = new Float64Array(D * D);
    scatter.forEach((value, at) => {
      data[at % (D * D)]! += (members[Math.floor(at / (D * D))]! / total) * value;
    });
    for (let i = 0; i < D; i++) data[i * (D + 1)]! += regularisation;
    return array([D, D], data);
  }
  const variances = scatter.map((value) => value + regularisation);
  if (covariance === "diagonal") return array([K, D], variances);
  const means = Float64Array.from({ length: K }, (_, k) => {
    let sum = 0;
    for (let i = 0; i < D; i++) sum += variances[k * D + i]! / D;
    return sum;
  });
  return array([K], means);
}

/** Maximisation: the parameters that fit what the components have received best. */
export function maximise(statistics: Statistics, layout: Layout, config: MixtureConfig): Params {
  const [K, D] = [statistics.members.length, layout.reals.length];
  const fitted = fittedMoments(statistics, D, config.covariance);
  const total = fitted.members.reduce((sum, n) => sum + n, 0);
  const params: MixtureParams = {
    weights: array(
      [K],
      fitted.members.map((n) => n / total),
    ),
    ...(D > 0 ? { means: array([K, D], fitted.means), covariances: covariancesOf(fitted, D, config) } : {}),
    ...discreteParams(statistics, layout, K, config.smoothing),
  };
  return params as unknown as Params;
}
