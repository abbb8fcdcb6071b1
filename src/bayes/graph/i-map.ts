import { independence, type JointTable } from "../../probability/tables/index.ts";
import { type Dag, descendants } from "./dag.ts";
import { dSeparation } from "./separation.ts";

/** A node is independent of `others` given `given`. */
export interface LocalIndependence {
  readonly node: string;
  readonly others: readonly string[];
  readonly given: readonly string[];
}

/** The local Markov independencies of a graph: each node of its non-descendants given its parents. */
export function localIndependencies(dag: Dag): LocalIndependence[] {
  return dag.names.flatMap((node, i) => {
    const below = descendants(dag, [i]);
    const others = dag.names.filter((_, j) => !below.has(j) && !dag.parents[i]!.includes(j));
    return others.length > 0 ? [{ node, others, given: dag.parents[i]!.map((p) => dag.names[p]!) }] : [];
  });
}

/** The local independencies of a graph that a joint table does not have; it is an I-map of the table where there are none. */
export function iMapViolations(dag: Dag, joint: JointTable, tolerance = 1e-12): LocalIndependence[] {
  return localIndependencies(dag).filter(
    ({ node, others, given }) => !independence(joint, [node], others, given, tolerance).independent,
  );
}

/** Whether every independence that a graph shows holds in a joint table. */
export function isIMap(dag: Dag, joint: JointTable, tolerance = 1e-12): boolean {
  return iMapViolations(dag, joint, tolerance).length === 0;
}

/** Whether every d-separation of one graph is one of another over the same names. */
export function isIMapOf(dag: Dag, other: Dag): boolean {
  return localIndependencies(dag).every(
    ({ node, others, given }) => dSeparation(other, [node], others, given).separated,
  );
}
