import type { Conditional } from "./conditional.ts";
import type { Variable } from "./variable.ts";

/** Free parameters of a full joint table: ∏ kᵢ − 1 (2ⁿ − 1 for n binary variables), exact whatever its size. */
export function jointParameters(variables: readonly Variable[]): bigint {
  return variables.reduce((size, { states }) => size * BigInt(states.length), 1n) - 1n;
}

/** Free parameters where all variables are independent: Σ (kᵢ − 1), n for n binary variables. */
export function independentParameters(variables: readonly Variable[]): number {
  return variables.reduce((count, { states }) => count + states.length - 1, 0);
}

/** Free parameters of one conditional table: (k − 1) ∏ parents' states. */
export function conditionalParameters({ variable, table }: Conditional): number {
  const width = variable.states.length;
  return (table.length / width) * (width - 1);
}

/** Free parameters of a network of conditionals: Σ (kᵢ − 1) ∏ parents' states. */
export function networkParameters(conditionals: readonly Conditional[]): number {
  return conditionals.reduce((count, each) => count + conditionalParameters(each), 0);
}
