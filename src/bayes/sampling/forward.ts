import { type DiscreteRows, type Evidence, inverseCdf, reordered, uniforms64 } from "../../probability/tables/index.ts";
import type { Key } from "../../random/index.ts";
import { type Calibrated, type JunctionTree, junctionTree } from "../exact/index.ts";
import type { Network } from "../network.ts";
import { planOf } from "./plan.ts";
import { checkSamples, weightedDraws } from "./weighting.ts";

/**
 * Rows of a network by ancestral sampling: each variable by the inverse CDF of one uniform given its parents. Columns are
 * in the order of the nodes; row i depends on (key, from + i) alone.
 */
export function forwardSample(network: Network, key: Key, count: number, from = 0): DiscreteRows {
  checkSamples(count, network.nodes.length);
  const plan = planOf(network);
  return { variables: plan.variables, count, columns: weightedDraws(plan, key, count, from).columns };
}

/** A clique as a sampler uses it: drawn variables given those drawn before, as rows of a table. */
interface Step {
  readonly given: readonly number[];
  readonly drawn: readonly number[];
  readonly widths: readonly number[];
  readonly table: Float64Array;
}

/** Draws rows of all variables from p(· | evidence), exactly. */
export interface PosteriorSampler {
  readonly logProbability: number;
  /** States by node from uniforms, one for each of `steps`, from place `at` on. */
  draw(uniforms: ArrayLike<number>, at: number): Int32Array;
  readonly steps: number;
}

/**
 * A sampler of p(all variables | evidence) from a junction tree: cliques from the roots down, each clique's new variables
 * together by the inverse CDF of one uniform given those it shares with its parent. No draw is weighted or rejected. A tree
 * calibrated already, under this evidence and whatever else is known, is taken as it is.
 */
export function posteriorSampler(
  tree: JunctionTree,
  evidence: Evidence = {},
  calibrated: Calibrated = tree.calibrate(evidence),
): PosteriorSampler {
  const { observed, variables } = planOf(tree.network, evidence);
  const done = new Set<number>();
  const steps: Step[] = [];
  for (const { members } of [...tree.cliques].reverse()) {
    const free = members.filter((i) => observed[i]! < 0);
    const drawn = free.filter((i) => !done.has(i));
    if (drawn.length === 0) continue;
    for (const i of drawn) done.add(i);
    const given = free.filter((i) => !drawn.includes(i));
    steps.push(stepOf(variables, given, drawn, calibrated));
  }
  const draw = (uniforms: ArrayLike<number>, at: number) => {
    const states = observed.slice();
    for (const [s, step] of steps.entries()) take(step, variables, states, uniforms[at + s]!);
    return states;
  };
  return { logProbability: calibrated.logProbability, draw, steps: steps.length };
}

function stepOf(
  variables: DiscreteRows["variables"],
  given: readonly number[],
  drawn: readonly number[],
  calibrated: Calibrated,
): Step {
  const names = [...given, ...drawn].map((i) => variables[i]!.name);
  const widths = drawn.map((i) => variables[i]!.states.length);
  return { given, drawn, widths, table: reordered(calibrated.joint(names), names).values };
}

function take(
  { given, drawn, widths, table }: Step,
  variables: DiscreteRows["variables"],
  states: Int32Array,
  u: number,
) {
  const size = widths.reduce((product, width) => product * width, 1);
  const row = given.reduce((at, i) => at * variables[i]!.states.length + states[i]!, 0) * size;
  let total = 0;
  for (let k = row; k < row + size; k++) total += table[k]!;
  let cell = inverseCdf(table, u * total, row, size);
  for (let i = drawn.length - 1; i >= 0; i--) {
    states[drawn[i]!] = cell % widths[i]!;
    cell = Math.floor(cell / widths[i]!);
  }
}

/** Rows of p(all variables | evidence), exactly; row i depends on (key, from + i) alone. */
export function posteriorSample(
  network: Network,
  evidence: Evidence,
  key: Key,
  count: number,
  options: { readonly from?: number; readonly maxBytes?: number } = {},
): DiscreteRows {
  checkSamples(count, network.nodes.length);
  const { from = 0, ...limits } = options;
  const sampler = posteriorSampler(junctionTree(network, limits), evidence);
  const uniforms = uniforms64(key, count * sampler.steps, from * sampler.steps);
  const columns = network.nodes.map(() => new Int32Array(count));
  for (let i = 0; i < count; i++)
    sampler.draw(uniforms, i * sampler.steps).forEach((state, v) => {
      columns[v]![i] = state;
    });
  return { variables: network.nodes.map(({ variable }) => variable), count, columns };
}
