import { DataError, UsageError } from "../../base/errors.ts";
import { type DenseTable, normalisedRows, reordered, uniforms64 } from "../../probability/tables/index.ts";
import { fold, type Key } from "../../random/index.ts";
import { type Calibrated, junctionTree } from "../exact/index.ts";
import { type Dag, dagOf, topologicalOrder } from "../graph/index.ts";
import type { Network } from "../network.ts";
import { finished, type Steps } from "../steps.ts";
import { checkPrior, familyOf, networkOf, type Prior, pseudoCounts } from "./parameters.ts";
import { countsOf, distinctRows, type Records } from "./records.ts";

/** How expectation-maximisation goes. */
export interface EmOptions {
  readonly prior?: Prior;
  /** Where it starts; when left out at the available cases, and of variables never seen at random tables of the key. */
  readonly start?: Network;
  readonly key: Key;
  /** It stops where a round gains less than this in nats for each row (1e-6), or after `rounds` (200). */
  readonly tolerance?: number;
  readonly rounds?: number;
  readonly maxBytes?: number;
  readonly progress?: (round: number, logLikelihood: number) => void;
}

/** What expectation-maximisation found. */
export interface EmResult {
  readonly network: Network;
  /** log p(what was observed) in nats before each round and after the last; it never falls where there is no prior. */
  readonly logLikelihoods: readonly number[];
  /** The same with Σ α log θ of the prior's imagined observations: what rounds never make smaller. */
  readonly objectives: readonly number[];
  readonly converged: boolean;
}

/** Where expectation-maximisation stands. */
export interface EmStep {
  readonly round: number;
  /** The share of the round's rows that were looked at; 1 at its end, where the log-likelihood is known. */
  readonly share: number;
  readonly logLikelihood?: number;
  /** About how much of the way to the end is gone, by how fast rounds gain less, 0 until two have gained; never falls. */
  readonly done: number;
}

/**
 * Parameters from rows with missing values by expectation-maximisation (Dempster, Laird & Rubin 1977; Lauritzen 1995):
 * the expected counts of each family given what a row shows, from a junction tree, then the maximum as from counts.
 * Values are taken to be missing at random. Equal rows are computed once.
 */
export function learnByEm(dag: Dag, records: Records, options: EmOptions): EmResult {
  return finished(emSteps(dag, records, options), ({ round, logLikelihood }) => {
    if (logLikelihood !== undefined) options.progress?.(round, logLikelihood);
  });
}

/** The same in steps; told to end, it does so after the round under way, with the network of that round. */
export function* emSteps(dag: Dag, records: Records, options: EmOptions): Steps<EmStep, EmResult> {
  const { prior = { kind: "none" }, tolerance = 1e-6, rounds = 200 } = options;
  topologicalOrder(dag);
  checkPrior(prior, dag.names);
  if (records.count === 0) throw new DataError("There are no rows to learn from.");
  const data = distinctRows(records);
  const expectation = expectations(dag, data, options.maxBytes);
  let network = options.start ? inOrderOf(dag, data, options.start) : startOf(dag, data, options.key);
  const [logLikelihoods, objectives]: [number[], number[]] = [[], []];
  const weight = data.weights!.reduce((sum, each) => sum + each, 0);
  let [stop, done] = [false, 0];
  for (let round = 0; ; round++) {
    const looking = expectation(network);
    let next = looking.next();
    for (; !next.done; next = looking.next()) if (yield { round, share: next.value, done }) stop = true;
    const { counts, logLikelihood } = next.value;
    logLikelihoods.push(logLikelihood);
    objectives.push(logLikelihood + logPrior(network, prior));
    const gains = objectives.slice(1).map((each, i) => (each - objectives[i]!) / weight);
    const converged = round > 0 && gains.at(-1)! < tolerance;
    done = converged ? 1 : gains.length < 2 ? 0 : Math.max(done, round / rounds, wayGone(gains, tolerance));
    if (yield { round, share: 1, logLikelihood, done }) stop = true;
    if (converged || stop || round === rounds) return { network, logLikelihoods, objectives, converged };
    network = maximised(dag, data, counts, prior);
  }
}

/** How far gains have fallen from the first to the tolerance: they fall by about the same factor in each round. */
function wayGone(gains: readonly number[], tolerance: number): number {
  const [first, last] = [gains[0], gains.at(-1)];
  if (!(first! > tolerance && last! > 0 && tolerance > 0)) return 0;
  return Math.min(0.99, Math.max(0, Math.log(last! / first!) / Math.log(tolerance / first!)));
}

/** The start given, its nodes in the order of the structure; throws where its arrows or states are others. */
function inOrderOf(dag: Dag, { variables }: Records, start: Network): Network {
  const same = (a: readonly string[] = [], b: readonly string[] = []) => a.join("\n") === b.join("\n");
  const nodes = dag.names.map((name, i) => {
    const found = start.nodes.find(({ variable }) => variable.name === name);
    const parents = dag.parents[i]!.map((p) => dag.names[p]!);
    if (!found || !same(found.parents, parents))
      throw new UsageError(`EM starts at a network of the structure to learn, and the parents of "${name}" differ.`);
    const own = variables.find((variable) => variable.name === name);
    if (same(found.variable.states, own?.states)) return found;
    throw new UsageError(`EM starts at a network of the states to learn, and those of "${name}" differ.`);
  });
  return { name: start.name, nodes };
}

