import { UsageError } from "../../base/errors.ts";
import { HostArray } from "../../base/host.ts";
import {
  chowLiu,
  type Dag,
  dagFrom,
  extensionOf,
  hillClimb,
  learnByEm,
  learnParameters,
  type Network,
  naiveStructure,
  observedLogLikelihood,
  pcFromData,
  type Records,
} from "../../bayes/index.ts";
import type { Column } from "../../data/table/types.ts";
import type { Variable } from "../../probability/tables/index.ts";
import { fold, type Key } from "../../random/index.ts";
import type { DirectGiven, DirectStep, Examples, Params } from "../contract.ts";
import { levelsOf } from "../tables.ts";
import { type NetworkConfig, parseArrows } from "./options.ts";

const CHUNK = 8192;

/** The variables of a table's columns. */
export function variablesOfColumns(columns: readonly Column[]): Variable[] {
  return columns.map((column) => {
    levelsOf(column);
    return { name: column.name, states: column.levels! };
  });
}

/** All rows of a table as records. */
export async function recordsOfExamples(examples: Examples, columns: readonly Column[]): Promise<Records> {
  const width = columns.length;
  const states = columns.map(() => new Int32Array(examples.count));
  for (let start = 0; start < examples.count; start += CHUNK) {
    const { data } = await examples.read(start, Math.min(examples.count, start + CHUNK));
    for (let i = 0; i < data.length; i++)
      states[i % width]![start + Math.floor(i / width)] = Number.isNaN(data[i]) ? -1 : data[i]!;
  }
  const empty = states.findIndex((column) => column.every((state) => state < 0));
  if (empty >= 0)
    throw new UsageError(
      `The column "${columns[empty]!.name}" has no value in the training rows: leave it out with --drop.`,
    );
  return { variables: variablesOfColumns(columns), count: examples.count, columns: states };
}

/** The structure that the options ask for. */
export function structureOf(records: Records, config: NetworkConfig, key: Key, target?: number): Dag {
  const names = records.variables.map(({ name }) => name);
  const { structure, score, maxParents, restarts, significance } = config;
  if (structure === "given") return parseArrows(config.arrows, names);
  if (structure === "independent") return dagFrom(names.map((name) => [name, []] as const));
  if (structure === "naive") return naiveStructure(names, names[target!]!);
  if (structure === "chow-liu") return chowLiu(records, target === undefined ? {} : { root: names[target]! });
  if (structure === "hill-climb") return hillClimb(records, { score, maxParents, restarts, key }).dag;
  const { graph } = pcFromData(records, { significance, maxGiven: 3 });
  const dag = extensionOf(graph);
  if (dag) return dag;
  throw new UsageError(
    "The tests of PC contradict each other on these rows, so that no network has their arrows: take --set structure=hill-climb.",
  );
}

/** One step: the structure from whole rows, then its probabilities from all rows, by EM where values are missing. */
export async function* fitNetwork(
  columns: readonly Column[],
  target: number | undefined,
  config: NetworkConfig,
  { train, key }: DirectGiven,
): AsyncGenerator<DirectStep> {
  const records = await recordsOfExamples(train, columns);
  const dag = structureOf(records, config, fold(key, "structure"), target);
  const prior = { kind: "bdeu", sampleSize: config.sampleSize } as const;
  const gaps = records.columns.some((column) => column.includes(-1));
  const network = gaps
    ? learnByEm(dag, records, { prior, key: fold(key, "em"), tolerance: 1e-5, rounds: 50 }).network
    : learnParameters(dag, records, prior);
  const loss = -observedLogLikelihood(network, records) / records.count;
  const arrows = dag.parents.reduce((sum, list) => sum + list.length, 0);
  yield { params: paramsOf(network), metrics: { loss, arrows }, done: 1 };
}

const vector = (values: ArrayLike<number>) => new HostArray("float64", [values.length], Float64Array.from(values));

/** A network as parameters: which column is a parent of which [parent, child], and each table. */
export function paramsOf({ nodes }: Network): Params {
  const names = nodes.map(({ variable }) => variable.name);
  const n = names.length;
  const arrows = new Float64Array(n * n);
  nodes.forEach(({ parents }, child) => {
    parents.forEach((name, place) => {
      arrows[names.indexOf(name) * n + child] = place + 1;
    });
  });
  return {
    arrows: new HostArray("float64", [n, n], arrows),
    tables: nodes.map(({ table }) => vector(table)),
  };
}

/** The network of parameters: arrows hold the place of a parent among the parents, from 1 on. */
export function networkOfParams(params: Params, variables: readonly Variable[]): Network {
  const { arrows, tables } = params as unknown as {
    readonly arrows: HostArray<"float64">;
    readonly tables: readonly HostArray<"float64">[];
  };
  const n = variables.length;
  const nodes = variables.map((variable, child) => {
    const places = variables.flatMap((_, parent) => {
      const place = arrows.data[parent * n + child]!;
      return place > 0 ? [[place, parent] as const] : [];
    });
    const parents = places.sort((a, b) => a[0] - b[0]).map(([, parent]) => variables[parent]!.name);
    return { variable, parents, table: tables[child]!.data };
  });
  return { name: "learnt", nodes };
}
