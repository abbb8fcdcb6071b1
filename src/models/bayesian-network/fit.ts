import { UsageError } from "../../base/errors.ts";
import {
  chowLiu,
  type Dag,
  dagFrom,
  extensionOf,
  greedyEquivalence,
  hillClimb,
  hillClimbMixed,
  learnByEm,
  learnMixed,
  learnMixedByEm,
  learnParameters,
  type MixedNetwork,
  MOST_ROWS,
  naiveStructure,
  pcFromData,
  recordsOf,
  tabulate,
  trainNeural,
} from "../../bayes/index.ts";
import type { Column, Table } from "../../data/table/types.ts";
import { fold, type Key } from "../../random/index.ts";
import type { DirectGiven, DirectStep, Examples } from "../contract.ts";
import { type Conditional, forwardOf, type Learnt, paramsOf } from "./conditionals.ts";
import { type NetworkConfig, parseArrows } from "./options.ts";

const CHUNK = 8192;

/** All rows of a table in memory. */
export async function tableOfExamples(examples: Examples, columns: readonly Column[]): Promise<Table> {
  const width = columns.length;
  const values = columns.map(() => new Float64Array(examples.count));
  for (let start = 0; start < examples.count; start += CHUNK) {
    const { data } = await examples.read(start, Math.min(examples.count, start + CHUNK));
    for (let i = 0; i < data.length; i++) values[i % width]![start + Math.floor(i / width)] = data[i]!;
  }
  const empty = values.findIndex((column) => column.every(Number.isNaN));
  if (empty >= 0)
    throw new UsageError(
      `The column "${columns[empty]!.name}" has no value in the training rows: leave it out with --drop.`,
    );
  return { columns, count: examples.count, values, missing: values.map(() => undefined) };
}

const isDiscrete = ({ levels }: Column) => levels !== undefined;

/** The structure that the options ask for. */
export function structureOf(table: Table, config: NetworkConfig, key: Key, target?: number): Dag {
  const names = table.columns.map(({ name }) => name);
  const { structure, score, maxParents, restarts, significance } = config;
  if (structure === "given") return parseArrows(config.arrows, names);
  if (structure === "independent") return dagFrom(names.map((name) => [name, []] as const));
  if (structure === "naive") return naiveStructure(names, names[target!]!);
  const climb = { score, maxParents, restarts, key };
  if (!table.columns.every(isDiscrete)) return hillClimbMixed(table, { ...climb, law: config.counts }).dag;
  const records = recordsOf(table);
  if (structure === "chow-liu") return chowLiu(records, target === undefined ? {} : { root: names[target]! });
  if (structure === "hill-climb") return hillClimb(records, climb).dag;
  if (structure === "ges" && score !== "k2") return greedyEquivalence(records, { score, maxParents }).dag;
  const dag = extensionOf(pcFromData(records, { significance, maxGiven: 3 }).graph);
  if (dag) return dag;
  throw new UsageError(
    "The tests of PC contradict each other on these rows, so that no network has their arrows: take --set structure=hill-climb.",
  );
}

/** One step: the structure from whole rows, then its conditionals from all rows, by EM where values are missing. */
export async function* fitNetwork(
  columns: readonly Column[],
  target: number | undefined,
  config: NetworkConfig,
  given: DirectGiven,
): AsyncGenerator<DirectStep> {
  const table = await tableOfExamples(given.train, columns);
  const dag = structureOf(table, config, fold(given.key, "structure"), target);
  const learnt =
    config.conditionals === "neural"
      ? await neuralConditionals(dag, table, config, given)
      : closedConditionals(dag, table, config, given.key);
  const arrows = dag.parents.reduce((sum, list) => sum + list.length, 0);
  yield { params: paramsOf(learnt), metrics: { loss: lossOf(learnt, table), arrows }, done: 1 };
}

/** Tables, regressions and laws of counts in closed form, or by EM. */
function closedConditionals(dag: Dag, table: Table, { sampleSize, counts: law }: NetworkConfig, key: Key): Learnt {
  const prior = { kind: "bdeu", sampleSize } as const;
  const gaps = table.values.some((column) => column.some(Number.isNaN));
  if (!table.columns.every(isDiscrete))
    return learntOf(
      dag,
      table,
      gaps
        ? learnMixedByEm(dag, table, { prior, law, tolerance: 1e-5, rounds: 50 }).network
        : learnMixed(dag, table, prior, law),
    );
  const records = recordsOf(table);
  const network = gaps
    ? learnByEm(dag, records, { prior, key: fold(key, "em"), tolerance: 1e-5, rounds: 50 }).network
    : learnParameters(dag, records, prior);
  return learntOf(dag, table, { name: network.name, discrete: network, gaussian: [] });
}

function learntOf(dag: Dag, { columns }: Table, { discrete, gaussian, counts = [] }: MixedNetwork): Learnt {
  const conditionals = columns.map(({ name }): Conditional => {
    const node = discrete.nodes.find(({ variable }) => variable.name === name);
    if (node) return { kind: "table", node };
    const count = counts.find((each) => each.name === name);
    if (count) return { kind: "counts", node: count };
    return { kind: "regression", node: gaussian.find((each) => each.name === name)! };
  });
  return { columns, parents: dag.parents.map((list) => list.map((p) => dag.names[p]!)), conditionals };
}

/** A network for each column with parents, trained in the engine; among discrete columns it then becomes a table. */
async function neuralConditionals(
  dag: Dag,
  table: Table,
  { hidden, neuralSteps, sampleSize, counts: law }: NetworkConfig,
  { key, runtime }: DirectGiven,
): Promise<Learnt> {
  const alone = dagFrom(dag.names.map((name) => [name, []] as const));
  const prior = { kind: "bdeu", sampleSize } as const;
  const roots = table.columns.every(isDiscrete)
    ? { name: "roots", discrete: learnParameters(alone, recordsOf(table), prior), gaussian: [] }
    : learnMixed(alone, table, prior, law);
  const { conditionals, columns } = learntOf(dag, table, roots);
  const parents = dag.parents.map((list) => list.map((p) => dag.names[p]!));
  const trained: Conditional[] = [];
  for (const [i, { name }] of columns.entries()) {
    if (parents[i]!.length === 0) {
      trained.push(conditionals[i]!);
      continue;
    }
    const options = { hidden, steps: neuralSteps, key: fold(fold(key, "neural"), i), runtime };
    const node = await trainNeural(table, name, parents[i]!, options);
    const family = [node.child, ...node.columns];
    const rows = node.columns.reduce((size, { levels }) => size * (levels?.length ?? 1), 1);
    if (family.every(isDiscrete) && rows <= MOST_ROWS) trained.push({ kind: "table", node: tabulate(node) });
    else trained.push({ kind: "neural", node });
  }
  return { columns, parents, conditionals: trained };
}

/** Mean −log p of the known values of rows given their known parents, in nats a row. */
function lossOf(learnt: Learnt, { columns, values, count }: Table): number {
  const names = columns.map(({ name }) => name);
  let sum = 0;
  for (const [i, node] of forwardOf(learnt).entries()) {
    const above = node.parents.map((name) => values[names.indexOf(name)]!);
    let [total, seen] = [0, 0];
    for (let row = 0; row < count; row++) {
      const own = above.map((column) => column[row]!);
      if (Number.isNaN(values[i]![row]) || own.some(Number.isNaN)) continue;
      total += node.logProb(values[i]![row]!, own);
      seen++;
    }
    if (seen > 0) sum += total / seen;
  }
  return -sum;
}