function maximised(dag: Dag, data: Records, counts: readonly Float64Array[], prior: Prior): Network {
  return networkOf("learnt", dag, data, (node) => {
    const imagined = pseudoCounts(prior, dag.names[node]!, counts[node]!.length);
    const width = data.variables[familyOf(data, dag, node).at(-1)!]!.states.length;
    return normalisedRows(
      counts[node]!.map((n, i) => n + imagined[i]!),
      width,
    );
  });
}

/** Σ α log θ over all cells. */
function logPrior({ nodes }: Network, prior: Prior): number {
  let total = 0;
  for (const { variable, table } of nodes)
    pseudoCounts(prior, variable.name, table.length).forEach((alpha, i) => {
      if (alpha > 0) total += alpha * Math.log(table[i]!);
    });
  return total;
}

/** Available cases with one imagined observation each; tables of families never seen together are drawn by the key. */
function startOf(dag: Dag, data: Records, key: Key): Network {
  return networkOf("learnt", dag, data, (node) => {
    const family = familyOf(data, dag, node);
    const counts = countsOf(data, family);
    const seen = counts.some((n) => n > 0);
    const own = uniforms64(fold(key, dag.names[node]!), counts.length);
    return normalisedRows(
      counts.map((n, i) => n + (seen ? 1 : 0.5 + own[i]!)),
      data.variables[family.at(-1)!]!.states.length,
    );
  });
}

/** Rows between two words about a round. */
const TOLD = 16;

/** The E-step, telling the share of rows that were looked at: rows whose families are whole are counted once; of the others a calibrated tree gives expected counts. */
function expectations(dag: Dag, data: Records, maxBytes?: number) {
  const families = dag.names.map((_, node) => familyOf(data, dag, node));
  const used = [...new Set(families.flat())];
  const gaps: number[] = [];
  for (let i = 0; i < data.count; i++) if (used.some((v) => data.columns[v]![i]! < 0)) gaps.push(i);
  const fixed = families.map((family) => countsOf(data, family));
  const whole = families.map((family) => countsOf(withoutRows(data, gaps), family));
  return function* (network: Network) {
    const tree = gaps.length > 0 ? junctionTree(network, maxBytes === undefined ? {} : { maxBytes }) : undefined;
    let logLikelihood = 0;
    network.nodes.forEach(({ table }, node) => {
      whole[node]!.forEach((n, i) => {
        if (n > 0) logLikelihood += n * Math.log(table[i]!);
      });
    });
    const counts = fixed.map((each) => each.slice());
    for (const [at, row] of gaps.entries()) {
      if (at % TOLD === 0) yield at / gaps.length;
      const weight = data.weights![row]!;
      const calibrated = tree!.calibrate(evidenceOf(data, used, row));
      logLikelihood += weight * calibrated.logProbability;
      for (const [node, family] of families.entries())
        addExpected(counts[node]!, data, family, row, weight, calibrated);
    }
    return { counts, logLikelihood };
  };
}

function withoutRows(data: Records, rows: readonly number[]): Records {
  const weights = data.weights!.slice();
  for (const row of rows) weights[row] = 0;
  return { ...data, weights };
}

/** What a row shows, as states by name. */
export function evidenceOf({ variables, columns }: Records, places: readonly number[], row: number) {
  const seen = places.filter((v) => columns[v]![row]! >= 0);
  return Object.fromEntries(seen.map((v) => [variables[v]!.name, variables[v]!.states[columns[v]![row]!]!]));
}

/** Adds p(the family's missing values | row) to the cells that agree with the row; a whole family is counted already. */
function addExpected(
  counts: Float64Array,
  data: Records,
  family: readonly number[],
  row: number,
  weight: number,
  calibrated: Calibrated,
): void {
  const lacking = family.filter((v) => data.columns[v]![row]! < 0).map((v) => data.variables[v]!.name);
  if (lacking.length === 0) return;
  const joint: DenseTable = reordered(calibrated.joint(lacking), lacking);
  const strides: number[] = [];
  let [start, stride] = [0, 1];
  for (const v of [...family].reverse()) {
    if (data.columns[v]![row]! < 0) strides.unshift(stride);
    else start += stride * data.columns[v]![row]!;
    stride *= data.variables[v]!.states.length;
  }
  for (let cell = 0; cell < joint.values.length; cell++) {
    let [rest, at] = [cell, start];
    for (let axis = strides.length - 1; axis >= 0; axis--) {
      const width = joint.variables[axis]!.states.length;
      at += strides[axis]! * (rest % width);
      rest = Math.floor(rest / width);
    }
    counts[at]! += weight * joint.values[cell]!;
  }
}

/** Σ log p(what each row shows) in nats, exact: missing values are summed out. */
export function observedLogLikelihood(network: Network, records: Records, maxBytes?: number): number {
  const data = distinctRows(records);
  return finished(expectations(dagOf(network), data, maxBytes)(network)).logLikelihood;
}
