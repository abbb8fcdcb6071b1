import { DataError, SampoError, UsageError } from "../../base/errors.ts";
import type { Conditional } from "./conditional.ts";
import {
  checkValues,
  constant,
  type DenseTable,
  type Factor,
  product,
  reduce,
  reordered,
  spread,
  sum,
  sumOnto,
} from "./factor.ts";
import { checkVariables, type Evidence, repeatedName, stateIndex, type Variable, variableNamed } from "./variable.ts";

/** A joint distribution of discrete variables as a dense table that sums to one. */
export interface JointTable extends DenseTable {
  readonly kind: "joint";
}

/** How far from one a sum of probabilities may be that is taken for one and normalised. */
export const SUM_TOLERANCE = 1e-6;

/** A joint distribution from its probabilities, the last variable varying fastest; they must sum to one. */
export function jointTable(variables: readonly Variable[], probabilities: ArrayLike<number>): JointTable {
  checkVariables(variables);
  checkValues(variables, probabilities);
  const total = sum(probabilities);
  if (Math.abs(total - 1) > SUM_TOLERANCE)
    throw new DataError(`The probabilities of a joint table sum to one; these sum to ${total}.`);
  return normalised({ variables, values: Float64Array.from(probabilities) });
}

/** The distribution in proportion to a table of non-negative numbers, such as counts or a factor. */
export function normalised({ variables, values }: DenseTable): JointTable {
  const total = sum(values);
  if (!(total > 0)) throw new SampoError("All values of the table are zero: there is no distribution in proportion.");
  const scaled = Math.abs(total - 1) <= Number.EPSILON ? values : values.map((value) => value / total);
  return { kind: "joint", variables, values: scaled };
}

/** Evidence has probability zero: callers that go on without it catch this. */
export class ImpossibleEvidence extends SampoError {}

/** The error for evidence that cannot happen. */
export function impossible(evidence: Evidence): ImpossibleEvidence {
  const said = Object.entries(evidence).map(([name, state]) => `${name}=${state}`);
  if (said.length === 0)
    return new ImpossibleEvidence("The evidence has probability zero: no distribution is conditional on it.");
  const list = said.length > 8 ? `${said.slice(0, 8).join(", ")}, … (${said.length} observations)` : said.join(", ");
  return new ImpossibleEvidence(`The evidence ${list} has probability zero: no distribution is conditional on it.`);
}

/** The variables of these names, each once. */
export function variablesNamed(variables: readonly Variable[], names: readonly string[]): Variable[] {
  const repeated = repeatedName(names);
  if (repeated !== undefined) throw new UsageError(`Variable "${repeated}" is named twice; name it once.`);
  return names.map((name) => variableNamed(variables, name));
}

/** Throws for evidence about unknown variables or with unknown states, with suggestions. */
export function checkEvidence(variables: readonly Variable[], evidence: Evidence): void {
  for (const [name, state] of Object.entries(evidence)) stateIndex(variableNamed(variables, name), state);
}

/** The marginal distribution of some variables, in their order: p(a) = Σ_b p(a, b). */
export function marginal(joint: JointTable, names: readonly string[]): JointTable {
  const variables = variablesNamed(joint.variables, names);
  return { kind: "joint", variables, values: sumOnto(joint, variables) };
}

/** The distribution of some variables given observations: p(a | e) = p(a, e) / p(e). */
export function conditional(joint: JointTable, names: readonly string[], evidence: Evidence): JointTable {
  checkEvidence(joint.variables, evidence);
  const observed = names.find((name) => Object.hasOwn(evidence, name));
  if (observed !== undefined) throw new UsageError(`"${observed}" is observed; ask for variables that are not.`);
  const left = reduce(joint, evidence);
  const variables = variablesNamed(left.variables, names);
  const values = sumOnto(left, variables);
  if (sum(values) === 0) throw impossible(evidence);
  return normalised({ variables, values });
}

/** The probability of observations: p(e), summed over everything else. */
export function probability(joint: JointTable, evidence: Evidence): number {
  checkEvidence(joint.variables, evidence);
  return sum(reduce(joint, evidence).values);
}

/** The table of p(variable | parents); rows whose parents have probability zero are uniform, for nothing says otherwise. */
export function conditionalOf(joint: JointTable, name: string, parents: readonly string[]): Conditional {
  const { values } = marginal(joint, [...parents, name]);
  const variable = variableNamed(joint.variables, name);
  return { variable, parents, table: normalisedRows(values, variable.states.length) };
}

/** Rows of a table divided by their sums; rows of zeros become uniform. */
export function normalisedRows(values: Float64Array, width: number): Float64Array {
  const table = new Float64Array(values.length);
  for (let row = 0; row < values.length; row += width) {
    const total = sum(values.subarray(row, row + width));
    for (let k = row; k < row + width; k++) table[k] = total > 0 ? values[k]! / total : 1 / width;
  }
  return table;
}

/** The chain rule: p(x₁, …, xₙ) = ∏ p(xᵢ | x₁, …, xᵢ₋₁), one conditional for each variable in the given order. */
export function chainRule(
  joint: JointTable,
  order: readonly string[] = joint.variables.map(({ name }) => name),
): Conditional[] {
  const { variables } = reordered(joint, order);
  return variables.map(({ name }, i) => conditionalOf(joint, name, order.slice(0, i)));
}

/** Bayes' rule: p(cause | effect) ∝ p(cause) p(effect | cause), for an observed state of the effect. */
export function bayesRule(prior: JointTable, likelihood: Conditional, state: string): JointTable {
  const names = prior.variables.map(({ name }) => name);
  if (!likelihood.parents.every((name) => names.includes(name)))
    throw new UsageError(
      `${likelihood.variable.name} depends on ${likelihood.parents.join(", ")}; the prior is over ${names.join(", ")}.`,
    );
  const evidence = { [likelihood.variable.name]: state };
  const { variables, values } = product(asFactor(prior), reduce(factorOf(likelihood, prior.variables), evidence));
  if (sum(values) === 0) throw impossible(evidence);
  return normalised({ variables, values });
}

/** A table as a factor. */
export function asFactor({ variables, values }: DenseTable): Factor {
  return { variables, values, logScale: 0 };
}

/** A conditional as a factor over its parents, found by name among `variables`, and its variable. */
export function factorOf({ variable, parents, table }: Conditional, variables: readonly Variable[]): Factor {
  return asFactor({ variables: [...variablesNamed(variables, parents), variable], values: table });
}

/** The joint distribution that conditionals define together: their product, over their variables in order. */
export function jointOf(conditionals: readonly Conditional[]): JointTable {
  const variables = conditionals.map(({ variable }) => variable);
  checkVariables(variables);
  const all = conditionals.map((each) => factorOf(each, variables)).reduce(product, constant(1));
  return normalised({ variables, values: spread(all, variables) });
}
