import { type DrawnNode, tabulate } from "../../bayes/index.ts";
import type { Column } from "../../data/table/types.ts";
import { type Conditional, type Learnt, variableOf } from "./conditionals.ts";

/**
 * The columns of a network as they are drawn: tables; means and variances of counts; intercepts, coefficients and
 * deviations of real columns; of networks the name alone, but where they make a table.
 */
export function drawnColumns({ columns, parents, conditionals }: Learnt): DrawnNode[] {
  const named = new Map(columns.map((column) => [column.name, column]));
  return columns.map(({ name }, i) => {
    const above = parents[i]!.map((parent) => named.get(parent)!).filter(({ levels }) => levels);
    return { name, parents: parents[i]!, above: above.map(variableOf), ...numbersOf(conditionals[i]!) };
  });
}

type Shown = Pick<DrawnNode, "heads" | "values" | "probabilities">;

function numbersOf(conditional: Conditional): Shown {
  if (conditional.kind === "table") return tableOf(conditional.node);
  if (conditional.kind === "counts") {
    const values = conditional.node.laws.flatMap(({ mean, dispersion }) => [mean, mean + dispersion * mean * mean]);
    return { heads: ["mean", "variance"], values, probabilities: false };
  }
  if (conditional.kind === "regression") {
    const { regimes, parents } = conditional.node;
    const values = regimes.flatMap(({ intercept, coefficients, variance }) => [
      intercept,
      ...coefficients,
      Math.sqrt(variance),
    ]);
    const first = parents.length > 0 ? "intercept" : "mean";
    return { heads: [first, ...parents.map((name) => `× ${name}`), "deviation"], values, probabilities: false };
  }
  const { child, columns } = conditional.node;
  const discrete = [child, ...columns].every(({ levels }: Column) => levels);
  return discrete ? tableOf(tabulate(conditional.node)) : { heads: [], values: [], probabilities: false };
}

const tableOf = ({ variable, table }: ReturnType<typeof tabulate>): Shown => ({
  heads: variable.states,
  values: table,
  probabilities: true,
});
