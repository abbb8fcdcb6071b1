import { DataError, ShapeError } from "../base/errors.ts";
import { checkVariables, sizeOfTable } from "../probability/tables/index.ts";
import { type Dag, dagOf, topologicalOrder } from "./graph/index.ts";
import { type Network, variablesOf } from "./network.ts";

/** How far from one the rows of a network made in a program may sum; readers of files normalise rounder numbers. */
const ROW_TOLERANCE = 1e-9;

/** Throws unless a network is complete, acyclic, and made of tables that fit and whose rows sum to one. */
export function checkNetwork(network: Network): Dag {
  const variables = variablesOf(network);
  checkVariables(variables);
  const dag = dagOf(network);
  topologicalOrder(dag);
  network.nodes.forEach(({ variable, table }, i) => {
    const parents = dag.parents[i]!.map((p) => variables[p]!);
    const size = sizeOfTable([...parents, variable]);
    if (table.length !== size)
      throw new ShapeError(`The table of "${variable.name}" holds ${table.length} numbers; its states need ${size}.`);
    checkRows(variable.name, table, variable.states.length);
  });
  return dag;
}

function checkRows(name: string, table: Float64Array, width: number): void {
  for (let start = 0; start < table.length; start += width) {
    let sum = 0;
    for (let k = start; k < start + width; k++) {
      if (!(table[k]! >= 0)) throw new DataError(`The table of "${name}" holds ${table[k]}, which is no probability.`);
      sum += table[k]!;
    }
    if (!(Math.abs(sum - 1) <= ROW_TOLERANCE))
      throw new DataError(`Row ${start / width} of the table of "${name}" sums to ${sum}, not to one; normalise it.`);
  }
}
