import { UsageError } from "../../base/errors.ts";
import { type DenseTable, spread, sum, sumOnto } from "./factor.ts";
import { variablesNamed } from "./joint.ts";

/** The entropy of some of a table's variables in nats, −Σ p log p; values are normalised, so counts will do. */
export function entropy(table: DenseTable, names?: readonly string[]): number {
  const values = names ? sumOnto(table, variablesNamed(table.variables, names)) : table.values;
  const total = sum(values);
  let weighted = 0;
  for (const value of values) if (value > 0) weighted += value * Math.log(value / total);
  return total > 0 ? Math.max(0, -weighted / total) : 0;
}

/** Mutual information of two sets of variables in nats: Σ p(a, b) log (p(a, b) / (p(a) p(b))). */
export function mutualInformation(table: DenseTable, a: readonly string[], b: readonly string[]): number {
  return conditionalMutualInformation(table, a, b, []);
}

/**
 * Conditional mutual information of two sets of variables given a third, in nats:
 * I(a; b | c) = Σ p(a, b, c) log (p(a, b, c) p(c) / (p(a, c) p(b, c))). Values are normalised, so counts will do. The
 * terms are taken as logarithms of ratios near one, not as differences of entropies, so that independence gives 1e-17.
 */
export function conditionalMutualInformation(
  table: DenseTable,
  a: readonly string[],
  b: readonly string[],
  given: readonly string[],
): number {
  const { joint, expected } = underIndependence(table, a, b, given);
  let weighted = 0;
  for (let i = 0; i < joint.length; i++) if (joint[i]! > 0) weighted += joint[i]! * Math.log(joint[i]! / expected[i]!);
  const total = sum(joint);
  return total > 0 ? Math.max(0, weighted / total) : 0;
}

/**
 * The values of (given, a, b) and what they would be if a and b were independent given the rest:
 * n(a, c) n(b, c) / n(c). Both dense over the variables given, a, b in that order.
 */
export function underIndependence(
  table: DenseTable,
  a: readonly string[],
  b: readonly string[],
  given: readonly string[],
): { readonly joint: Float64Array; readonly expected: Float64Array } {
  if (a.length === 0 || b.length === 0) throw new UsageError("Name at least one variable on each side.");
  const order = variablesNamed(table.variables, [...given, ...a, ...b]);
  const [of, onA, onB] = [order.slice(0, given.length), given.length + a.length, order.length];
  const withA = order.slice(0, onA);
  const withB = [...of, ...order.slice(onA, onB)];
  const over = (variables: typeof order) => ({ variables, values: sumOnto(table, variables) });
  const [both, left, right, rest] = [over(order), over(withA), over(withB), over(of)];
  const [l, r, c] = [left, right, rest].map((part) => spread(part, order));
  const expected = both.values.map((_, i) => (c![i]! > 0 ? (l![i]! * r![i]!) / c![i]! : 0));
  return { joint: both.values, expected };
}
