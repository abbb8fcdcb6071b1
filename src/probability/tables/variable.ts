import { UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";

/** A discrete variable: its name and the names of its states, in order. */
export interface Variable {
  readonly name: string;
  readonly states: readonly string[];
}

/** States of variables that were observed: `{ smoke: "yes" }`. */
export type Evidence = Readonly<Record<string, string>>;

/** The product of the variables' numbers of states. */
export function sizeOfTable(variables: readonly Variable[]): number {
  return variables.reduce((size, { states }) => size * states.length, 1);
}

/** The variable of a name; throws with a suggestion when there is none. */
export function variableNamed(variables: readonly Variable[], name: string): Variable {
  const found = variables.find((variable) => variable.name === name);
  if (found) return found;
  const names = variables.map((variable) => variable.name);
  throw new UsageError(unknownName("variable", name, names));
}

/** The place of a state in its variable; throws with a suggestion when it has no such state. */
export function stateIndex({ name, states }: Variable, state: string): number {
  const index = states.indexOf(state);
  if (index < 0) throw new UsageError(unknownName(`state of ${name}`, state, states));
  return index;
}

/** Throws unless the variables have names of their own and each at least one state, all of different names. */
export function checkVariables(variables: readonly Variable[]): void {
  const names = new Set<string>();
  for (const { name, states } of variables) {
    if (names.has(name)) throw new UsageError(`Two variables are named "${name}"; give each a name of its own.`);
    names.add(name);
    if (states.length === 0) throw new UsageError(`Variable "${name}" has no states; it needs at least one.`);
    if (new Set(states).size < states.length)
      throw new UsageError(`Variable "${name}" has two states of one name; give each a name of its own.`);
  }
}
