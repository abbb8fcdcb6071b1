import { meanOf, varianceOf } from "./moments.ts";
import { type ChainDraws, normalScores, quantileOf, sorted, splitChains } from "./ranks.ts";

/** √(((n−1)/n·W + B/n)/W) of chains as they are: between-chain and within-chain variance. NaN where nothing varies. */
function plainRhat(chains: ChainDraws): number {
  const n = chains[0]!.length;
  const within = meanOf(chains.map((chain) => varianceOf(chain)));
  const between = n * varianceOf(chains.map(meanOf));
  return Math.sqrt((between / within + n - 1) / n);
}

/**
 * R-hat of split, rank-normalised draws: the larger of that of the draws (location) and that of their distances from the
 * median (scale). Below 1.01 is good. Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021, arXiv 1903.08008.
 */
export function rhat(chains: ChainDraws): number {
  const halves = splitChains(chains);
  const median = quantileOf(sorted(halves), 0.5);
  const distances = halves.map((chain) => chain.map((x) => Math.abs(x - median)));
  return Math.max(plainRhat(normalScores(halves)), plainRhat(normalScores(distances)));
}

/** The biased autocovariance at one lag, Σ (x_t − m)(x_{t+lag} − m)/n. */
function autocovariance(centred: Float64Array, lag: number): number {
  let sum = 0;
  for (let t = lag; t < centred.length; t++) sum += centred[t]! * centred[t - lag]!;
  return sum / centred.length;
}

/**
 * The effective sample size of draws as they are: S/τ with τ from autocorrelations of all chains together, summed in
 * pairs while they are positive and made monotone (Geyer 1992). arXiv 1903.08008, section 3.2; at most S·log₁₀ S.
 */
export function plainEss(chains: ChainDraws): number {
  const n = chains[0]!.length;
  const total = n * chains.length;
  const range = sorted(chains);
  if (!range.every(Number.isFinite) || n < 4) return Number.NaN;
  if (range[total - 1]! - range[0]! < 1e-15) return total;
  const centred = chains.map((chain) => {
    const mean = meanOf(chain);
    return Float64Array.from(chain, (x) => x - mean);
  });
  const covariance = (lag: number) => meanOf(centred.map((chain) => autocovariance(chain, lag)));
  const within = (covariance(0) * n) / (n - 1);
  const pooled = covariance(0) + (chains.length > 1 ? varianceOf(chains.map(meanOf)) : 0);
  const rho = (lag: number) => 1 - (within - covariance(lag)) / pooled;
  const tau = Math.max(geyer(rho, n), 1 / Math.log10(total));
  return total / tau;
}

/** −1 + 2 Σ ρ over the initial positive, monotone sequence of pairs, with one more even term to steady it. */
function geyer(rho: (lag: number) => number, n: number): number {
  const kept = [1, rho(1)];
  let [even, odd] = kept as [number, number];
  let t = 1;
  while (t < n - 3 && even + odd > 0) {
    even = rho(t + 1);
    odd = rho(t + 2);
    if (even + odd >= 0) kept.push(even, odd);
    t += 2;
  }
  const last = t - 2;
  for (let i = 1; i <= last - 2; i += 2) {
    const before = kept[i - 1]! + kept[i]!;
    if (kept[i + 1]! + kept[i + 2]! > before) kept[i + 1] = kept[i + 2] = before / 2;
  }
  const sum = kept.slice(0, last + 1).reduce((total, value) => total + value, 0);
  return -1 + 2 * sum + (even > 0 ? even : (kept[last + 1] ?? 0));
}

/** Effective sample size for the centre of the distribution: of split, rank-normalised draws. */
export function essBulk(chains: ChainDraws): number {
  return plainEss(normalScores(splitChains(chains)));
}

/** Effective sample size of the estimate of a quantile: of the indicators x ≤ quantile. */
export function essQuantile(chains: ChainDraws, probability: number): number {
  const cut = quantileOf(sorted(chains), probability);
  return plainEss(splitChains(chains).map((chain) => chain.map((x) => Number(x <= cut))));
}

/** Effective sample size for the tails: the smaller of those of the 5 % and 95 % quantiles. */
export function essTail(chains: ChainDraws): number {
  return Math.min(essQuantile(chains, 0.05), essQuantile(chains, 0.95));
}

/** Effective sample size of the plain mean: of split draws, not ranked. */
export function essMean(chains: ChainDraws): number {
  return plainEss(splitChains(chains));
}

/** Monte Carlo standard error of the mean: standard deviation/√ESS. */
export function mcseMean(chains: ChainDraws): number {
  return Math.sqrt(varianceOf(sorted(chains)) / essMean(chains));
}

/** Monte Carlo standard error of the standard deviation, by the delta method from the squares. */
export function mcseStdDev(chains: ChainDraws): number {
  const mean = meanOf(sorted(chains));
  const squares = chains.map((chain) => Float64Array.from(chain, (x) => (x - mean) ** 2));
  const all = sorted(squares);
  const variance = meanOf(all);
  const error = (meanOf(all.map((x) => x * x)) - variance ** 2) / plainEss(splitChains(squares));
  return Math.sqrt(error / variance / 4);
}

/**
 * Energy's fraction of missing information of one chain, Σ (E_t − E_{t−1})²/Σ (E_t − Ē)²: below 0.3, momenta do not move
 * the energy enough to explore the tails. Betancourt 2016, arXiv 1604.00695.
 */
export function ebfmi(energies: ArrayLike<number>): number {
  let sum = 0;
  for (let t = 1; t < energies.length; t++) sum += (energies[t]! - energies[t - 1]!) ** 2;
  return sum / (energies.length - 1) / varianceOf(energies);
}
