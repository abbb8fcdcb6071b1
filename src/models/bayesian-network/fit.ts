import { UsageError } from "../../base/errors.ts";
import { type Dag, MOST_ROWS, type Steps, tabulate, trainNeural } from "../../bayes/index.ts";
import type { Column, Table } from "../../data/table/types.ts";
import { fold } from "../../random/index.ts";
import type { DirectGiven, DirectStep, Examples, Named } from "../contract.ts";
import { conditionalSteps, countedConditionals } from "./closed.ts";
import { type Conditional, forwardOf, type Learnt, paramsOf } from "./conditionals.ts";
import type { NetworkConfig } from "./options.ts";
import { apart, isDiscrete, structureSteps } from "./structure.ts";

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

/** Milliseconds between two places that a fit tells of itself. */
const TELL = 100;

/**
 * One step: the structure from whole rows, then its conditionals from all rows, by EM where values are missing. On the way
 * it tells places, at which it may be stopped; it then begins anew, which gives the same network.
 */
export async function* fitNetwork(
  columns: readonly Column[],
  target: number | undefined,
  config: NetworkConfig,
  given: DirectGiven,
): AsyncGenerator<DirectStep> {
  if (given.resume && given.resume.step > 0) return;
  const table = await tableOfExamples(given.train, columns);
  const simplest = paramsOf(countedConditionals(apart(table), table, config));
  const place = (metrics: Named<number>): DirectStep => ({ params: simplest, metrics, partial: true });
  const search = structureSteps(table, config, fold(given.key, "structure"), target);
  const dag = yield* telling(search, ({ score }) => place({ score }));
  const learnt =
    config.conditionals === "neural"
      ? yield* neuralConditionals(dag, table, config, given, place)
      : yield* telling(conditionalSteps(dag, table, config, given.key), ({ round }) => place({ round }));
  const arrows = dag.parents.reduce((sum, list) => sum + list.length, 0);
  yield { params: paramsOf(learnt), metrics: { loss: lossOf(learnt, table), arrows }, done: 1 };
}

/** Goes through work in steps, telling some of them. */
async function* telling<Told, Result>(
  steps: Steps<Told, Result>,
  place: (told: Told) => DirectStep,
): AsyncGenerator<DirectStep, Result> {
  let last = performance.now();
  for (let next = steps.next(); ; next = steps.next()) {
    if (next.done) return next.value;
    if (performance.now() - last < TELL) continue;
    last = performance.now();
    yield place(next.value);
  }
}

/** A network for each column with parents, trained in the engine; among discrete columns it then becomes a table. */
async function* neuralConditionals(
  dag: Dag,
  table: Table,
  config: NetworkConfig,
  { key, runtime }: DirectGiven,
  place: (metrics: Named<number>) => DirectStep,
): AsyncGenerator<DirectStep, Learnt> {
  const { conditionals, columns } = countedConditionals(apart(table), table, config);
  const parents = dag.parents.map((list) => list.map((p) => dag.names[p]!));
  const trained: Conditional[] = [];
  for (const [i, { name }] of columns.entries()) {
    if (parents[i]!.length === 0) {
      trained.push(conditionals[i]!);
      continue;
    }
    yield place({ trained: i });
    const { hidden, neuralSteps: steps } = config;
    const options = { hidden, steps, key: fold(fold(key, "neural"), i), runtime };
    trained.push(asTable(await trainNeural(table, name, parents[i]!, options)));
  }
  return { columns, parents, conditionals: trained };
}

/** A neural conditional among discrete columns as its table, where that is small enough. */
function asTable(node: Awaited<ReturnType<typeof trainNeural>>): Conditional {
  const rows = node.columns.reduce((size, { levels }) => size * (levels?.length ?? 1), 1);
  const tabular = [node.child, ...node.columns].every(isDiscrete) && rows <= MOST_ROWS;
  return tabular ? { kind: "table", node: tabulate(node) } : { kind: "neural", node };
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
