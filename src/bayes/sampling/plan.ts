import { checkEvidence, type Evidence, stateIndex, type Variable } from "../../probability/tables/index.ts";
import { checkNetwork } from "../check.ts";
import { topologicalOrder } from "../graph/index.ts";
import { type Network, variablesOf } from "../network.ts";

/** A node as samplers see it: by places, its table's rows found by strides of its parents. */
export interface PlannedNode {
  readonly place: number;
  readonly width: number;
  readonly parents: readonly number[];
  readonly strides: readonly number[];
  readonly table: Float64Array;
}

/** A network in an order in which parents come first, with the state observed of each node or −1. */
export interface Plan {
  readonly variables: readonly Variable[];
  readonly ordered: readonly PlannedNode[];
  /** The same nodes by their place in the network. */
  readonly nodes: readonly PlannedNode[];
  readonly children: readonly (readonly number[])[];
  readonly observed: Int32Array;
}

/** Checks a network and evidence and prepares both for sampling. */
export function planOf(network: Network, evidence: Evidence = {}): Plan {
  const dag = checkNetwork(network);
  const variables = variablesOf(network);
  checkEvidence(variables, evidence);
  const nodes = network.nodes.map(({ variable, table }, place): PlannedNode => {
    const parents = dag.parents[place]!;
    const strides = [...parents];
    let stride = variable.states.length;
    for (let i = parents.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= variables[parents[i]!]!.states.length;
    }
    return { place, width: variable.states.length, parents, strides, table };
  });
  const observed = Int32Array.from(variables, (variable) =>
    Object.hasOwn(evidence, variable.name) ? stateIndex(variable, evidence[variable.name]!) : -1,
  );
  return { variables, nodes, ordered: topologicalOrder(dag).map((i) => nodes[i]!), children: dag.children, observed };
}

/** Where the row of a node's table starts for the states of its parents. */
export function rowOf({ parents, strides }: PlannedNode, states: ArrayLike<number>): number {
  let at = 0;
  for (let i = 0; i < parents.length; i++) at += strides[i]! * states[parents[i]!]!;
  return at;
}
