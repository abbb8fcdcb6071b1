import { denseMetric, diagonalMetric, type Metric } from "./metric.ts";

/** Constants of dual averaging as in Hoffman and Gelman 2014, arXiv 1111.4246, section 3.2.1. */
const GAMMA = 0.05;
const T0 = 10;
const KAPPA = 0.75;

/** Step size by dual averaging of the acceptance statistic: equation 6 of arXiv 1111.4246. */
export class DualAveraging {
  private readonly target: number;
  private readonly mu: number;
  private count = 0;
  private error = 0;
  private logStep: number;
  private logAverage = 0;

  constructor(target: number, initial: number) {
    this.target = target;
    this.mu = Math.log(10 * initial);
    this.logStep = Math.log(initial);
  }

  /** The step to try next. */
  get step(): number {
    return Math.exp(this.logStep);
  }

  /** The averaged step, to be kept. */
  get average(): number {
    return this.count === 0 ? this.step : Math.exp(this.logAverage);
  }

  update(acceptance: number): void {
    const t = ++this.count;
    this.error += (this.target - acceptance - this.error) / (t + T0);
    this.logStep = this.mu - (Math.sqrt(t) / GAMMA) * this.error;
    this.logAverage += t ** -KAPPA * (this.logStep - this.logAverage);
  }
}

/** Running variances, or the covariance, of positions (Welford 1962). */
export class Moments {
  private readonly d: number;
  private readonly dense: boolean;
  private readonly mean: Float64Array;
  private readonly sums: Float64Array;
  private count = 0;

  constructor(d: number, dense: boolean) {
    this.d = d;
    this.dense = dense;
    this.mean = new Float64Array(d);
    this.sums = new Float64Array(dense ? d * d : d);
  }

  add(x: Float64Array): void {
    const { d, mean, sums } = this;
    this.count++;
    const before = x.map((value, i) => value - mean[i]!);
    for (let i = 0; i < d; i++) mean[i]! += before[i]! / this.count;
    for (let i = 0; i < d; i++) {
      const after = x[i]! - mean[i]!;
      if (!this.dense) sums[i]! += before[i]! * after;
      else for (let j = 0; j < d; j++) sums[i * d + j]! += before[j]! * after;
    }
  }

  /**
   * The metric they give, drawn to 10⁻³ as Stan does: n/(n+5) of the estimate + 5/(n+5)·10⁻³. Undefined where there are
   * too few positions or they are no numbers.
   */
  metric(): Metric | undefined {
    const { d, count: n } = this;
    if (n < 2) return undefined;
    const shrunk = this.sums.map((sum, k) => {
      const floor = !this.dense || k % (d + 1) === 0 ? (1e-3 * 5) / (n + 5) : 0;
      return (n / (n + 5)) * (sum / (n - 1)) + floor;
    });
    if (!shrunk.every(Number.isFinite)) return undefined;
    return this.dense ? denseMetric(shrunk, d) : diagonalMetric(shrunk);
  }
}

/** When the metric learns: iterations first ≤ t < last count, and at each of `ends` a window closes after its iteration. */
export interface Windows {
  readonly first: number;
  readonly last: number;
  readonly ends: ReadonlySet<number>;
}

/**
 * Stan's windows: 75 iterations for the step size alone, slow windows of 25, 50, 100, … of which the last takes what is
 * left, 50 more for the step size; in short warm-ups 15 %, 75 % and 10 %. Below 20 iterations only the step size adapts.
 */
export function slowWindows(warmup: number): Windows {
  if (warmup < 20) return { first: warmup, last: warmup, ends: new Set() };
  const short = warmup < 150;
  const first = short ? Math.floor(0.15 * warmup) : 75;
  const last = warmup - (short ? Math.floor(0.1 * warmup) : 50);
  const ends = new Set<number>();
  let start = first;
  let size = short ? last - first : 25;
  while (start < last) {
    const end = start + size;
    const stop = end + 2 * size > last ? last : end;
    ends.add(stop - 1);
    start = stop;
    size *= 2;
  }
  return { first, last, ends };
}
