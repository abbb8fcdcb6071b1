import { full, HostArray, zeros } from "../../base/host.ts";
import { countLaw } from "../../probability/univariate/count.ts";
import type { NaiveBayesConfig } from "./options.ts";

/** Float64 arrays by name: the parameters of one column, the first axis over classes. */
export type LawParams = { readonly [name: string]: HostArray<"float64"> };

/** log p(value | class) of one column, and draws. */
export interface OpenLaw {
  /** Adds log p(value | y) to the score of every class y. */
  rate(value: number, scores: Float64Array): void;
  /** A draw for a class from a uniform in [0, 1) and a standard normal. */
  draw(y: number, u: number, z: number): number;
}

/** The law of one column in every class. */
export interface Law {
  /** Names and lengths of its sums. */
  readonly sums: Readonly<Record<string, number>>;
  readonly form: () => LawParams;
  add(sums: Readonly<Record<string, Float64Array>>, value: number, y: number): void;
  /** Parameters from sums; undefined where there was no value. `epsilon` is added to variances. */
  solve(sums: Readonly<Record<string, Float64Array>>, epsilon: number): LawParams | undefined;
  open(params: LawParams): OpenLaw;
  /** The variance over all classes, for laws that have one. */
  variance?(sums: Readonly<Record<string, Float64Array>>): number;
}

const vector = (values: Float64Array) => new HostArray("float64", [values.length], values);
const total = (values: Float64Array) => values.reduce((a, b) => a + b, 0);

/** Shares of levels, θ[y, v] = (n[y, v] + α)/(n[y] + α L); `levelOf` says which level a value is. */
export function levelsLaw(
  classes: number,
  levels: number,
  { alpha }: NaiveBayesConfig,
  levelOf: (value: number) => number = (value) => value,
): Law {
  const size = classes * levels;
  return {
    sums: { counts: size },
    form: () => ({ probabilities: zeros("float64", [classes, levels]) }),
    add: ({ counts }, value, y) => {
      counts![y * levels + levelOf(value)]!++;
    },
    solve: ({ counts }) => {
      const seen = total(counts!);
      if (seen === 0) return undefined;
      const all = Float64Array.from({ length: levels }, (_, v) => {
        let sum = 0;
        for (let y = 0; y < classes; y++) sum += counts![y * levels + v]!;
        return sum / seen;
      });
      const probabilities = new Float64Array(size);
      for (let y = 0; y < classes; y++) {
        const own = counts!.subarray(y * levels, (y + 1) * levels);
        const sum = total(own) + alpha * levels;
        for (let v = 0; v < levels; v++) probabilities[y * levels + v] = sum > 0 ? (own[v]! + alpha) / sum : all[v]!;
      }
      return { probabilities: new HostArray("float64", [classes, levels], probabilities) };
    },
    open: ({ probabilities }) => {
      const shares = probabilities!.data;
      const logs = new Float64Array(size);
      for (let y = 0; y < classes; y++)
        for (let v = 0; v < levels; v++) logs[v * classes + y] = Math.log(shares[y * levels + v]!);
      return {
        rate: (value, scores) => {
          const at = levelOf(value) * classes;
          for (let y = 0; y < classes; y++) scores[y]! += logs[at + y]!;
        },
        draw: (y, u) => inverseCdf(shares.subarray(y * levels, (y + 1) * levels), u),
      };
    },
  };
}

/** The place of a uniform among probabilities, one that is not zero. */
export function inverseCdf(shares: Float64Array, u: number): number {
  let sum = 0;
  let last = 0;
  for (let v = 0; v < shares.length; v++) {
    if (shares[v] === 0) continue;
    last = v;
    sum += shares[v]!;
    if (u < sum) return v;
  }
  return last;
}

