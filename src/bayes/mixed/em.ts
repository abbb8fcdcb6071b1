import { logSumExp } from "../../base/log-sum-exp.ts";
import type { Table } from "../../data/table/types.ts";
import { normalisedRows } from "../../probability/tables/index.ts";
import type { Dag } from "../graph/index.ts";
import { networkOf, type Prior, pseudoCounts } from "../learning/parameters.ts";
import { planOf, rowOf } from "../sampling/plan.ts";
import { combinations, MAX_COMBINATIONS } from "./inference.ts";
import { learnMixed, mixedStructure, networkOfStatistics } from "./learn.ts";
import { checkMixed, conditionNormal, jointNormal, type MixedNetwork, type Moments } from "./mixed.ts";
import { noStatistics, type Scale, scalesOf } from "./regression.ts";

/** How expectation-maximisation goes. */
export interface MixedEmOptions {
  readonly prior?: Prior;
  /** It stops where a round gains less than this in nats for each row (1e-6), or after `rounds` (100). */
  readonly tolerance?: number;
  readonly rounds?: number;
}

/** What expectation-maximisation found. */
export interface MixedEmResult {
  readonly network: MixedNetwork;
  /** log p(what was observed) in nats before each round and after the last, of the rows that were used. */
  readonly logLikelihoods: readonly number[];
  readonly converged: boolean;
  /** Rows that lack so many discrete values that their combinations are not enumerated: left out. */
  readonly leftOut: number;
}

/** One way to fill the discrete gaps of a row: its share, and what real columns are then. */
interface Completion {
  readonly share: number;
  readonly states: ArrayLike<number>;
  readonly moments: Moments;
}

/**
 * Parameters of a mixed network from rows with gaps by expectation-maximisation (Dempster, Laird & Rubin 1977): the
 * discrete values that a row lacks are filled in every way, each weighted by its probability given the row; the real ones
 * count by their conditional means and covariances. It begins at the available cases. Gaps are taken to be at random.
 */
export function learnMixedByEm(dag: Dag, table: Table, options: MixedEmOptions = {}): MixedEmResult {
  const { prior = { kind: "bdeu", sampleSize: 1 }, tolerance = 1e-6, rounds = 100 } = options;
  const structure = mixedStructure(dag, table);
  const scales = scalesOf(table);
  let network = learnMixed(dag, table, prior);
  const logLikelihoods: number[] = [];
  for (let round = 0; ; round++) {
    const { logLikelihood, leftOut, next } = step(network, structure, table, scales, prior);
    logLikelihoods.push(logLikelihood);
    const converged = round > 0 && logLikelihood - logLikelihoods.at(-2)! < tolerance * table.count;
    if (converged || round === rounds) return { network, logLikelihoods, converged, leftOut };
    network = next();
  }
}

function step(
  network: MixedNetwork,
  structure: ReturnType<typeof mixedStructure>,
  table: Table,
  scales: readonly (Scale | undefined)[],
  prior: Prior,
) {
  const complete = completions(network, structure, table);
  const { discrete, families } = structure;
  const plan = planOf(network.discrete);
  const counts = plan.nodes.map(({ place }) => new Float64Array(network.discrete.nodes[place]!.table.length));
  const sums = families.map((family) => noStatistics(table, family));
  const realPlace = new Map(families.map(({ child }, i) => [child, i]));
  const discretePlace = new Map(discrete.map((column, i) => [column, i]));
  const n = families.length;
  let [logLikelihood, leftOut] = [0, 0];
  for (let i = 0; i < table.count; i++) {
    const found = complete(i);
    if (!found) {
      leftOut++;
      continue;
    }
    logLikelihood += found.log;
    for (const { share, states, moments } of found.ways) {
      for (const node of plan.nodes) counts[node.place]![rowOf(node, states) + states[node.place]!]! += share;
      for (const [at, { child, parents, given }] of families.entries()) {
        let regime = 0;
        for (const p of given) regime = regime * table.columns[p]!.levels!.length + states[discretePlace.get(p)!]!;
        const own = [...parents, child].map((column) => ({ place: realPlace.get(column)!, ...scales[column]! }));
        const u = [1, ...own.map(({ place, mean, deviation }) => (moments.mean[place]! - mean) / deviation)];
        const into = sums[at]![regime]!;
        for (let a = 0; a < u.length; a++)
          for (let b = 0; b < u.length; b++) {
            const [x, y] = [own[a - 1], own[b - 1]];
            const spread = x && y ? moments.covariance.data[x.place * n + y.place]! / (x.deviation * y.deviation) : 0;
            into[a * u.length + b]! += share * (u[a]! * u[b]! + spread);
          }
      }
    }
  }
  const next = () => {
    const tables = networkOf("learnt", structure.structure, { variables: plan.variables }, (node) => {
      const imagined = pseudoCounts(prior, structure.structure.names[node]!, counts[node]!.length);
      return normalisedRows(
        counts[node]!.map((c, k) => c + imagined[k]!),
        plan.nodes[node]!.width,
      );
    });
    return networkOfStatistics(tables, structure, table, scales, (_, at) => sums[at]!);
  };
  return { logLikelihood, leftOut, next };
}

/** For each row the ways to fill it, and log p(what it shows); undefined where there are too many. */
function completions(network: MixedNetwork, { discrete, families }: ReturnType<typeof mixedStructure>, table: Table) {
  const checked = checkMixed(network);
  const plan = planOf(network.discrete);
  const normals = new Map<string, Moments>();
  const normalOf = (states: Int32Array) => {
    const id = states.join();
    const known = normals.get(id) ?? jointNormal(checked, states);
    if (normals.size < MAX_COMBINATIONS) normals.set(id, known);
    return known;
  };
  return (row: number): { readonly log: number; readonly ways: readonly Completion[] } | undefined => {
    const states = Int32Array.from(discrete, (column) => {
      const value = table.values[column]![row]!;
      return Number.isNaN(value) ? -1 : value;
    });
    const free = [...states.keys()].filter((v) => states[v]! < 0);
    if (free.reduce((size, v) => size * plan.variables[v]!.states.length, 1) > MAX_COMBINATIONS) return undefined;
    const seen = new Map(
      families.flatMap(({ child }, i) => {
        const value = table.values[child]![row]!;
        return Number.isNaN(value) ? [] : [[i, value] as const];
      }),
    );
    const ways = [...combinations(free, plan.variables)].map((assigned) => {
      const own = states.slice();
      for (const [v, state] of assigned) own[v] = state;
      const { moments, logDensity } = conditionNormal(normalOf(own), seen);
      const log = plan.nodes.reduce(
        (sum, node) => sum + Math.log(node.table[rowOf(node, own) + own[node.place]!]!),
        logDensity,
      );
      return { log, states: own, moments };
    });
    const log = logSumExp(ways.map((way) => way.log));
    return { log, ways: ways.map((way) => ({ ...way, share: Math.exp(way.log - log) })) };
  };
}
