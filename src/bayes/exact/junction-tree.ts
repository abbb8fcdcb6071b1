import { UsageError } from "../../base/errors.ts";
import {
  type Algebra,
  type DenseTable,
  type Evidence,
  type Factor,
  impossible,
  type JointTable,
  marginal as marginalOf,
  reduce,
  type Variable,
  variableNamed,
} from "../../probability/tables/index.ts";
import { moralGraph } from "../graph/index.ts";
import type { Network } from "../network.ts";
import {
  type Compiled,
  checkObserved,
  compile,
  type InferenceOptions,
  placesIn,
  type SoftEvidence,
} from "./compiled.ts";
import { distribution, multiplyAll, summing } from "./elimination.ts";
import { type Cost, joinAll, MAX_BYTES, minFill, refuseTooMuch } from "./order.ts";

/** A clique of the triangulated moral graph, what it shares with its parent, and the tables it holds. */
export interface Clique {
  readonly members: readonly number[];
  /** The place of the clique messages go to, −1 at a root; it stands later in the list. */
  readonly parent: number;
  readonly separator: readonly number[];
  readonly tables: readonly DenseTable[];
}

/** A junction tree (a forest where the network falls apart): built once, used under any evidence. */
export interface JunctionTree {
  readonly network: Network;
  readonly cliques: readonly Clique[];
  /** The size of all clique tables together and of the largest, in numbers. */
  readonly cost: Cost;
  /** Passes messages under evidence. Throws where the evidence has probability zero. */
  calibrate(evidence?: Evidence, soft?: SoftEvidence, likelihoods?: readonly Likelihood[]): Calibrated;
}

/** Evidence about several variables together: log p(what was seen | their states), the last varying fastest. */
export interface Likelihood {
  /** A family of the tree, or any variables that share a clique. */
  readonly names: readonly string[];
  readonly logs: Float64Array;
}

/** Bounds of a junction tree, and what its cliques must hold. */
export interface JunctionTreeOptions extends Pick<InferenceOptions, "maxBytes"> {
  /** Further sets of variables that share a clique, beside every variable and its parents. */
  readonly families?: readonly (readonly string[])[];
}

/** A junction tree whose cliques agree: every marginal can be read off. */
export interface Calibrated {
  /** log p(evidence) in nats. */
  readonly logProbability: number;
  /** p(variable | evidence) by the variable's states; of observed variables one for the state observed. */
  marginal(name: string): Float64Array;
  /** p(variable | evidence) of every variable, observed ones too. */
  marginals(): Map<string, Float64Array>;
  /** The joint distribution of unobserved variables that share a clique, such as a node and its parents. */
  joint(names: readonly string[]): JointTable;
}

/**
 * Builds a junction tree (Lauritzen & Spiegelhalter 1988; Jensen, Lauritzen & Olesen 1990): the moral graph is
 * triangulated by min-fill elimination, the cliques are linked along the order of elimination, and each table goes to a
 * clique that holds its variables. Throws before it allocates where the cliques need more memory than allowed.
 */
export function junctionTree(network: Network, options: JunctionTreeOptions = {}): JunctionTree {
  const compiled = compile(network);
  const sizes = compiled.variables.map(({ states }) => states.length);
  const graph = new Map(moralGraph(compiled.dag).entries());
  const { maxBytes = MAX_BYTES, families = [] } = options;
  for (const family of families) joinAll(graph, placesIn(compiled, family));
  const { order, cliques: found, cost } = minFill(graph, sizes, [[...sizes.keys()]], maxBytes / 16);
  refuseTooMuch(`A junction tree of "${network.name}"`, 2 * cost.total, order.length < sizes.length, maxBytes);
  const cliques = linked(compiled, order, found);
  const size = ({ members }: Clique) => members.reduce((product, i) => product * sizes[i]!, 1);
  const all = cliques.map(size);
  return {
    network,
    cliques,
    cost: { largest: Math.max(0, ...all), total: all.reduce((sum, each) => sum + each, 0) },
    calibrate: (evidence = {}, soft = {}, likelihoods = []) => {
      checkObserved(compiled, evidence, soft);
      const logs = likelihoods.map((each) => logTable(compiled, cliques, each, evidence));
      return summing((algebra) => calibrated(compiled, cliques, evidence, soft, logs, algebra));
    },
  };
}

