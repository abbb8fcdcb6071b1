import { SampoError, UsageError } from "../../base/errors.ts";
import {
  type JunctionTree,
  junctionTree,
  likelihoodWeighting,
  type Network,
  posteriorSampler,
} from "../../bayes/index.ts";
import { planOf, rowOf } from "../../bayes/sampling/plan.ts";
import { weightedDraws } from "../../bayes/sampling/weighting.ts";
import { type Evidence, inverseCdf } from "../../probability/tables/index.ts";
import { fold, type Key } from "../../random/index.ts";

/** States of a row of a table, NaN or −1 where missing. */
type Row = ArrayLike<number>;

/** What a model asks of a network: by exact inference where its tables fit into memory, else by weighted draws. */
export interface Asked {
  readonly exact: boolean;
  /** log p(what is seen in a row). */
  logProb(row: Row, key: Key): number;
  /** p(variable | what is seen in a row of others). */
  posterior(row: Row, variable: number, key: Key): Float64Array;
  /** A draw of all variables given what is seen in a row, from uniforms. */
  draw(row: Row, uniforms: ArrayLike<number>, key: Key): Int32Array;
}

const seen = (value: number | undefined) => value !== undefined && value >= 0;

/** Answers about a network. */
export function asked(network: Network, samples: number): Asked {
  const plan = planOf(network);
  const tree = treeOf(network);
  const evidenceOf = (row: Row, but = -1): Evidence =>
    Object.fromEntries(
      plan.variables.flatMap(({ name, states }, v) => (seen(row[v]) && v !== but ? [[name, states[row[v]!]!]] : [])),
    );
  /** Σ log p(node | parents) of a whole row over some nodes. */
  const product = (row: Row, nodes: readonly number[]) =>
    nodes.reduce((sum, v) => {
      const node = plan.nodes[v]!;
      return sum + Math.log(node.table[rowOf(node, row) + row[v]!]!);
    }, 0);
  const all = plan.nodes.map(({ place }) => place);
  const names = plan.variables.map(({ name }) => name);

  const logProb = (row: Row, key: Key) => {
    const gaps = all.filter((v) => !seen(row[v]));
    if (gaps.length === 0) return product(row, all);
    if (gaps.length === all.length) return 0;
    if (tree) return tree.calibrate(evidenceOf(row)).logProbability;
    return likelihoodWeighting(network, [], evidenceOf(row), { samples, key }).logProbability.value;
  };

  const posterior = (row: Row, variable: number, key: Key) => {
    const { states, name } = plan.variables[variable]!;
    const touched = [variable, ...plan.children[variable]!];
    const family = touched.flatMap((v) => [v, ...plan.nodes[v]!.parents]);
    // The variable given its whole Markov blanket takes only the tables it stands in.
    if (family.every((v) => v === variable || seen(row[v]))) {
      const filled = Array.from(row);
      const logs = states.map((_, state) => {
        filled[variable] = state;
        return product(filled, touched);
      });
      const most = Math.max(...logs);
      const weights = Float64Array.from(logs, (log) => Math.exp(log - most));
      const total = weights.reduce((sum, w) => sum + w, 0);
      return weights.map((w) => w / total);
    }
    const evidence = evidenceOf(row, variable);
    if (tree) return tree.calibrate(evidence).marginal(name);
    return likelihoodWeighting(network, [name], evidence, { samples, key }).marginals.get(name)!.probabilities;
  };

  const samplers = new Map<string, ReturnType<typeof posteriorSampler>>();
  const draw = (row: Row, uniforms: ArrayLike<number>, key: Key) => {
    const evidence = evidenceOf(row);
    if (!tree) {
      const { columns, weights } = weightedDraws(planOf(network, evidence), key, samples);
      const total = weights.reduce((sum, w) => sum + w, 0);
      if (!(total > 0)) throw new SampoError(`None of ${samples} draws agrees with a row: raise --set samples.`);
      const chosen = inverseCdf(
        weights.map((w) => w / total),
        uniforms[0]!,
      );
      return Int32Array.from(columns, (column) => column[chosen]!);
    }
    const id = names.map((_, v) => (seen(row[v]) ? row[v] : "")).join();
    const sampler = samplers.get(id) ?? posteriorSampler(tree, evidence);
    if (samplers.size < 256) samplers.set(id, sampler);
    return sampler.draw(uniforms, 0);
  };
  return {
    exact: tree !== undefined,
    logProb,
    posterior,
    draw: (row, uniforms, key) => draw(row, uniforms, fold(key, "weighting")),
  };
}

/** A junction tree of at most 256 MiB, or none. */
function treeOf(network: Network): JunctionTree | undefined {
  try {
    return junctionTree(network, { maxBytes: 2 ** 28 });
  } catch (error) {
    if (error instanceof UsageError && error.message.includes("needs tables of")) return undefined;
    throw error;
  }
}
