import { full, HostArray } from "../../base/host.ts";
import { logSumExp } from "../../base/log-sum-exp.ts";
import type { Column } from "../../data/table/types.ts";
import { logGamma } from "../../numeric/special/index.ts";
import type { Params } from "../contract.ts";

/** The distribution of one column: log probability or log density of a value, and draws. */
export interface Family {
  logProb(value: number): number;
  /** A draw from a uniform in [0, 1) and a standard normal. */
  draw(u: number, z: number): number;
}

/** Parameters of a column's distribution; their names say which family it is. */
export type FamilyParams = { readonly [name: string]: HostArray<"float64"> };

const vector = (values: ArrayLike<number>) => new HostArray("float64", [values.length], Float64Array.from(values));
const scalar = (value: number) => full("float64", [], value);

/** Smoothed shares of levels: (n + s) / Σ (n + s). */
export function fitLevels(counts: Float64Array, smoothing: number): FamilyParams {
  const total = counts.reduce((sum, n) => sum + n + smoothing, 0);
  return { probabilities: vector(counts.map((n) => (n + smoothing) / total)) };
}

/** A normal by its mean and (maximum-likelihood) standard deviation. */
export function fitNormal(mean: number, deviation: number): FamilyParams {
  return { mean: scalar(mean), deviation: scalar(deviation) };
}

/** Equal normals around some of the values, as wide as Silverman (1986, equation 3.31) says: 0.9 min(σ, IQR/1.34) n^(−1/5). */
export function fitKernel(values: Float64Array): FamilyParams {
  const sorted = values.slice().sort();
  const n = sorted.length;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / n;
  const deviation = Math.sqrt(sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n);
  const range = (sorted[Math.floor(0.75 * (n - 1))]! - sorted[Math.floor(0.25 * (n - 1))]!) / 1.34;
  const spread = range > 0 ? Math.min(deviation, range) : deviation;
  return { centres: vector(sorted), bandwidth: scalar(0.9 * spread * n ** -0.2) };
}

/**
 * Counts given as how often each was seen: a Poisson, or, where they vary more than their mean, a negative binomial
 * p(k) = Γ(k + r) / (Γ(r) k!) · (r/(r + μ))^r (μ/(r + μ))^k with μ the mean and r of the greatest likelihood.
 */
export function fitCounts(seen: ReadonlyMap<number, number>): FamilyParams {
  let [n, sum, squares] = [0, 0, 0];
  for (const [value, times] of seen)
    [n, sum, squares] = [n + times, sum + value * times, squares + value * value * times];
  const mean = Math.max(sum / n, 0.5 / n);
  if (squares / n - (sum / n) ** 2 <= mean) return { rate: scalar(mean) };
  const likelihood = (size: number) => {
    let total = 0;
    const { logProb } = negativeBinomial(mean, size);
    for (const [value, times] of seen) total += times * logProb(value);
    return total;
  };
  return { mean: scalar(mean), size: scalar(Math.exp(peak((log) => likelihood(Math.exp(log)), -7, 14))) };
}

/** Where a function with one peak between two places is greatest, by golden sections, to 1e-6. */
function peak(f: (x: number) => number, low: number, high: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [high - golden * (high - low), low + golden * (high - low)];
  let [fa, fb] = [f(a), f(b)];
  while (high - low > 1e-6) {
    if (fa < fb) {
      [low, a, fa] = [a, b, fb];
      b = low + golden * (high - low);
      fb = f(b);
    } else {
      [high, b, fb] = [b, a, fa];
      a = high - golden * (high - low);
      fa = f(a);
    }
  }
  return (low + high) / 2;
}

function categorical(probabilities: Float64Array): Family {
  const logs = Float64Array.from(probabilities, Math.log);
  return {
    logProb: (level) => logs[level]!,
    draw: (u) => {
      let sum = 0;
      for (let level = 0; level < probabilities.length - 1; level++) {
        sum += probabilities[level]!;
        if (u < sum) return level;
      }
      return probabilities.length - 1;
    },
  };
}

/** The smallest count at which the sum of probabilities exceeds u. */
function countOf(logProb: (k: number) => number, u: number, most: number): number {
  let sum = 0;
  for (let k = 0; k < most; k++) {
    sum += Math.exp(logProb(k));
    if (u < sum) return k;
  }
  return most;
}

function poisson(rate: number): Family {
  const each = Math.log(rate);
  const logProb = (k: number) => k * each - rate - logGamma(k + 1);
  return { logProb, draw: (u) => countOf(logProb, u, Math.ceil(rate + 20 * Math.sqrt(rate) + 50)) };
}

function negativeBinomial(mean: number, size: number): Family {
  const [fixed, each] = [size * Math.log(size / (size + mean)), Math.log(mean / (size + mean))];
  const logProb = (k: number) => logGamma(k + size) - logGamma(size) - logGamma(k + 1) + fixed + k * each;
  const deviation = Math.sqrt(mean + (mean * mean) / size);
  return { logProb, draw: (u) => countOf(logProb, u, Math.ceil(mean + 40 * deviation + 50)) };
}

function gaussian(mean: number, deviation: number): Family {
  const norm = -0.5 * Math.log(2 * Math.PI) - Math.log(deviation);
  return { logProb: (x) => norm - 0.5 * ((x - mean) / deviation) ** 2, draw: (_, z) => mean + deviation * z };
}

function kernel(centres: Float64Array, bandwidth: number): Family {
  const norm = -0.5 * Math.log(2 * Math.PI) - Math.log(bandwidth) - Math.log(centres.length);
  return {
    logProb: (x) => norm + logSumExp(centres.map((centre) => -0.5 * ((x - centre) / bandwidth) ** 2)),
    draw: (u, z) => centres[Math.floor(u * centres.length)]! + bandwidth * z,
  };
}

/** The distribution that parameters describe. */
export function familyOf({ probabilities, rate, mean, size, deviation, centres, bandwidth }: FamilyParams): Family {
  if (probabilities) return categorical(probabilities.data);
  if (rate) return poisson(rate.data[0]!);
  if (centres) return kernel(centres.data, bandwidth!.data[0]!);
  return size ? negativeBinomial(mean!.data[0]!, size.data[0]!) : gaussian(mean!.data[0]!, deviation!.data[0]!);
}

/** The distributions of all columns from the parameters of a model. */
export function familiesOf(params: Params, columns: readonly Column[]): Family[] {
  const { columns: each } = params as unknown as { readonly columns: readonly FamilyParams[] };
  return columns.map((_, i) => familyOf(each[i]!));
}
