/** An estimated distribution by states, with a standard error for each probability. */
export interface Estimate {
  readonly probabilities: Float64Array;
  readonly standardErrors: Float64Array;
  /** How many independent draws would be as exact; the fewest over the states. */
  readonly effectiveSamples: number;
}

/** The answer of a sampler: p(target | evidence) for each target. */
export interface SampledAnswer {
  readonly marginals: ReadonlyMap<string, Estimate>;
  readonly samples: number;
  /** The fewest effective samples over all targets. */
  readonly effectiveSamples: number;
  /** How it was done, in words. */
  readonly how: string;
}

/**
 * Shares by weighted draws: p̂ = Σ wᵢ 1ᵢ / Σ wᵢ with the standard error of a ratio, √(Σ wᵢ² (1ᵢ − p̂)²) / Σ wᵢ, and
 * (Σ wᵢ)² / Σ wᵢ² effective samples (Kong 1992). `log` weights are scaled by their largest. A share of none or all of n
 * draws has the standard error that a share of half a draw would have, so that it never claims to be exact.
 */
export function weightedEstimate(states: ArrayLike<number>, weights: Float64Array, width: number): Estimate {
  const [sums, squares] = [new Float64Array(width), new Float64Array(width)];
  let [total, square] = [0, 0];
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i]!;
    sums[states[i]!]! += w;
    squares[states[i]!]! += w * w;
    total += w;
    square += w * w;
  }
  const probabilities = sums.map((sum) => sum / total);
  const effective = (total * total) / square;
  const least = 0.5 / effective;
  const standardErrors = probabilities.map((p, k) => {
    const variance = (squares[k]! * (1 - 2 * p) + p * p * square) / total ** 2;
    const floor = Math.sqrt((least * (1 - least)) / effective);
    return p <= least || p >= 1 - least ? Math.max(floor, Math.sqrt(Math.max(0, variance))) : Math.sqrt(variance);
  });
  return { probabilities, standardErrors, effectiveSamples: effective };
}

/**
 * Independent draws that a correlated series of zeros and ones is worth, n / (1 + 2 Σ ρₜ), the sum cut where a pair of
 * neighbouring autocorrelations is no longer positive (Geyer 1992).
 */
export function effectiveOfSeries(series: ArrayLike<number>, state: number): number {
  const n = series.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += series[i] === state ? 1 : 0;
  mean /= n;
  if (mean === 0 || mean === 1) return n;
  const centred = Float64Array.from(series, (value) => (value === state ? 1 : 0) - mean);
  const covariance = (lag: number) => {
    let sum = 0;
    for (let i = 0; i + lag < n; i++) sum += centred[i]! * centred[i + lag]!;
    return sum / n;
  };
  const variance = covariance(0);
  let sum = -variance;
  for (let lag = 0; lag + 1 < n; lag += 2) {
    const pair = covariance(lag) + covariance(lag + 1);
    if (pair <= 0) break;
    sum += 2 * pair;
  }
  return Math.min(n, Math.max(1, (n * variance) / Math.max(sum, variance / n)));
}

/** Shares of states in a series of a Markov chain, with standard errors √(p (1 − p) / effective samples). */
export function chainEstimate(series: ArrayLike<number>, width: number): Estimate {
  const n = series.length;
  const probabilities = new Float64Array(width);
  for (let i = 0; i < n; i++) probabilities[series[i]!]! += 1 / n;
  const each = Array.from(probabilities, (_, state) => effectiveOfSeries(series, state));
  const seen = each.filter((_, state) => probabilities[state]! > 0 && probabilities[state]! < 1 - 1e-12);
  const effectiveSamples = seen.length > 0 ? Math.min(...seen) : n;
  const standardErrors = probabilities.map((p, state) => {
    const share = Math.min(1 - 0.5 / n, Math.max(0.5 / n, p));
    return Math.sqrt((share * (1 - share)) / Math.min(each[state]!, effectiveSamples));
  });
  return { probabilities, standardErrors, effectiveSamples };
}
