import { DataError, UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import type { Column, Table } from "../../data/table/types.ts";
import { type Dag, dagFrom, topologicalOrder } from "../graph/index.ts";
import { learnParameters, type Prior, pseudoCounts } from "../learning/parameters.ts";
import { recordsOf } from "../learning/records.ts";
import {
  type CountFamily,
  type CountLawName,
  type CountNode,
  type CountStatistics,
  countStatistics,
  fitCounts,
} from "./counts.ts";
import type { GaussianNode, MixedNetwork } from "./mixed.ts";
import { type Family, regressions, type Scale, type Statistics, scalesOf, statisticsOf } from "./regression.ts";

/** A structure over a table's columns, taken apart: the discrete part, and the families of real columns and of counts. */
export interface MixedStructure {
  readonly dag: Dag;
  /** The places of discrete columns, in the order of the structure's names, and the structure among them. */
  readonly discrete: readonly number[];
  readonly structure: Dag;
  readonly families: readonly Family[];
  readonly counts: readonly CountFamily[];
}

/** What a column is in a mixed network: discrete where it has levels, a count, or real. */
export const kindOf = ({ kind, levels }: Column) => (levels ? "discrete" : kind === "count" ? "count" : "real");

/** Whether an arrow may lead from one column to another: to real ones not from counts, to others from discrete ones. */
export function mayLead(from: Column, to: Column): boolean {
  return kindOf(from) === "discrete" || (kindOf(from) === "real" && kindOf(to) === "real");
}

/** Takes a structure apart; throws where an arrow leads from a count, or from a real column to another kind. */
export function mixedStructure(dag: Dag, { columns }: Pick<Table, "columns">): MixedStructure {
  topologicalOrder(dag);
  const names = columns.map(({ name }) => name);
  const place = (name: string) => {
    if (names.includes(name)) return names.indexOf(name);
    throw new UsageError(unknownName("column", name, names));
  };
  const places = dag.names.map(place);
  const kind = (at: number) => kindOf(columns[at]!);
  const isDiscrete = (at: number) => kind(at) === "discrete";
  const parentsOf = (node: number) => dag.parents[node]!.map((p) => places[p]!);
  for (const [node, at] of places.entries()) {
    const odd = parentsOf(node).find((parent) => !mayLead(columns[parent]!, columns[at]!));
    if (odd === undefined) continue;
    const cure = mayLead(columns[at]!, columns[odd]!) ? "turn the arrow round" : "take the arrow away";
    throw new UsageError(
      `"${names[at]}" is ${inWords[kind(at)]} and "${names[odd]}" ${inWords[kind(odd)]}: a ${kind(at)} variable has no ${kind(odd)} parent here; ${cure}.`,
    );
  }
  const nodes = [...places.keys()];
  const ofKind = (which: ReturnType<typeof kindOf>) => nodes.filter((node) => kind(places[node]!) === which);
  const discrete = ofKind("discrete");
  const structure = dagFrom(
    discrete.map((node) => [dag.names[node]!, parentsOf(node).map((at) => names[at]!)] as const),
  );
  const families = ofKind("real").map((node) => ({
    child: places[node]!,
    parents: parentsOf(node).filter((at) => !isDiscrete(at)),
    given: parentsOf(node).filter(isDiscrete),
  }));
  const counts = ofKind("count").map((node) => ({ child: places[node]!, given: parentsOf(node) }));
  return { dag, discrete: discrete.map((node) => places[node]!), structure, families, counts };
}

const inWords = { discrete: "discrete", real: "real", count: "a count" } as const;

/** The discrete columns of a table by place. */
export function discretePart({ columns, count, values, missing }: Table, places: readonly number[]): Table {
  return {
    columns: places.map((i) => columns[i]!),
    count,
    values: places.map((i) => values[i]!),
    missing: places.map((i) => missing[i]),
  };
}

/** The real nodes of statistics. */
export function gaussianNodes(
  { families }: MixedStructure,
  { columns }: Pick<Table, "columns">,
  scales: readonly (Scale | undefined)[],
  statistics: (family: Family, at: number) => Statistics,
): GaussianNode[] {
  return families.map((family, at): GaussianNode => {
    const name = columns[family.child]!.name;
    const sums = statistics(family, at);
    if (sums.every(([rows]) => rows === 0)) throw noRow(name);
    const fitted = regressions(sums, family, scales);
    if (!fitted)
      throw new DataError(
        `"${name}" is constant or follows exactly from its parents, or they from each other, so no density fits it: leave it out with --drop, or take away an arrow.`,
      );
    const names = (places: readonly number[]) => places.map((i) => columns[i]!.name);
    return { name, parents: names(family.parents), given: names(family.given), regimes: fitted.regimes };
  });
}

const noRow = (name: string) =>
  new DataError(`No row has values of "${name}" and all of its parents: leave the column out with --drop.`);

/** How counts are learnt: imagined rows as in tables, and their law. */
export interface CountLearning {
  readonly prior: Prior;
  readonly law: CountLawName;
}

/** The counts of statistics; the prior's imagined rows are spread over the combinations of their parents' states. */
export function countNodes(
  { counts }: MixedStructure,
  { columns }: Pick<Table, "columns">,
  { prior, law }: CountLearning,
  statistics: (family: CountFamily, at: number) => CountStatistics,
): CountNode[] {
  return counts.map((family, at) => {
    const name = columns[family.child]!.name;
    const seen = statistics(family, at);
    if (seen.every(({ size }) => size === 0)) throw noRow(name);
    const imagined = pseudoCounts(prior, name, seen.length);
    return { name, given: family.given.map((i) => columns[i]!.name), laws: fitCounts(seen, { law, imagined }).laws };
  });
}

/**
 * Parameters of a mixed network by maximum likelihood: tables and laws of counts with a prior, regressions of real columns
 * by least squares in each combination of their discrete parents' states. Rows that lack a value of a family are left out
 * of it; `learnMixedByEm` has them count for what they say. Columns with levels are discrete, others counts or real.
 */
export function learnMixed(
  dag: Dag,
  table: Table,
  prior: Prior = { kind: "bdeu", sampleSize: 1 },
  law: CountLawName = "negative-binomial",
): MixedNetwork {
  const parts = mixedStructure(dag, table);
  const scales = scalesOf(table);
  return {
    name: "learnt",
    discrete: learnParameters(parts.structure, recordsOf(discretePart(table, parts.discrete)), prior),
    gaussian: gaussianNodes(parts, table, scales, (family) => statisticsOf(table, scales, family)),
    counts: countNodes(parts, table, { prior, law }, (family) => countStatistics(table, family)),
  };
}
