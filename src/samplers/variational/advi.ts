import { SampoError, UsageError } from "../../base/errors.ts";
import { fold, type Key } from "../../random/index.ts";
import { meanOf, varianceOf } from "../diagnostics/moments.ts";
import { paretoSmooth, type SmoothedWeights } from "../diagnostics/pareto.ts";
import { quantileOf } from "../diagnostics/ranks.ts";
import { requireWhole } from "../hamiltonian/run.ts";
import type { Evaluation, Target } from "../target.ts";
import { entropy, type Gaussian, logDensityOf, noiseOf, place } from "./gaussian.ts";

/** How variational inference goes about it. */
export interface AdviOptions {
  readonly key: Key;
  /** Independent coordinates (mean-field), or a full covariance. */
  readonly kind?: Gaussian["kind"];
  /** Draws for each gradient: 8 unless told otherwise. */
  readonly gradientDraws?: number;
  /** Draws for each estimate of the bound while it climbs: 200 unless told otherwise. */
  readonly boundDraws?: number;
  /** Draws of the approximation that are returned and weighed: 2000 unless told otherwise. */
  readonly draws?: number;
  /** The most steps: 20,000 unless told otherwise. */
  readonly steps?: number;
  /** Relative change of the bound, median of five checks, at which it counts as converged: 10⁻³ unless told otherwise. */
  readonly tolerance?: number;
  readonly signal?: AbortSignal;
}

/** A normal approximation of a target, with what is known of how good it is. */
export interface Approximation {
  readonly law: Gaussian;
  /** The evidence lower bound in nats: a lower bound of log ∫ target. */
  readonly elbo: number;
  readonly stderr: number;
  /** The bound as it climbed. */
  readonly history: readonly { readonly step: number; readonly elbo: number }[];
  readonly converged: boolean;
  readonly steps: number;
  /** Draws of the approximation, [draws · dimension]. */
  readonly positions: Float64Array;
  /** Importance weights of these draws towards the target, smoothed; `k` above 0.7 says that they, and the fit, are poor. */
  readonly weights: SmoothedWeights;
  readonly notes: readonly string[];
}

/** Purposes of the keys. */
const Purpose = { search: 0, climb: 1, bound: 2, draws: 3 } as const;
/** Steps between two estimates of the bound. */
const CHECK = 100;
/** Steps by which each candidate step size is tried. */
const TRIAL = 100;
/** Candidates for the step size. */
const RATES = [1, 0.3, 0.1, 0.03, 0.01];

/**
 * Automatic differentiation variational inference (Kucukelbir, Tran, Ranganath, Gelman and Blei 2017, arXiv 1603.00788):
 * climbs the evidence lower bound E_q[log p] + H[q] by reparametrised gradients, with the adaptive step sizes of its
 * equation 10 and a search for their factor. When the bound has settled it goes on as long again (at least 1000 steps)
 * and returns the mean of those iterates, which steadies what a single one leaves to chance.
 */
export async function advi(target: Target, options: AdviOptions): Promise<Approximation> {
  const { key, kind = "mean-field", steps = 20_000, draws = 2000, tolerance = 1e-3 } = options;
  const { gradientDraws = 8, boundDraws = 200, signal } = options;
  requireWhole(gradientDraws, 1, 1e6, "gradientDraws");
  requireWhole(boundDraws, 2, 1e6, "boundDraws");
  requireWhole(draws, 20, 1e7, "draws");
  requireWhole(steps, 1, 1e9, "steps");
  if (kind !== "mean-field" && kind !== "full-rank")
    throw new UsageError(`kind is "mean-field" or "full-rank"; got "${String(kind)}".`);
  const bound = (law: Gaussian) => estimate(target, law, fold(key, Purpose.bound), boundDraws);
  const rate = await bestRate(target, kind, fold(key, Purpose.search), gradientDraws, bound);
  const climber = new Climber(target, kind, rate, fold(key, Purpose.climb), gradientDraws);
  const { history, converged } = await climb(climber, bound, steps, tolerance, signal);
  const law = await climber.average(Math.max(1000, climber.count), signal);
  return {
    law,
    history,
    converged,
    steps: climber.count,
    ...(await weigh(target, law, fold(key, Purpose.draws), draws, converged)),
  };
}

