import { SampoError, UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import { inverseCdf, uniforms64 } from "../../probability/tables/index.ts";
import { type Key, normalQuantile } from "../../random/index.ts";
import { dagFrom, topologicalOrder } from "../graph/index.ts";
import { type CountNode, openCount } from "../mixed/counts.ts";
import type { GaussianNode, Regime } from "../mixed/mixed.ts";
import type { Network } from "../network.ts";
import { checkSamples } from "../sampling/weighting.ts";

/** Any conditional that can be drawn from and rated: what sampling and weighting need of a node. Values are states or numbers. */
export interface ForwardNode {
  readonly name: string;
  readonly parents: readonly string[];
  /** A draw from a uniform of [0, 1), given the values of the parents in order. */
  draw(values: ArrayLike<number>, uniform: number): number;
  /** log of the probability or density of a value. */
  logProb(value: number, values: ArrayLike<number>): number;
}

/** The tables of a network as such nodes. */
export function tableNodes({ nodes }: Network): ForwardNode[] {
  return nodes.map(({ variable, parents, table }) => {
    const width = variable.states.length;
    const sizes = parents.map((name) => nodes.find((node) => node.variable.name === name)!.variable.states.length);
    const row = (values: ArrayLike<number>) => width * sizes.reduce((at, size, i) => at * size + values[i]!, 0);
    return {
      name: variable.name,
      parents,
      draw: (values, u) => inverseCdf(table, u, row(values), width),
      logProb: (value, values) => Math.log(table[row(values) + value]!),
    };
  });
}

/** A linear regression with normal noise as such a node. */
export function gaussianForward(name: string, parents: readonly string[], regime: Regime): ForwardNode {
  return regimesForward({ name, parents, given: [], regimes: [regime] }, parents, []);
}

/**
 * A real node with a regression for each combination of its discrete parents' states as such a node: its parents in the
 * order of `order`, discrete ones with `widths` states in the order of the node.
 */
export function regimesForward(node: GaussianNode, order: readonly string[], widths: readonly number[]): ForwardNode {
  const combination = combinationOf(node.given, order, widths);
  const real = node.parents.map((name) => order.indexOf(name));
  const regimeOf = (values: ArrayLike<number>) => node.regimes[combination(values)]!;
  const mean = ({ intercept, coefficients }: Regime, values: ArrayLike<number>) =>
    coefficients.reduce((sum, b, i) => sum + b * values[real[i]!]!, intercept);
  return {
    name: node.name,
    parents: order,
    draw: (values, u) => {
      const regime = regimeOf(values);
      return mean(regime, values) + Math.sqrt(regime.variance) * normalQuantile(Math.max(u, 2 ** -54) - 0.5);
    },
    logProb: (value, values) => {
      const regime = regimeOf(values);
      const { variance } = regime;
      return -0.5 * ((value - mean(regime, values)) ** 2 / variance + Math.log(2 * Math.PI * variance));
    },
  };
}

/** A count with a law for each combination of its discrete parents' states as such a node, as `regimesForward`. */
export function countsForward(node: CountNode, order: readonly string[], widths: readonly number[]): ForwardNode {
  const combination = combinationOf(node.given, order, widths);
  const laws = node.laws.map(openCount);
  return {
    name: node.name,
    parents: order,
    draw: (values, u) => laws[combination(values)]!.draw(u),
    logProb: (value, values) => laws[combination(values)]!.logProb(value),
  };
}

/** Which combination of discrete parents' states the values of all parents are. */
function combinationOf(given: readonly string[], order: readonly string[], widths: readonly number[]) {
  const places = given.map((name) => order.indexOf(name));
  return (values: ArrayLike<number>) => places.reduce((at, place, i) => at * widths[i]! + values[place]!, 0);
}

/** Weighted draws of nodes of any kind: values by name, weights that sum to one, log p(evidence) and effective samples. */
export interface ForwardDraws {
  readonly values: ReadonlyMap<string, Float64Array>;
  readonly weights: Float64Array;
  readonly logProbability: number;
  readonly effectiveSamples: number;
}

/** Draws nodes of any kind, parents first; what is observed weights a draw by its probability or density. */
export function forwardWeighting(
  nodes: readonly ForwardNode[],
  evidence: Readonly<Record<string, number>>,
  { samples, key }: { readonly samples: number; readonly key: Key },
): ForwardDraws {
  checkSamples(samples, nodes.length);
  const dag = dagFrom(nodes.map(({ name, parents }) => [name, parents] as const));
  for (const name of Object.keys(evidence))
    if (!dag.names.includes(name)) throw new UsageError(unknownName("variable", name, dag.names));
  const uniforms = uniforms64(key, samples * nodes.length);
  const columns = nodes.map(() => new Float64Array(samples));
  const logs = new Float64Array(samples);
  for (const [k, place] of topologicalOrder(dag).entries()) {
    const node = nodes[place]!;
    const parents = dag.parents[place]!.map((p) => columns[p]!);
    const seen = Object.hasOwn(evidence, node.name) ? evidence[node.name] : undefined;
    for (let i = 0; i < samples; i++) {
      const values = parents.map((column) => column[i]!);
      if (seen !== undefined) logs[i]! += node.logProb(seen, values);
      columns[place]![i] = seen ?? node.draw(values, uniforms[i * nodes.length + k]!);
    }
  }
  const most = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (most === Number.NEGATIVE_INFINITY)
    throw new SampoError(`None of ${samples} draws agrees with the evidence: it is impossible or very improbable.`);
  const weights = logs.map((log) => Math.exp(log - most));
  const total = weights.reduce((sum, w) => sum + w, 0);
  return {
    values: new Map(nodes.map(({ name }, i) => [name, columns[i]!])),
    weights: weights.map((w) => w / total),
    logProbability: most + Math.log(total / samples),
    effectiveSamples: total ** 2 / weights.reduce((sum, w) => sum + w * w, 0),
  };
}
