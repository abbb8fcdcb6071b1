import { DataError, UsageError } from "../../base/errors.ts";
import { unknownName } from "../../base/suggest.ts";
import type { Table } from "../../data/table/types.ts";
import { type Dag, dagFrom, topologicalOrder } from "../graph/index.ts";
import { learnParameters, type Prior } from "../learning/parameters.ts";
import { recordsOf } from "../learning/records.ts";
import type { Network } from "../network.ts";
import type { GaussianNode, MixedNetwork } from "./mixed.ts";
import { type Family, regressions, type Scale, type Statistics, scalesOf, statisticsOf } from "./regression.ts";

/** A structure over a table's columns, taken apart: the discrete part, and the families of real columns. */
export interface MixedStructure {
  readonly dag: Dag;
  /** The places of discrete columns, in the order of the structure's names, and the structure among them. */
  readonly discrete: readonly number[];
  readonly structure: Dag;
  readonly families: readonly Family[];
}

/** Takes a structure apart; throws where a discrete column has a real parent. */
export function mixedStructure(dag: Dag, { columns }: Pick<Table, "columns">): MixedStructure {
  topologicalOrder(dag);
  const names = columns.map(({ name }) => name);
  const place = (name: string) => {
    if (names.includes(name)) return names.indexOf(name);
    throw new UsageError(unknownName("column", name, names));
  };
  const places = dag.names.map(place);
  const isDiscrete = (at: number) => columns[at]!.levels !== undefined;
  const parentsOf = (node: number) => dag.parents[node]!.map((p) => places[p]!);
  for (const [node, at] of places.entries()) {
    const real = isDiscrete(at) ? parentsOf(node).find((parent) => !isDiscrete(parent)) : undefined;
    if (real !== undefined)
      throw new UsageError(
        `"${names[at]}" is discrete and "${names[real]}" real: a discrete variable has no real parent here; turn the arrow round.`,
      );
  }
  const nodes = [...places.keys()];
  const discrete = nodes.filter((node) => isDiscrete(places[node]!));
  const structure = dagFrom(
    discrete.map((node) => [dag.names[node]!, parentsOf(node).map((at) => names[at]!)] as const),
  );
  const families = nodes
    .filter((node) => !isDiscrete(places[node]!))
    .map((node) => ({
      child: places[node]!,
      parents: parentsOf(node).filter((at) => !isDiscrete(at)),
      given: parentsOf(node).filter(isDiscrete),
    }));
  return { dag, discrete: discrete.map((node) => places[node]!), structure, families };
}

/** The discrete columns of a table by place. */
export function discretePart({ columns, count, values, missing }: Table, places: readonly number[]): Table {
  return {
    columns: places.map((i) => columns[i]!),
    count,
    values: places.map((i) => values[i]!),
    missing: places.map((i) => missing[i]),
  };
}

/** The mixed network of a discrete one and of the statistics of real columns. */
export function networkOfStatistics(
  discrete: Network,
  { families }: MixedStructure,
  { columns }: Pick<Table, "columns">,
  scales: readonly (Scale | undefined)[],
  statistics: (family: Family, at: number) => Statistics,
): MixedNetwork {
  const gaussian = families.map((family, at): GaussianNode => {
    const name = columns[family.child]!.name;
    const sums = statistics(family, at);
    if (sums.every(([rows]) => rows === 0))
      throw new DataError(`No row has values of "${name}" and all of its parents: leave the column out with --drop.`);
    const fitted = regressions(sums, family, scales);
    if (!fitted)
      throw new DataError(
        `"${name}" is constant or follows exactly from its parents, or they from each other, so no density fits it: leave it out with --drop, or take away an arrow.`,
      );
    const names = (places: readonly number[]) => places.map((i) => columns[i]!.name);
    return { name, parents: names(family.parents), given: names(family.given), regimes: fitted.regimes };
  });
  return { name: "learnt", discrete, gaussian };
}

/**
 * Parameters of a mixed network by maximum likelihood: tables from counts (with a prior), regressions of real columns by
 * least squares in each combination of their discrete parents' states. Rows that lack a value of a family are left out of
 * it; `learnMixedByEm` has them count for what they say. Columns with levels are discrete, all others real.
 */
export function learnMixed(dag: Dag, table: Table, prior: Prior = { kind: "bdeu", sampleSize: 1 }): MixedNetwork {
  const parts = mixedStructure(dag, table);
  const scales = scalesOf(table);
  const discrete = learnParameters(parts.structure, recordsOf(discretePart(table, parts.discrete)), prior);
  return networkOfStatistics(discrete, parts, table, scales, (family) => statisticsOf(table, scales, family));
}
