import {
  type Dag,
  emSteps,
  learnMixed,
  learnMixedByEm,
  learnParameters,
  type MixedNetwork,
  recordsOf,
  type Steps,
} from "../../bayes/index.ts";
import type { Table } from "../../data/table/types.ts";
import { fold, type Key } from "../../random/index.ts";
import type { Conditional, Learnt } from "./conditionals.ts";
import type { NetworkConfig } from "./options.ts";
import { isDiscrete } from "./structure.ts";

/** Rounds of EM, and the gain in nats a row below which they end. */
const EM = { tolerance: 1e-5, rounds: 50 } as const;

/** Tables, regressions and laws of counts in closed form from the rows that lack no value of a family. */
export function countedConditionals(dag: Dag, table: Table, { sampleSize, counts: law }: NetworkConfig): Learnt {
  const prior = { kind: "bdeu", sampleSize } as const;
  if (!table.columns.every(isDiscrete)) return learntOf(dag, table, learnMixed(dag, table, prior, law));
  return learntOf(dag, table, discrete(learnParameters(dag, recordsOf(table), prior)));
}

/** Tables, regressions and laws of counts in closed form, or by EM where values are missing; EM of tables tells every round. */
export function* conditionalSteps(
  dag: Dag,
  table: Table,
  config: NetworkConfig,
  key: Key,
): Steps<{ readonly round: number; readonly logLikelihood?: number }, Learnt> {
  const { sampleSize, counts: law } = config;
  const prior = { kind: "bdeu", sampleSize } as const;
  if (!table.values.some((column) => column.some(Number.isNaN))) return countedConditionals(dag, table, config);
  if (!table.columns.every(isDiscrete))
    return learntOf(dag, table, learnMixedByEm(dag, table, { prior, law, ...EM }).network);
  const { network } = yield* emSteps(dag, recordsOf(table), { prior, key: fold(key, "em"), ...EM });
  return learntOf(dag, table, discrete(network));
}

const discrete = (network: MixedNetwork["discrete"]): MixedNetwork => ({
  name: network.name,
  discrete: network,
  gaussian: [],
});

/** The conditionals of a network in the order of the columns. */
export function learntOf(dag: Dag, { columns }: Table, { discrete, gaussian, counts = [] }: MixedNetwork): Learnt {
  const conditionals = columns.map(({ name }): Conditional => {
    const node = discrete.nodes.find(({ variable }) => variable.name === name);
    if (node) return { kind: "table", node };
    const count = counts.find((each) => each.name === name);
    if (count) return { kind: "counts", node: count };
    return { kind: "regression", node: gaussian.find((each) => each.name === name)! };
  });
  return { columns, parents: dag.parents.map((list) => list.map((p) => dag.names[p]!)), conditionals };
}
