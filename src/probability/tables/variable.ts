import { UsageError } from "../../base/errors.ts";
import { nearest, unknownName } from "../../base/suggest.ts";

/** A discrete variable: its name and the names of its states, in order. */
export interface Variable {
  readonly name: string;
  readonly states: readonly string[];
}

/** States of variables that were observed: `{ smoke: "yes" }`. */
export type Evidence = Readonly<Record<string, string>>;

/** Names up to so many are listed in full where one is unknown. */
const LISTED = 60;

/** A sentence for an unknown name, with a suggestion; of very many known names only the nearest is said. */
export function unknownAmong(what: string, word: string, known: readonly string[]): string {
  if (known.length <= LISTED) return unknownName(what, word, known);
  const near = nearest(word, known);
  return `Unknown ${what} "${word}"; ${near === undefined ? `it is none of ${known.length}.` : `did you mean "${near}"?`}`;
}

/** The first name that stands in a list a second time. */
export function repeatedName(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

/** The product of the variables' numbers of states. */
export function sizeOfTable(variables: readonly Variable[]): number {
  return variables.reduce((size, { states }) => size * states.length, 1);
}

/** The variable of a name; throws with a suggestion when there is none. */
export function variableNamed(variables: readonly Variable[], name: string): Variable {
  const found = variables.find((variable) => variable.name === name);
  if (found) return found;
  const names = variables.map((variable) => variable.name);
  throw new UsageError(unknownAmong("variable", name, names));
}

/** The place of a state in its variable; throws with a suggestion when it has no such state. */
export function stateIndex({ name, states }: Variable, state: string): number {
  const index = states.indexOf(state);
  if (index < 0) throw new UsageError(unknownAmong(`state of ${name}`, state, states));
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