const evaluateAt = async (target: Target, points: readonly Float64Array[]): Promise<readonly Evaluation[]> =>
  target.evaluate(points);

/** The bound of a law, from `count` draws that are the same at every call with this key. */
async function estimate(target: Target, law: Gaussian, key: Key, count: number): Promise<number> {
  const points = Array.from({ length: count }, (_, i) => place(law, noiseOf(key, i, target.dimension)));
  const evaluations = await evaluateAt(target, points);
  return meanOf(evaluations.map(({ value }) => value)) + entropy(law);
}

/** Starts at the standard normal: zeros, standard deviations of 1. */
function standard(kind: Gaussian["kind"], d: number): Gaussian {
  const scale = new Float64Array(kind === "mean-field" ? d : d * d);
  if (kind === "full-rank") for (let i = 0; i < d; i++) scale[i * d + i] = 1;
  return { kind, location: new Float64Array(d), scale };
}

/** The step-size factor whose short trial reaches the highest bound. */
async function bestRate(
  target: Target,
  kind: Gaussian["kind"],
  key: Key,
  draws: number,
  bound: (law: Gaussian) => Promise<number>,
): Promise<number> {
  let best = { rate: Number.NaN, elbo: Number.NEGATIVE_INFINITY };
  for (const rate of RATES) {
    const climber = new Climber(target, kind, rate, key, draws);
    for (let i = 0; i < TRIAL; i++) await climber.step();
    const elbo = await bound(climber.law);
    if (elbo > best.elbo) best = { rate, elbo };
  }
  if (Number.isNaN(best.rate))
    throw new SampoError(
      "The evidence lower bound is no number at any step size: check that the log density is finite around 0 on the unconstrained scale.",
    );
  return best.rate;
}

/** Stochastic gradient ascent on the parameters of a normal law. */
class Climber {
  readonly law: Gaussian;
  count = 0;
  private readonly target: Target;
  private readonly rate: number;
  private readonly key: Key;
  private readonly draws: number;
  private readonly squares: readonly Float64Array[];

  constructor(target: Target, kind: Gaussian["kind"], rate: number, key: Key, draws: number) {
    this.target = target;
    this.rate = rate;
    this.key = key;
    this.draws = draws;
    this.law = standard(kind, target.dimension);
    this.squares = [this.law.location, this.law.scale].map(({ length }) => new Float64Array(length));
  }

  /** ∇_μ = E g and ∇_scale = E g·ε·σ + 1 (mean-field) or E g·εᵀ + diag(1/L) (full rank), below the diagonal included. */
  private async gradients(): Promise<readonly [Float64Array, Float64Array]> {
    const { law, draws, target } = this;
    const d = target.dimension;
    const noise = Array.from({ length: draws }, (_, i) => noiseOf(this.key, this.count * draws + i, d));
    const evaluations = await evaluateAt(
      target,
      noise.map((one) => place(law, one)),
    );
    const location = new Float64Array(d);
    const scale = new Float64Array(law.scale.length);
    evaluations.forEach(({ gradient }, s) => {
      for (let i = 0; i < d; i++) {
        location[i]! += gradient[i]! / draws;
        if (law.kind === "mean-field") scale[i]! += (gradient[i]! * noise[s]![i]! * Math.exp(law.scale[i]!)) / draws;
        else for (let j = 0; j <= i; j++) scale[i * d + j]! += (gradient[i]! * noise[s]![j]!) / draws;
      }
    });
    for (let i = 0; i < d; i++)
      if (law.kind === "mean-field") scale[i]! += 1;
      else scale[i * d + i]! += 1 / law.scale[i * d + i]!;
    return [location, scale];
  }