/** Counts, means and summed squares about the mean of every class, taken in value by value (Welford 1962). */
const moments = {
  add: ({ n, mean, squares }: Readonly<Record<string, Float64Array>>, value: number, y: number) => {
    const delta = value - mean![y]!;
    n![y]!++;
    mean![y]! += delta / n![y]!;
    squares![y]! += delta * (value - mean![y]!);
  },
  /** Number, mean and variance of all classes together. */
  pooled: ({ n, mean, squares }: Readonly<Record<string, Float64Array>>) => {
    const count = total(n!);
    const centre = n!.reduce((sum, each, y) => sum + each * mean![y]!, 0) / count;
    const spread = n!.reduce((sum, each, y) => sum + squares![y]! + each * (mean![y]! - centre) ** 2, 0);
    return { count, mean: centre, variance: spread / count };
  },
};

/** A normal by the mean and variance of every class, or by their means and one variance within classes. */
export function gaussianLaw(classes: number, { sharedVariance }: NaiveBayesConfig): Law {
  return {
    sums: { n: classes, mean: classes, squares: classes },
    form: () => ({ mean: zeros("float64", [classes]), variance: full("float64", [classes], 1) }),
    add: moments.add,
    variance: (sums) => moments.pooled(sums).variance,
    solve: (sums, epsilon) => {
      const { n, mean, squares } = sums;
      const all = moments.pooled(sums);
      if (all.count === 0) return undefined;
      const within = total(squares!) / all.count;
      const own = (sum: number, y: number) => (n![y]! > 0 ? sum / n![y]! : all.variance);
      return {
        mean: vector(mean!.map((value, y) => (n![y]! > 0 ? value : all.mean))),
        variance: vector(squares!.map((sum, y) => (sharedVariance ? within : own(sum, y)) + epsilon)),
      };
    },
    open: ({ mean, variance }) => {
      const [centre, spread] = [mean!.data, variance!.data];
      const norm = spread.map((v) => -0.5 * Math.log(2 * Math.PI * v));
      return {
        rate: (value, scores) => {
          for (let y = 0; y < classes; y++)
            scores[y]! += norm[y]! - (0.5 * (value - centre[y]!) * (value - centre[y]!)) / spread[y]!;
        },
        draw: (y, _, z) => centre[y]! + Math.sqrt(spread[y]!) * z,
      };
    },
  };
}

/** Counts whose log probabilities are kept. */
const KEPT = 1 << 16;

/**
 * Counts by the mean μ and the dispersion φ of every class: a negative binomial of variance μ + φ μ², a Poisson where φ = 0.
 * Both by moments, to which α imagined observations of the mean and square of all classes are added.
 */
export function countsLaw(classes: number, { alpha, counts }: NaiveBayesConfig): Law {
  return {
    sums: { n: classes, mean: classes, squares: classes },
    form: () => ({ mean: full("float64", [classes], 1), dispersion: zeros("float64", [classes]) }),
    add: moments.add,
    solve: ({ n, mean, squares }) => {
      const all = moments.pooled({ n: n!, mean: mean!, squares: squares! });
      if (all.count === 0) return undefined;
      const centre = Math.max(all.mean, 0.5 / all.count);
      const square = all.mean > 0 ? all.variance + centre * centre : centre + centre * centre;
      const shares = n!.map((count) => (count + alpha > 0 ? count / (count + alpha) : 0));
      const means = mean!.map((own, y) => Math.max(shares[y]! * own + (1 - shares[y]!) * centre, 1e-10));
      const dispersion = means.map((m, y) => {
        const own = n![y]! > 0 ? squares![y]! / n![y]! + mean![y]! ** 2 : 0;
        const variance = shares[y]! * own + (1 - shares[y]!) * square - m * m;
        return counts === "poisson" ? 0 : Math.max(0, (variance - m) / (m * m));
      });
      return { mean: vector(means), dispersion: vector(dispersion) };
    },
    open: ({ mean, dispersion }) => {
      const laws = Array.from(mean!.data, (m, y) => countLaw(m, dispersion!.data[y]!));
      const kept = new Map<number, Float64Array>();
      const logs = (value: number) => Float64Array.from(laws, (law) => law.logProb(value));
      return {
        rate: (value, scores) => {
          let known = kept.get(value);
          if (!known) {
            known = logs(value);
            if (kept.size < KEPT) kept.set(value, known);
          }
          for (let y = 0; y < classes; y++) scores[y]! += known[y]!;
        },
        draw: (y, u) => laws[y]!.inverseCdf(u),
      };
    },
  };
}
