import type { Variable } from "./variable.ts";

/**
 * The distribution of a discrete variable given others, p(variable | parents), as a dense table: one row for each
 * combination of the parents' states, parents in order with the last varying fastest, and the variable's own states along
 * the row. With parents of k₁, …, kₘ states at s₁, …, sₘ and k states of its own, p(state | s₁, …, sₘ) stands at
 * ((s₁·k₂ + s₂)·k₃ + …)·k + state. Each row sums to one.
 */
export interface Conditional {
  readonly variable: Variable;
  /** The names of the parents, in the order of the table. */
  readonly parents: readonly string[];
  readonly table: Float64Array;
}