  /** One step of ρ_k = η k^−½ / (1 + √s_k), s a running mean of squared gradients (arXiv 1603.00788, equations 10 and 11). */
  async step(): Promise<void> {
    const parts = await this.gradients();
    this.count++;
    const slower = this.rate * this.count ** -0.5;
    parts.forEach((gradient, part) => {
      const values = part === 0 ? this.law.location : this.law.scale;
      const squares = this.squares[part]!;
      for (let i = 0; i < values.length; i++) {
        const g = gradient[i]!;
        if (!Number.isFinite(g)) continue;
        squares[i] = this.count === 1 ? g * g : 0.1 * g * g + 0.9 * squares[i]!;
        values[i]! += (slower * g) / (1 + Math.sqrt(squares[i]!));
      }
    });
  }

  /** Goes on for some steps and returns the mean of the iterates. */
  async average(steps: number, signal?: AbortSignal): Promise<Gaussian> {
    const mean = { location: this.law.location.slice(), scale: this.law.scale.slice() };
    const turn = new Turns(signal);
    for (let k = 1; k <= steps; k++) {
      await this.step();
      await turn.take();
      for (const part of ["location", "scale"] as const)
        for (let i = 0; i < mean[part].length; i++) mean[part][i]! += (this.law[part][i]! - mean[part][i]!) / (k + 1);
    }
    return { kind: this.law.kind, ...mean };
  }
}

/** Lets other work of the event loop run now and then. */
class Turns {
  private readonly signal: AbortSignal | undefined;
  private since = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.signal = signal;
  }

  async take(): Promise<void> {
    if (performance.now() - this.since < 50) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.signal?.throwIfAborted();
    this.since = performance.now();
  }
}

async function climb(
  climber: Climber,
  bound: (law: Gaussian) => Promise<number>,
  steps: number,
  tolerance: number,
  signal: AbortSignal | undefined,
) {
  const history: { step: number; elbo: number }[] = [];
  const changes: number[] = [];
  const turns = new Turns(signal);
  while (climber.count < steps) {
    await climber.step();
    await turns.take();
    if (climber.count % CHECK !== 0) continue;
    const elbo = await bound(climber.law);
    const before = history.at(-1)?.elbo;
    history.push({ step: climber.count, elbo });
    if (before !== undefined) changes.push(Math.abs(elbo - before) / Math.max(1, Math.abs(elbo)));
    const last = Float64Array.from(changes.slice(-5)).sort();
    if (last.length === 5 && quantileOf(last, 0.5) < tolerance) return { history, converged: true };
  }
  return { history, converged: false };
}

async function weigh(target: Target, law: Gaussian, key: Key, draws: number, converged: boolean) {
  const d = target.dimension;
  const noise = Array.from({ length: draws }, (_, i) => noiseOf(key, i, d));
  const points = noise.map((one) => place(law, one));
  const values = (await evaluateAt(target, points)).map(({ value }) => value);
  const ratios = values.map((value, i) => value - logDensityOf(law, noise[i]!));
  const weights = paretoSmooth(ratios);
  const positions = new Float64Array(draws * d);
  points.forEach((point, i) => {
    positions.set(point, i * d);
  });
  const notes = [...(converged ? [] : ["The bound had not settled within the steps allowed: give more steps."])];
  if (!(weights.k < 0.7)) notes.push(doubt(weights, draws, law.kind));
  return { elbo: meanOf(ratios), stderr: Math.sqrt(varianceOf(ratios) / draws), positions, weights, notes };
}

/** What a Pareto k above 0.7 says: little where its own error reaches down to there. */
function doubt({ k, kStderr }: SmoothedWeights, draws: number, kind: Gaussian["kind"]): string {
  const figure = `Pareto k is ${k.toFixed(2)} ± ${kStderr.toFixed(2)} from ${draws} draws`;
  const other = `compare with NUTS${kind === "mean-field" ? " or try full-rank" : ""}`;
  const clear = k - 2 * kStderr >= 0.7;
  const verdict = clear ? "is poor" : "may be poor";
  const more = clear ? "" : "; more draws make k certain";
  return `The approximation ${verdict}: ${figure}, above 0.7 (arXiv 1507.02646); its spreads can be far too small, so ${other}${more}.`;
}
