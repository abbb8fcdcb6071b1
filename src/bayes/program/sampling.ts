import type { Tensor } from "../../graph/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { ebfmi, essBulk, rhat } from "../../samplers/diagnostics/index.ts";
import { type Chains, type HmcOptions, hmc, type NutsOptions, nuts } from "../../samplers/hamiltonian/index.ts";
import { doubleTarget, engineTarget, type Target } from "../../samplers/target.ts";
import { elements, type Posterior, valuesOf } from "./posterior.ts";
import { logDensity, type Program } from "./program.ts";

/** Where the log density is evaluated. */
export interface Where {
  /** An engine, in float32, for many thousand observations; left out, the host computes in float64. */
  readonly runtime?: Runtime;
}

/** Calls `use` with the program's log density, evaluated where it was asked for. */
export async function withTarget<R>(
  model: Program,
  { runtime }: Where,
  use: (target: Target) => Promise<R>,
): Promise<R> {
  const density: (position: Tensor) => Tensor = logDensity(model);
  if (!runtime) return use(doubleTarget(density, model.dimension));
  const target = await engineTarget(density, model.dimension, runtime);
  try {
    return await use(target);
  } finally {
    await target.dispose();
  }
}

/** A posterior drawn by chains, with what they did. */
export interface ChainPosterior extends Posterior {
  readonly statistics: Chains["chains"];
}

/** Draws from a program's posterior by the No-U-Turn sampler. */
export function sampleNuts(model: Program, options: NutsOptions & Where): Promise<ChainPosterior> {
  return withTarget(model, options, async (target) => collected(model, "nuts", await nuts(target, options)));
}

/** Draws from a program's posterior by Hamiltonian Monte Carlo. */
export function sampleHmc(model: Program, options: HmcOptions & Where): Promise<ChainPosterior> {
  return withTarget(model, options, async (target) => collected(model, "hmc", await hmc(target, options)));
}

function collected(model: Program, method: string, { chains, draws, notes }: Chains): ChainPosterior {
  const positions = chains.map((chain) => chain.positions);
  const posterior = { chains: chains.length, draws, values: valuesOf(model, positions) };
  return {
    program: model,
    method,
    ...posterior,
    positions,
    statistics: chains,
    notes: [...notes, ...convergenceNotes(posterior), ...energyNotes(chains)],
  };
}

/** R-hat above this means that the chains do not agree. */
const LARGEST_RHAT = 1.01;
/** Effective draws for each chain below which the diagnostics themselves are unsteady. */
const LEAST_ESS = 100;

function convergenceNotes(posterior: Pick<Posterior, "values" | "chains" | "draws">): string[] {
  if (posterior.draws < 4) return ["Fewer than 4 draws a chain: nothing can be said about convergence."];
  const all = elements(posterior);
  const notes: string[] = [];
  if (posterior.chains > 1) {
    const worst = highest(all.map(({ name, chains }) => ({ name, value: rhat(chains) })));
    if (worst.value > LARGEST_RHAT)
      notes.push(
        `The chains do not agree yet: R-hat of ${worst.name} is ${worst.value.toFixed(3)}, above 1.01; draw more, or look for several modes.`,
      );
  }
  const least = highest(all.map(({ name, chains }) => ({ name, value: -essBulk(chains) })));
  if (-least.value < LEAST_ESS * posterior.chains)
    notes.push(
      `Only ${Math.round(-least.value)} effective draws of ${least.name} (of ${posterior.chains * posterior.draws}): draw more before its quantiles are quoted.`,
    );
  return notes;
}

function highest<T extends { readonly value: number }>(list: readonly T[]): T {
  return list.reduce((best, one) => (one.value > best.value || Number.isNaN(best.value) ? one : best));
}

function energyNotes(chains: Chains["chains"]): string[] {
  const low = chains.map(({ energy }) => ebfmi(energy)).filter((value) => value < 0.3);
  if (low.length === 0) return [];
  return [
    `E-BFMI is below 0.3 in ${low.length} of ${chains.length} chains: momenta hardly change the energy, so tails are explored slowly; write the model in another parametrisation.`,
  ];
}
