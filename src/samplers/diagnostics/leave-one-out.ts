import { logSumExp } from "../../base/log-sum-exp.ts";
import { varianceOf } from "./moments.ts";
import { paretoSmooth } from "./pareto.ts";

/** Expected log predictive density for new data, in nats, higher is better. */
export interface PredictiveDensity {
  readonly elpd: number;
  /** Standard error over the observations. */
  readonly stderr: number;
  /** Effective number of parameters. */
  readonly parameters: number;
  /** One term for each observation. */
  readonly pointwise: Float64Array;
}

const column = (logLikelihood: readonly ArrayLike<number>[], i: number) =>
  Float64Array.from(logLikelihood, (draw) => draw[i]!);

function summed(pointwise: Float64Array, full: Float64Array): PredictiveDensity {
  const elpd = pointwise.reduce((sum, x) => sum + x, 0);
  const inSample = full.reduce((sum, x) => sum + x, 0);
  const stderr = Math.sqrt(pointwise.length * varianceOf(pointwise));
  return { elpd, stderr, parameters: inSample - elpd, pointwise };
}

/** log of the mean likelihood of each observation over the draws. */
function inSampleDensity(logLikelihood: readonly ArrayLike<number>[]): Float64Array {
  const draws = Math.log(logLikelihood.length);
  return Float64Array.from({ length: logLikelihood[0]!.length }, (_, i) => logSumExp(column(logLikelihood, i)) - draws);
}

/**
 * Leave-one-out cross-validation without refitting, by Pareto-smoothed importance sampling, from log likelihoods [draws]
 * [observations]. `k` tells for each observation whether to believe it (below 0.7). Vehtari, Gelman and Gabry 2017,
 * arXiv 1507.04544.
 */
export function leaveOneOut(
  logLikelihood: readonly ArrayLike<number>[],
): PredictiveDensity & { readonly k: Float64Array } {
  const full = inSampleDensity(logLikelihood);
  const k = new Float64Array(full.length);
  const pointwise = full.map((_, i) => {
    const terms = column(logLikelihood, i);
    const smooth = paretoSmooth(terms.map((x) => -x));
    k[i] = smooth.k;
    return logSumExp(smooth.logWeights.map((w, s) => w + terms[s]!));
  });
  return { ...summed(pointwise, full), k };
}

/** The widely applicable information criterion on the same scale: in-sample density − variance. Watanabe 2010. */
export function waic(logLikelihood: readonly ArrayLike<number>[]): PredictiveDensity {
  const full = inSampleDensity(logLikelihood);
  return summed(
    full.map((value, i) => value - varianceOf(column(logLikelihood, i))),
    full,
  );
}