/** Cliques of an elimination as a tree: each hangs on that of the first of its further members to be eliminated. */
function linked(compiled: Compiled, order: readonly number[], found: readonly (readonly number[])[]): Clique[] {
  const when = new Map(order.map((node, i) => [node, i]));
  const members = found.map((clique) => new Set(clique));
  const parent = found.map(([, ...rest]) => (rest.length > 0 ? Math.min(...rest.map((node) => when.get(node)!)) : -1));
  // A clique within a child of its is no clique of its own: the child, the first such, takes its place.
  const stands = found.map((_, i) => i);
  const host = (i: number): number => (stands[i] === i ? i : host(stands[i]!));
  for (let i = 0; i < found.length; i++) {
    const up = parent[i]!;
    if (up >= 0 && stands[up] === up && members[up]!.size === found[i]!.length - 1) stands[up] = i;
  }
  const kept = found.map((_, i) => i).filter((i) => stands[i] === i);
  return arranged(
    compiled,
    kept,
    members,
    (i) => {
      for (let up = parent[i]!; up >= 0; up = parent[up]!) if (host(up) !== i) return host(up);
      return -1;
    },
    (node) => host(when.get(node)!),
  );
}

/** Puts cliques into an order in which parents come later, with separators and tables. */
function arranged(
  { dag, tables }: Compiled,
  kept: readonly number[],
  members: readonly ReadonlySet<number>[],
  parentOf: (clique: number) => number,
  home: (node: number) => number,
): Clique[] {
  const parents = new Map(kept.map((i) => [i, parentOf(i)]));
  const depths = new Map<number, number>();
  for (const i of kept) {
    const open: number[] = [];
    for (let at = i; at >= 0 && !depths.has(at); at = parents.get(at)!) open.push(at);
    for (const at of open.reverse()) depths.set(at, (depths.get(parents.get(at)!) ?? -1) + 1);
  }
  const sorted = [...kept].sort((a, b) => depths.get(b)! - depths.get(a)! || a - b);
  const places = new Map(sorted.map((i, place) => [i, place]));
  const held = new Map(kept.map((i) => [i, [] as DenseTable[]]));
  // The family of a node lies in the clique of whichever of its members was eliminated first.
  tables.forEach((table, node) => {
    const family = [node, ...dag.parents[node]!];
    const clique = family.map(home).find((i) => family.every((member) => members[i]!.has(member)))!;
    held.get(clique)!.push(table);
  });
  return sorted.map((i) => {
    const up = parents.get(i)!;
    const separator = up < 0 ? [] : [...members[i]!].filter((node) => members[up]!.has(node));
    return { members: [...members[i]!], parent: up < 0 ? -1 : places.get(up)!, separator, tables: held.get(i)! };
  });
}

/** A likelihood under evidence: where it goes, its logarithms less the largest of them, and that one. */
interface LogTable {
  readonly clique: number;
  readonly table: DenseTable;
  readonly most: number;
}

function logTable(
  compiled: Compiled,
  cliques: readonly Clique[],
  { names, logs }: Likelihood,
  evidence: Evidence,
): LogTable {
  const places = placesIn(compiled, names);
  const clique = cliques.findIndex(({ members }) => places.every((place) => members.includes(place)));
  if (clique < 0)
    throw new UsageError(`No clique holds ${names.join(", ")}: name them as a family when the tree is built.`);
  const variables = places.map((place) => compiled.variables[place]!);
  const { values, ...rest } = reduce({ variables, values: logs }, evidence);
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (most === Number.NEGATIVE_INFINITY) throw impossible(evidence);
  return { clique, table: { ...rest, values: values.map((log) => log - most) }, most };
}

