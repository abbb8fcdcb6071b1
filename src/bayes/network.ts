import type { Conditional, Variable } from "../probability/tables/index.ts";

/** What a network file holds beside numbers: texts such as `position = (73, 165)`, kept as they were written. */
export interface NodeProperties {
  /** Of the variable. */
  readonly variable: readonly string[];
  /** Of its table. */
  readonly table: readonly string[];
}

/**
 * A discrete variable of a network with the table of its distribution given its parents; the layout is Conditional's:
 * parents in order, the last varying fastest but for the variable's own state, which varies fastest of all.
 */
export interface Node extends Conditional {
  readonly properties?: NodeProperties;
  /** The table as a file wrote it, where rounding kept rows from summing to one and `table` is normalised. */
  readonly written?: Float64Array;
}

/** A discrete Bayesian network: p(x) = ∏ p(node | its parents). Nodes stand in any order. */
export interface Network {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly properties?: readonly string[];
}

/** The variables of a network, in the order of its nodes. */
export function variablesOf(network: Network): Variable[] {
  return network.nodes.map(({ variable }) => variable);
}
