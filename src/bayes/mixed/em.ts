import { logSumExp } from "../../base/log-sum-exp.ts";
import type { Table } from "../../data/table/types.ts";
import { normalisedRows } from "../../probability/tables/index.ts";
import type { Dag } from "../graph/index.ts";
import { networkOf, type Prior, pseudoCounts } from "../learning/parameters.ts";
import { planOf, rowOf } from "../sampling/plan.ts";
import { addCount, type CountLawName, noCounts } from "./counts.ts";
import { combinations, MAX_COMBINATIONS } from "./inference.ts";
import { countNodes, gaussianNodes, learnMixed, type MixedStructure, mixedStructure } from "./learn.ts";
import { checkMixed, conditionNormal, countLawOf, jointNormal, type MixedNetwork, type Moments } from "./mixed.ts";
import { type Family, noStatistics, regimesOf, type Scale, scalesOf } from "./regression.ts";

/** How expectation-maximisation goes. */
export interface MixedEmOptions {
  readonly prior?: Prior;
  /** The law of counts (negative-binomial). */
  readonly law?: CountLawName;
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
 * count by their conditional means and covariances, counts where they are known. It begins at the available cases. Gaps are taken to be at random.
 */
export function learnMixedByEm(dag: Dag, table: Table, options: MixedEmOptions = {}): MixedEmResult {
  const {
    prior = { kind: "bdeu", sampleSize: 1 },
    law = "negative-binomial",
    tolerance = 1e-6,
    rounds = 100,
  } = options;
  const lesson: Lesson = { structure: mixedStructure(dag, table), table, scales: scalesOf(table), prior, law };
  let network = learnMixed(dag, table, prior, law);
  const logLikelihoods: number[] = [];
  for (let round = 0; ; round++) {
    const { logLikelihood, leftOut, next } = step(network, lesson);
    logLikelihoods.push(logLikelihood);
    const converged = round > 0 && logLikelihood - logLikelihoods.at(-2)! < tolerance * table.count;
    if (converged || round === rounds) return { network, logLikelihoods, converged, leftOut };
    network = next();
  }
}

/** What a step learns: the shape of the network, its rows, how real columns are scaled, and how parameters are found. */
interface Lesson {
  readonly structure: MixedStructure;
  readonly table: Table;
  readonly scales: readonly (Scale | undefined)[];
  readonly prior: Prior;
  readonly law: CountLawName;
}

function step(network: MixedNetwork, lesson: Lesson) {
  const complete = completions(network, lesson);
  const expected = expectations(network, lesson);
  let [logLikelihood, leftOut] = [0, 0];
  for (let row = 0; row < lesson.table.count; row++) {
    const found = complete(row);
    if (!found) {
      leftOut++;
      continue;
    }
    logLikelihood += found.log;
    for (const way of found.ways) expected.add(row, way);
  }
  return { logLikelihood, leftOut, next: expected.maximised };
}

/** The expected statistics of all families, and the network of greatest likelihood under them. */
function expectations(network: MixedNetwork, lesson: Lesson) {
  const { structure, table, scales, prior, law } = lesson;
  const plan = planOf(network.discrete);
  const tables = plan.nodes.map(({ place }) => new Float64Array(network.discrete.nodes[place]!.table.length));
  const sums = structure.families.map((family) => noStatistics(table, family));
  const seen = structure.counts.map(({ given }) => noCounts(regimesOf(table, given)));
  const places = new Map(structure.discrete.map((column, i) => [column, i]));
  const addReal = realAdder(lesson);
  const add = (row: number, { share, states, moments }: Completion) => {
    const combination = (given: readonly number[]) =>
      given.reduce((at, p) => at * table.columns[p]!.levels!.length + states[places.get(p)!]!, 0);
    for (const node of plan.nodes) tables[node.place]![rowOf(node, states) + states[node.place]!]! += share;
    for (const [at, family] of structure.families.entries())
      addReal(sums[at]![combination(family.given)]!, family, share, moments);
    for (const [at, { child, given }] of structure.counts.entries()) {
      const value = table.values[child]![row]!;
      // A count that is missing has no children: it says nothing of its family.
      if (!Number.isNaN(value)) addCount(seen[at]![combination(given)]!, value, share);
    }
  };
  const maximised = (): MixedNetwork => ({
    name: "learnt",
    discrete: networkOf("learnt", structure.structure, { variables: plan.variables }, (node) => {
      const imagined = pseudoCounts(prior, structure.structure.names[node]!, tables[node]!.length);
      return normalisedRows(
        tables[node]!.map((c, k) => c + imagined[k]!),
        plan.nodes[node]!.width,
      );
    }),
    gaussian: gaussianNodes(structure, table, scales, (_, at) => sums[at]!),
    counts: countNodes(structure, table, { prior, law }, (_, at) => seen[at]!),
  });
  return { add, maximised };
}

/** Adds a share of E[u uᵀ], u = (1, real parents, child) standardised, to the statistics of a real column. */
function realAdder({ structure, scales }: Pick<Lesson, "structure" | "scales">) {
  const places = new Map(structure.families.map(({ child }, i) => [child, i]));
  const n = structure.families.length;
  return (into: Float64Array, { parents, child }: Family, share: number, { mean, covariance }: Moments) => {
    const own = [...parents, child].map((column) => ({ place: places.get(column)!, scale: scales[column]! }));
    const u = [1, ...own.map(({ place, scale }) => (mean[place]! - scale.mean) / scale.deviation)];
    for (let a = 0; a < u.length; a++)
      for (let b = 0; b < u.length; b++) {
        const [x, y] = [own[a - 1], own[b - 1]];
        const spread = x && y ? covariance.data[x.place * n + y.place]! / (x.scale.deviation * y.scale.deviation) : 0;
        into[a * u.length + b]! += share * (u[a]! * u[b]! + spread);
      }
  };
}

/** For each row the ways to fill it, and log p(what it shows); undefined where there are too many. */
function completions(network: MixedNetwork, { structure, table }: Lesson) {
  const { discrete, families, counts } = structure;
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
    const known = counts.flatMap(({ child }, place) => {
      const value = table.values[child]![row]!;
      return Number.isNaN(value) ? [] : [{ place, value }];
    });
    const ways = [...combinations(free, plan.variables)].map((assigned) => {
      const own = states.slice();
      for (const [v, state] of assigned) own[v] = state;
      const { moments, logDensity } = conditionNormal(normalOf(own), seen);
      const logCounts = known.reduce((sum, { place, value }) => {
        return sum + countLawOf(checked.counts[place]!, own).logProb(value);
      }, logDensity);
      const log = plan.nodes.reduce(
        (sum, node) => sum + Math.log(node.table[rowOf(node, own) + own[node.place]!]!),
        logCounts,
      );
      return { log, states: own, moments };
    });
    const log = logSumExp(ways.map((way) => way.log));
    return { log, ways: ways.map((way) => ({ ...way, share: Math.exp(way.log - log) })) };
  };
}
