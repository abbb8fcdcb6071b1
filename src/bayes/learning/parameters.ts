import { UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import { normalisedRows } from "../../probability/tables/index.ts";
import { type Dag, topologicalOrder } from "../graph/index.ts";
import type { Network } from "../network.ts";
import { columnsNamed, countsOf, type Records } from "./records.ts";

/**
 * Imagined observations added to counts (Dirichlet priors): none (maximum likelihood); one of each state in each row
 * (K2, Cooper & Herskovits 1992); `sampleSize` of them spread evenly over the table (BDeu, Heckerman, Geiger &
 * Chickering 1995); the same number for each cell; or tables of them by the names of variables.
 */
export type Prior =
  | { readonly kind: "none" }
  | { readonly kind: "k2" }
  | { readonly kind: "bdeu"; readonly sampleSize: number }
  | { readonly kind: "pseudo-counts"; readonly counts: number | Readonly<Record<string, ArrayLike<number>>> };

/** Throws for priors that say something impossible. */
export function checkPrior(prior: Prior, names: readonly string[]): void {
  if (prior.kind === "bdeu" && !(prior.sampleSize > 0 && prior.sampleSize < Infinity))
    throw new UsageError(`An equivalent sample size is above zero; got ${prior.sampleSize}.`);
  if (prior.kind !== "pseudo-counts") return;
  const tables = typeof prior.counts === "number" ? { all: [prior.counts] } : prior.counts;
  for (const [name, counts] of Object.entries(tables)) {
    if (typeof prior.counts !== "number" && !names.includes(name))
      throw new UsageError(unknownName("variable", name, names));
    for (let i = 0; i < counts.length; i++)
      if (!(counts[i]! >= 0 && counts[i]! < Infinity))
        throw new UsageError(`Pseudo-counts are finite numbers from 0 on; ${name} has ${counts[i]}.`);
  }
}

/** The imagined observations of the cells of a variable's table of `size` cells, `width` to a row. */
export function pseudoCounts(prior: Prior, name: string, size: number): Float64Array {
  const table = new Float64Array(size);
  if (prior.kind === "none") return table;
  if (prior.kind === "k2") return table.fill(1);
  if (prior.kind === "bdeu") return table.fill(prior.sampleSize / size);
  if (typeof prior.counts === "number") return table.fill(prior.counts);
  const given = prior.counts[name];
  if (given && given.length !== size)
    throw new UsageError(`The table of "${name}" has ${size} cells; ${given.length} pseudo-counts were given.`);
  if (given) table.set(given);
  return table;
}

/** A network of a structure from the expected or counted tables of each node, which `tableOf` gives by place. */
export function networkOf(
  name: string,
  dag: Dag,
  { variables }: Pick<Records, "variables">,
  tableOf: (node: number) => Float64Array,
): Network {
  const nodes = dag.names.map((node, i) => ({
    variable: variables.find((variable) => variable.name === node)!,
    parents: dag.parents[i]!.map((p) => dag.names[p]!),
    table: tableOf(i),
  }));
  return { name, nodes };
}

/** The places of a node's parents and of itself among the columns of records. */
export function familyOf(records: Records, dag: Dag, node: number): number[] {
  return columnsNamed(records, [...dag.parents[node]!.map((p) => dag.names[p]!), dag.names[node]!]);
}

/**
 * The parameters of a structure from counts: p(state | parents) = (n + α) / Σ (n + α), n the count of the family and α
 * the prior's imagined observations; rows of a table without either are uniform. A row of data that lacks a value is left
 * out of the families it lacks it in (available cases); use `learnByEm` to have it count for what it says.
 */
export function learnParameters(dag: Dag, records: Records, prior: Prior = { kind: "none" }, name = "learnt"): Network {
  topologicalOrder(dag);
  checkPrior(prior, dag.names);
  return networkOf(name, dag, records, (node) => {
    const family = familyOf(records, dag, node);
    const counts = countsOf(records, family);
    const imagined = pseudoCounts(prior, dag.names[node]!, counts.length);
    return normalisedRows(
      counts.map((n, i) => n + imagined[i]!),
      records.variables[family.at(-1)!]!.states.length,
    );
  });
}

/** Σ log p(row) of complete rows in nats, by weight; −Infinity where a row is impossible. Missing values need `learnByEm`. */
export function completeLogLikelihood(network: Network, records: Records): number {
  let total = 0;
  for (const { variable, parents, table } of network.nodes) {
    const counts = countsOf(records, columnsNamed(records, [...parents, variable.name]));
    counts.forEach((n, cell) => {
      if (n > 0) total += n * Math.log(table[cell]!);
    });
  }
  return total;
}
