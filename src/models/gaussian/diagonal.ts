import { square } from "../../numeric/linear/index.ts";
import { HALF_LOG_2PI, type MomentLaw, placesOf } from "./law.ts";
import { scaledSquares } from "./squares.ts";

/** A normal law of independent numbers with their own variances. */
export function diagonalGaussian(mean: Float64Array, variances: Float64Array): MomentLaw {
  const deviations = variances.map(Math.sqrt);
  const precisions = variances.map((variance) => 1 / variance);
  const norms = deviations.map((deviation) => -HALF_LOG_2PI - Math.log(deviation));
  const norm = norms.reduce((sum, one) => sum + one, 0);
  const marginal = (x: Float64Array): number => {
    let [known, squares] = [0, 0];
    for (let i = 0; i < x.length; i++) {
      const off = x[i]! - mean[i]!;
      if (Number.isNaN(off)) continue;
      known += norms[i]!;
      squares += off * off * precisions[i]!;
    }
    return known - 0.5 * squares;
  };
  const d = mean.length;
  return {
    normals: d,
    logProbs: (x, to) => {
      scaledSquares(mean, precisions, x, to);
      for (let n = 0; n < to.length; n++) {
        const gaps = Number.isNaN(to[n]!);
        to[n] = gaps ? marginal(x.subarray(n * d, (n + 1) * d)) : norm - 0.5 * to[n]!;
      }
    },
    fill: (x, z) => {
      for (let i = 0; i < x.length; i++) if (Number.isNaN(x[i]!)) x[i] = mean[i]! + deviations[i]! * z[i]!;
    },
    expected: (x) => {
      const missing = placesOf(x, true);
      return {
        mean: x.map((value, i) => (Number.isNaN(value) ? mean[i]! : value)),
        missing,
        covariance: square(missing.length, (i, j) => (i === j ? variances[missing[i]!]! : 0)),
      };
    },
  };
}
