import { UsageError } from "../../base/errors.ts";
import {
  type DenseTable,
  type Evidence,
  factorOf,
  repeatedName,
  stateIndex,
  type Variable,
  variableNamed,
} from "../../probability/tables/index.ts";
import { checkNetwork } from "../check.ts";
import type { Dag } from "../graph/index.ts";
import { type Network, variablesOf } from "../network.ts";

/** A checked network with what every inference asks of it: its graph and its tables over variables. */
export interface Compiled {
  readonly network: Network;
  readonly variables: readonly Variable[];
  readonly dag: Dag;
  readonly places: ReadonlyMap<string, number>;
  readonly tables: readonly DenseTable[];
}

const cache = new WeakMap<Network, Compiled>();

/** Checks a network, once, and finds what inference needs of it. */
export function compile(network: Network): Compiled {
  const known = cache.get(network);
  if (known) return known;
  const dag = checkNetwork(network);
  const variables = variablesOf(network);
  const byName = new Map(variables.map((variable) => [variable.name, variable]));
  const tables = network.nodes.map((node) =>
    factorOf(
      node,
      node.parents.map((name) => byName.get(name)!),
    ),
  );
  const compiled = { network, variables, dag, places: new Map(variables.map(({ name }, i) => [name, i])), tables };
  cache.set(network, compiled);
  return compiled;
}

/** Virtual evidence (Pearl 1988): for some variables the likelihood of what was seen given each state. */
export type SoftEvidence = Readonly<Record<string, readonly number[]>>;

/** What may accompany a question. */
export interface InferenceOptions {
  readonly soft?: SoftEvidence;
  /** The most memory the tables of one inference may take; 1 GiB. */
  readonly maxBytes?: number;
}

/** The places of named variables, each once; throws with a suggestion for an unknown one. */
export function placesIn({ places, variables }: Compiled, names: readonly string[]): number[] {
  const repeated = repeatedName(names);
  if (repeated !== undefined) throw new UsageError(`Variable "${repeated}" is named twice; name it once.`);
  return names.map((name) => places.get(name) ?? places.get(variableNamed(variables, name).name)!);
}

/** Throws for evidence about unknown variables or states, or likelihoods that do not fit; gives the places observed. */
export function checkObserved(compiled: Compiled, evidence: Evidence, soft: SoftEvidence = {}): Set<number> {
  const observed = placesIn(compiled, Object.keys(evidence));
  for (const place of observed) {
    const variable = compiled.variables[place]!;
    stateIndex(variable, evidence[variable.name]!);
  }
  placesIn(compiled, Object.keys(soft)).forEach((place) => {
    const { name, states } = compiled.variables[place]!;
    const likelihood = soft[name]!;
    if (likelihood.length !== states.length || likelihood.some((value) => !(value >= 0 && value < Infinity)))
      throw new UsageError(
        `Soft evidence about "${name}" is ${states.length} likelihoods from 0 on, one for each state.`,
      );
  });
  return new Set(observed);
}

/** Soft evidence as tables of one variable each. */
export function softTables(compiled: Compiled, soft: SoftEvidence = {}): DenseTable[] {
  const named = placesIn(compiled, Object.keys(soft)).map((place) => compiled.variables[place]!);
  return named.map((variable) => ({ variables: [variable], values: Float64Array.from(soft[variable.name]!) }));
}