/** Two passes of messages: to the roots, and back, divided by what came from there. */
function calibrated(
  compiled: Compiled,
  cliques: readonly Clique[],
  evidence: Evidence,
  soft: SoftEvidence,
  logs: readonly LogTable[],
  algebra: Algebra,
): Calibrated {
  const { variables } = compiled;
  const unseen = (nodes: readonly number[]) =>
    nodes.map((i) => variables[i]!).filter(({ name }) => !Object.hasOwn(evidence, name));
  const beliefs = cliques.map(({ members, tables }) => potential(unseen(members), tables, evidence, algebra));
  for (const [name, likelihood] of Object.entries(soft))
    addSoft(compiled, cliques, beliefs, name, likelihood, evidence, algebra);
  for (const { clique, table } of logs) beliefs[clique] = algebra.times(beliefs[clique]!, algebra.liftLogs(table));
  const leaving = cliques.map(({ members, separator }) => {
    const shared = new Set(separator);
    return unseen(members.filter((i) => !shared.has(i))).map(({ name }) => name);
  });
  const messages = cliques.map(({ parent }, i) => {
    if (parent < 0) return undefined;
    const message = algebra.out(beliefs[i]!, leaving[i]!);
    beliefs[parent] = algebra.times(beliefs[parent]!, message);
    return message;
  });
  let logProbability = logs.reduce((sum, { most }) => sum + most, 0);
  cliques.forEach(({ parent }, i) => {
    if (parent < 0) logProbability += distribution(beliefs[i]!, algebra).logTotal;
  });
  if (logProbability === Number.NEGATIVE_INFINITY) throw impossible(evidence);
  for (let i = cliques.length - 1; i >= 0; i--) {
    const message = messages[i];
    if (!message) continue;
    const above = beliefs[cliques[i]!.parent]!;
    const shared = new Set(message.variables.map(({ name }) => name));
    const names = above.variables.flatMap(({ name }) => (shared.has(name) ? [] : [name]));
    beliefs[i] = algebra.times(beliefs[i]!, algebra.over(algebra.out(above, names), message));
  }
  return reader(
    compiled,
    evidence,
    beliefs.map((belief) => distribution(belief, algebra).table!),
    logProbability,
  );
}

/** The product of a clique's tables under evidence, over all of its unobserved variables. */
function potential(
  variables: readonly Variable[],
  tables: readonly DenseTable[],
  evidence: Evidence,
  algebra: Algebra,
) {
  const ones = variables.reduce((size, { states }) => size * states.length, 1);
  const flat: Factor = { variables, values: new Float64Array(ones).fill(algebra.one), logScale: 0 };
  return algebra.times(
    flat,
    multiplyAll(
      tables.map((table) => algebra.lift(reduce(table, evidence))),
      algebra,
    ),
  );
}

function addSoft(
  compiled: Compiled,
  cliques: readonly Clique[],
  beliefs: Factor[],
  name: string,
  likelihood: readonly number[],
  evidence: Evidence,
  algebra: Algebra,
): void {
  const [place] = placesIn(compiled, [name]);
  const table = { variables: [compiled.variables[place!]!], values: Float64Array.from(likelihood) };
  const clique = cliques.findIndex(({ members }) => members.includes(place!));
  beliefs[clique] = algebra.times(beliefs[clique]!, algebra.lift(reduce(table, evidence)));
}

/** Answers from calibrated cliques. */
function reader(
  { variables, places }: Compiled,
  evidence: Evidence,
  joints: readonly JointTable[],
  logProbability: number,
): Calibrated {
  /** For each variable the smallest clique that holds it. */
  const homes = new Map<string, JointTable>();
  for (const joint of [...joints].sort((a, b) => a.values.length - b.values.length))
    for (const { name } of joint.variables) if (!homes.has(name)) homes.set(name, joint);
  const marginal = (name: string) => {
    const variable = variables[places.get(name) ?? -1] ?? variableNamed(variables, name);
    if (Object.hasOwn(evidence, name)) return Float64Array.from(variable.states, (s) => Number(s === evidence[name]));
    return marginalOf(homes.get(name)!, [name]).values;
  };
  return {
    logProbability,
    marginal,
    marginals: () => new Map(variables.map(({ name }) => [name, marginal(name)])),
    joint: (names) => {
      const found = joints.find((joint) => names.every((name) => joint.variables.some((v) => v.name === name)));
      if (!found)
        throw new UsageError(
          `No clique holds ${names.join(", ")} unobserved; ask posterior() for their joint distribution.`,
        );
      return marginalOf(found, names);
    },
  };
}
