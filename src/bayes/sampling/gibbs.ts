import { SampoError, UsageError } from "../../base/errors.ts";
import { type Evidence, inverseCdf, uniforms64, variablesNamed } from "../../probability/tables/index.ts";
import { fold, type Key } from "../../random/index.ts";
import type { Network } from "../network.ts";
import { type Block, blocksOf } from "./blocks.ts";
import { chainEstimate, type SampledAnswer } from "./estimate.ts";
import { type Plan, planOf, rowOf } from "./plan.ts";
import { checkSamples, weightedDraws } from "./weighting.ts";

/** Options of Gibbs sampling. */
export interface GibbsOptions {
  /** Sweeps that are kept. */
  readonly samples: number;
  /** Sweeps before the first that is kept (500). */
  readonly burnIn?: number;
  /** Sweeps for each that is kept (1). */
  readonly thin?: number;
  readonly key: Key;
}

/** Forward draws among which a start that agrees with the evidence is looked for. */
const STARTS = 20_000;

/**
 * p(target | evidence) by Gibbs sampling (Geman & Geman 1984): each variable in turn from its distribution given all
 * others, that is, given its Markov blanket; variables of tables with zeros together, or the chain might not reach all
 * that is possible. Standard errors take the chain's autocorrelation into account.
 */
export function gibbs(
  network: Network,
  targets: readonly string[],
  evidence: Evidence,
  { samples, burnIn = 500, thin = 1, key }: GibbsOptions,
): SampledAnswer {
  checkSamples(samples, network.nodes.length);
  if (!(burnIn >= 0 && thin >= 1))
    throw new UsageError("Gibbs sampling needs a burn-in from 0 and thinning from 1 on.");
  const plan = planOf(network, evidence);
  const asked = variablesNamed(plan.variables, targets).map((variable) => plan.variables.indexOf(variable));
  const blocks = blocksOf(plan);
  const states = startOf(plan, fold(key, "start"));
  const series = asked.map(() => new Int32Array(samples));
  const sweepKey = fold(key, "sweeps");
  for (let sweep = -burnIn, kept = 0; kept < samples; sweep++) {
    const uniforms = uniforms64(sweepKey, blocks.length, (sweep + burnIn) * blocks.length);
    for (const [i, block] of blocks.entries()) drawBlock(plan, block, states, uniforms[i]!);
    if (sweep < 0 || sweep % thin !== 0) continue;
    for (const [i, place] of asked.entries()) series[i]![kept] = states[place]!;
    kept++;
  }
  const marginals = new Map(
    asked.map((place, i) => {
      const { name, states: own } = plan.variables[place]!;
      return [name, chainEstimate(series[i]!, own.length)] as const;
    }),
  );
  const effectiveSamples = Math.min(samples, ...[...marginals.values()].map((each) => each.effectiveSamples));
  return { marginals, samples, effectiveSamples, how: describe(plan, blocks, burnIn, thin) };
}

function describe({ variables }: Plan, blocks: readonly Block[], burnIn: number, thin: number): string {
  const joint = blocks.filter(({ places }) => places.length > 1);
  const named = joint.map(({ places }) => places.map((i) => variables[i]!.name).join(" with ")).join("; ");
  const together = named ? `; drawn together because of zeros in their tables: ${named}` : "";
  return `Gibbs sampling after ${burnIn} sweeps, every ${thin === 1 ? "sweep" : `${thin}th sweep`} kept${together}`;
}

/** The first forward draw that the evidence allows. */
function startOf(plan: Plan, key: Key): Int32Array {
  for (let from = 0; from < STARTS; from += 500) {
    const { columns, weights, logScale } = weightedDraws(plan, key, 500, from);
    if (logScale === Number.NEGATIVE_INFINITY) continue;
    const draw = weights.findIndex((weight) => weight > 0);
    return Int32Array.from(columns, (column) => column[draw]!);
  }
  throw new SampoError(
    `None of ${STARTS} draws agrees with the evidence: it is impossible or very improbable; ask the exact method.`,
  );
}

/** Draws a block from p(block | everything else) ∝ the product of the tables that know it. */
function drawBlock({ variables }: Plan, { places, factors, size }: Block, states: Int32Array, uniform: number): void {
  const weights = new Float64Array(size);
  let total = 0;
  for (let cell = 0; cell < size; cell++) {
    setBlock(variables, places, states, cell);
    let weight = 1;
    for (const node of factors) {
      weight *= node.table[rowOf(node, states) + states[node.place]!]!;
      if (weight === 0) break;
    }
    weights[cell] = weight;
    total += weight;
  }
  if (!(total > 0))
    throw new SampoError("The probabilities of a step of Gibbs sampling underflow: use the exact method.");
  setBlock(
    variables,
    places,
    states,
    inverseCdf(
      weights.map((w) => w / total),
      uniform,
    ),
  );
}

function setBlock(variables: Plan["variables"], places: readonly number[], states: Int32Array, cell: number): void {
  let rest = cell;
  for (let i = places.length - 1; i >= 0; i--) {
    const width = variables[places[i]!]!.states.length;
    states[places[i]!] = rest % width;
    rest = Math.floor(rest / width);
  }
}
