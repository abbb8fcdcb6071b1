import { logSumExp } from "../../base/log-sum-exp.ts";
import { meanOf } from "./moments.ts";

/** A generalised Pareto law: shape k and scale σ. */
export interface Pareto {
  readonly k: number;
  readonly sigma: number;
}

/**
 * Fits a generalised Pareto law to ordered positive exceedances by the empirical-Bayes estimate of Zhang and Stephens
 * (2009), with the shape drawn towards ½ by 10 observations. Vehtari et al., arXiv 1507.02646, appendix C.
 */
export function fitPareto(ordered: Float64Array): Pareto {
  const n = ordered.length;
  const quartile = ordered[Math.floor(n / 4 + 0.5) - 1]!;
  const count = 30 + Math.floor(Math.sqrt(n));
  const shapeAt = (theta: number) => meanOf(ordered.map((x) => Math.log1p(-theta * x)));
  const thetas = Array.from(
    { length: count },
    (_, i) => (1 - Math.sqrt(count / (i + 0.5))) / (3 * quartile) + 1 / ordered[n - 1]!,
  );
  const profile = thetas.map((theta) => {
    const k = shapeAt(theta);
    return n * (Math.log(-theta / k) - k - 1);
  });
  const total = logSumExp(profile);
  const weights = profile.map((value) => Math.exp(value - total)).map((w) => (w >= 10 * Number.EPSILON ? w : 0));
  const sum = weights.reduce((all, w) => all + w, 0);
  const theta = thetas.reduce((all, value, i) => all + value * (weights[i]! / sum), 0);
  const k = shapeAt(theta);
  return { k: (n * k + 10 * 0.5) / (n + 10), sigma: -k / theta };
}

/** Smoothed importance weights and how far they can be trusted. */
export interface SmoothedWeights {
  /** Normalised: their exponentials sum to 1. */
  readonly logWeights: Float64Array;
  /** The shape of the tail: below 0.7 the weights are of use, above 1 they have not even a mean. */
  readonly k: number;
  /** The standard error of k, (1 + k)/√M from the M largest ratios (Smith 1987, as quoted by Zhang & Stephens 2009). */
  readonly kStderr: number;
  /** 1/Σ w²: as many independent draws the weighted ones are worth, if k is small. */
  readonly effective: number;
}

/** log of the smallest normal double: weights below it do not count. */
const SMALLEST = Math.log(2.2250738585072014e-308);

/**
 * Pareto-smoothed importance sampling (Vehtari, Simpson, Gelman, Yao and Gabry, arXiv 1507.02646): the largest
 * min(S/5, 3√S) ratios are replaced by the expected order statistics of the Pareto law fitted to them.
 */
export function paretoSmooth(logRatios: ArrayLike<number>): SmoothedWeights {
  const most = Array.prototype.reduce.call(
    logRatios,
    (a, b) => Math.max(a as number, b as number),
    -Infinity,
  ) as number;
  const values = Float64Array.from(logRatios, (x) => x - most);
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const size = Math.ceil(Math.min(values.length / 5, 3 * Math.sqrt(values.length)));
  const cut = Math.max(values[order[values.length - size - 1] ?? 0]!, SMALLEST);
  const tail = order.filter((i) => values[i]! > cut);
  let k = Number.POSITIVE_INFINITY;
  if (tail.length > 4) {
    const base = Math.exp(cut);
    const fit = fitPareto(Float64Array.from(tail, (i) => Math.exp(values[i]!) - base));
    k = fit.k;
    tail.forEach((i, rank) => {
      const p = (rank + 0.5) / tail.length;
      values[i] = Math.min(0, Math.log((fit.sigma * Math.expm1(-k * Math.log1p(-p))) / k + base));
    });
  }
  const total = logSumExp(values);
  const logWeights = values.map((x) => x - total);
  const kStderr = (1 + k) / Math.sqrt(tail.length);
  return { logWeights, k, kStderr, effective: 1 / logWeights.reduce((sum, w) => sum + Math.exp(2 * w), 0) };
}
