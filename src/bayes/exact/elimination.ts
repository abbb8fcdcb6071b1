import {
  type Algebra,
  constant,
  type DenseTable,
  type Evidence,
  type Factor,
  impossible,
  type JointTable,
  linear,
  logSum,
  reduce,
  reordered,
  Underflow,
  type Variable,
} from "../../probability/tables/index.ts";
import { ancestors } from "../graph/index.ts";
import type { Network } from "../network.ts";
import { type Compiled, checkObserved, compile, type InferenceOptions, placesIn, softTables } from "./compiled.ts";
import { type EliminationOrder, joinAll, MAX_BYTES, minFill, type Neighbours, refuseTooMuch } from "./order.ts";

/** A question made ready: what remains of the tables after evidence, and in which order variables leave. */
export interface Plan {
  readonly compiled: Compiled;
  readonly tables: readonly DenseTable[];
  readonly elimination: EliminationOrder;
}

/**
 * Prepares elimination: only ancestors of what is asked and seen matter (others sum to one: barren nodes), observed
 * variables are cut out of the tables, and the rest but the kept leaves in min-fill order, stage by stage. Throws where
 * the tables would take more memory than allowed.
 */
export function planElimination(
  network: Network,
  evidence: Evidence,
  options: InferenceOptions,
  choose: { readonly relevantTo: readonly string[] | "all"; readonly stages: (free: number[]) => number[][] },
): Plan {
  const compiled = compile(network);
  const { variables, dag, tables } = compiled;
  const observed = checkObserved(compiled, evidence, options.soft);
  const seen = [...observed, ...placesIn(compiled, Object.keys(options.soft ?? {}))];
  const asked = choose.relevantTo === "all" ? [...variables.keys()] : placesIn(compiled, choose.relevantTo);
  const relevant = [...ancestors(dag, [...asked, ...seen])].sort((a, b) => a - b);
  const left = [...relevant.map((i) => tables[i]!), ...softTables(compiled, options.soft)].map((t) =>
    reduce(t, evidence),
  );
  const graph: Neighbours = new Map();
  for (const table of left)
    joinAll(
      graph,
      table.variables.map(({ name }) => compiled.places.get(name)!),
    );
  const free = relevant.filter((i) => !observed.has(i));
  const stages = choose.stages(free);
  const gone = new Set(stages.flat());
  const kept = free.filter((i) => !gone.has(i));
  const sizes = variables.map(({ states }) => states.length);
  const { maxBytes = MAX_BYTES } = options;
  const elimination = minFill(graph, sizes, stages, maxBytes / 16);
  const answer = kept.reduce((size, i) => size * sizes[i]!, 1);
  const partial = elimination.order.length < gone.size;
  const largest = Math.max(elimination.cost.largest, answer);
  refuseTooMuch(`Exact inference in "${network.name}"`, 2 * largest, partial, maxBytes);
  return { compiled, tables: left, elimination };
}

/** Multiplies the tables of each variable in turn and takes it out; what is left are tables of other variables. */
export function eliminate(
  tables: readonly Factor[],
  names: readonly string[],
  algebra: Algebra,
  onClique: (product: Factor, name: string) => void = () => {},
): Factor[] {
  let left = [...tables];
  for (const name of names) {
    const mine: Factor[] = [];
    const others: Factor[] = [];
    for (const table of left) (table.variables.some((v) => v.name === name) ? mine : others).push(table);
    const product = multiplyAll(mine, algebra);
    onClique(product, name);
    left = [...others, algebra.out(product, [name])];
  }
  return left;
}

/** The product of factors, small ones first. */
export function multiplyAll(factors: readonly Factor[], algebra: Algebra): Factor {
  const [first, ...rest] = [...factors].sort((a, b) => a.values.length - b.values.length);
  return first ? rest.reduce(algebra.times, first) : constant(algebra.one);
}

/** Runs sums of products in linear space, or in log space where linear space would lose digits. */
export function summing<T>(run: (algebra: Algebra) => T): T {
  try {
    return run(linear);
  } catch (error) {
    if (!(error instanceof Underflow)) throw error;
    return run(logSum);
  }
}

/** A factor of either kind as a distribution and the logarithm of its sum; no distribution where the sum is zero. */
export function distribution({ variables, values, logScale }: Factor, algebra: Algebra) {
  const logs = algebra.one === 0;
  let most = logs ? Number.NEGATIVE_INFINITY : 1;
  if (logs) for (const value of values) most = Math.max(most, value);
  const possible = most !== Number.NEGATIVE_INFINITY;
  const weights = logs && possible ? values.map((value) => Math.exp(value - most)) : values;
  const total = possible ? weights.reduce((sum, value) => sum + value, 0) : 0;
  const logTotal = total > 0 ? Math.log(total) + logScale + (logs ? most : 0) : Number.NEGATIVE_INFINITY;
  const table: JointTable | undefined =
    total > 0 ? { kind: "joint", variables, values: weights.map((value) => value / total) } : undefined;
  return { table, logTotal };
}

/** Sums everything but the targets out: their distribution (none where the evidence is impossible) and log p(evidence). */
function sumOut(network: Network, targets: readonly string[], evidence: Evidence, options: InferenceOptions) {
  const keep = new Set(placesIn(compile(network), targets));
  const stages = (free: number[]) => [free.filter((i) => !keep.has(i))];
  const { compiled, tables, elimination } = planElimination(network, evidence, options, {
    relevantTo: targets,
    stages,
  });
  const names = elimination.order.map((i) => compiled.variables[i]!.name);
  return summing((algebra) => {
    const left = eliminate(tables.map(algebra.lift), names, algebra);
    return distribution(multiplyAll(left, algebra), algebra);
  });
}

/**
 * The joint distribution of the targets given evidence, p(targets | evidence), by variable elimination. A target that is
 * observed has probability one for its state. Throws where the evidence has probability zero.
 */
export function posterior(
  network: Network,
  targets: readonly string[],
  evidence: Evidence = {},
  options: InferenceOptions = {},
): JointTable {
  const { table } = sumOut(network, targets, evidence, options);
  if (!table) throw impossible(evidence);
  const known = compile(network).variables.filter(
    ({ name }) => targets.includes(name) && Object.hasOwn(evidence, name),
  );
  const whole = known.reduce((joint, variable) => withState(joint, variable, evidence[variable.name]!), table);
  return reordered(whole, targets);
}

/** A joint table with one more variable, which has one state for certain. */
function withState({ variables, values }: JointTable, variable: Variable, state: string): JointTable {
  const { length } = variable.states;
  const wider = new Float64Array(values.length * length);
  for (let i = 0; i < values.length; i++) wider[i * length + variable.states.indexOf(state)] = values[i]!;
  return { kind: "joint", variables: [...variables, variable], values: wider };
}

/** log p(evidence) in nats, of soft evidence the expected likelihood; −Infinity for evidence that cannot be. */
export function logProbability(network: Network, evidence: Evidence, options: InferenceOptions = {}): number {
  return sumOut(network, [], evidence, options).logTotal;
}
